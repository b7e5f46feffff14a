//! Connecting a bot: whose token it is, how its updates come, and whether it can be heard.

use coxswain_domain::ChannelAccountId;
use coxswain_store::connections::{Connection, Credentials};
use serde::de::IgnoredAny;
use teloxide::{
    payloads::{DeleteWebhook, GetMe, SendMessage, SetMyCommands},
    types::{BotCommand, ChatId, Recipient},
};
use url::Url;

use super::{
    Telegram,
    advice::told,
    api::call,
    calls::{ALLOWED_UPDATES, Me, Sent, SetWebhook},
    send::CALL,
};
use crate::road::messenger::{Code, Refusal};

/// Requests Telegram may make at once for one bot.
const MAX_CONNECTIONS: u8 = 40;
/// Longest description of a command, in characters.
const DESCRIPTION: usize = 256;

/// A bot, as its token tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotAccount {
    /// The bot's id.
    pub id: String,
    /// Its user name, without `@`.
    pub handle: String,
    /// What it calls itself.
    pub name: String,
}

/// Why a bot could not be connected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Telegram refused, or was not reached.
    #[error("{}", .0.detail)]
    Refused(Refusal),
    /// This server lacks what it takes. Says what to set.
    #[error("{0}")]
    NotSetUp(String),
}

impl From<Refusal> for ConnectError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(told(refusal))
    }
}

impl Telegram {
    /// Whose bot a token is. Changes nothing at Telegram.
    pub async fn check(&self, token: &str) -> Result<BotAccount, Refusal> {
        let token = token.trim();
        if !looks_like_a_token(token) {
            let detail = "This is no bot's token. @BotFather gives one like 123456:ABC-DEF (/mybots, your bot, API Token).".to_owned();
            return Err(Refusal { code: Code::Telegram(401), detail, retry_after: None });
        }
        let me: Me = call(&self.bot(token), &GetMe::new(), CALL).await.map_err(told)?;
        Ok(BotAccount { id: me.id.to_string(), handle: me.username, name: me.first_name })
    }

    /// Has updates flow as the connection's settings say: sets the webhook below `public_url`, or removes it,
    /// so that a poller can ask. Registers the commands. Doing it twice is no matter.
    pub async fn attach(
        &self,
        connection: &Connection,
        public_url: Option<&Url>,
    ) -> Result<(), ConnectError> {
        let bot = self.bot_of(connection)?;
        if connection.settings.webhook {
            let url = webhook_url(public_url, connection.channel_account_id)?;
            let Credentials::Telegram { webhook_secret, .. } = &connection.credentials else {
                return Err(ConnectError::NotSetUp("this account is not a bot".to_owned()));
            };
            let webhook = SetWebhook {
                url: url.as_str(),
                secret_token: webhook_secret,
                allowed_updates: ALLOWED_UPDATES,
                max_connections: MAX_CONNECTIONS,
            };
            call::<_, IgnoredAny>(&bot, &webhook, CALL).await?;
        } else {
            // What waits at Telegram stays there, for the poller to ask for.
            call::<_, IgnoredAny>(&bot, &DeleteWebhook::new(), CALL).await?;
        }
        call::<_, IgnoredAny>(&bot, &SetMyCommands::new(commands(connection)), CALL).await?;
        Ok(())
    }

    /// Ends the flow of updates by webhook; a poller ends by itself. What waits at Telegram stays there.
    pub async fn detach(&self, connection: &Connection) -> Result<(), Refusal> {
        let bot = self.bot_of(connection)?;
        call::<_, IgnoredAny>(&bot, &DeleteWebhook::new(), CALL).await?;
        Ok(())
    }

    /// Sends one plain text at once, past the outbox. The id of the message.
    pub async fn send_test(
        &self,
        connection: &Connection,
        chat: &str,
        text: &str,
    ) -> Result<String, Refusal> {
        let bot = self.bot_of(connection)?;
        let chat = chat.trim().parse().map(ChatId).map_err(|_| Refusal {
            code: Code::Telegram(400),
            detail: "a chat's id is a number".to_owned(),
            retry_after: None,
        })?;
        let sent: Sent = call(&bot, &SendMessage::new(Recipient::Id(chat), text), CALL).await?;
        Ok(sent.message_id.map(|id| id.to_string()).unwrap_or_default())
    }
}

fn looks_like_a_token(token: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    token.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty()
            && id.chars().all(|letter| letter.is_ascii_digit())
            && !secret.is_empty()
            && secret.chars().all(plain)
    })
}

fn webhook_url(public_url: Option<&Url>, account: ChannelAccountId) -> Result<Url, ConnectError> {
    let missing = || {
        let detail =
            "A webhook needs an address Telegram can reach: set server.public_url, or let the bot poll.";
        ConnectError::NotSetUp(detail.to_owned())
    };
    let mut url = public_url.ok_or_else(missing)?.clone();
    url.path_segments_mut().map_err(|()| missing())?.pop_if_empty().extend([
        "hooks",
        "telegram",
        &account.to_string(),
    ]);
    Ok(url)
}

/// The creator's commands behind those every bot knows. Telegram refuses the whole list for one bad name.
fn commands(connection: &Connection) -> Vec<BotCommand> {
    let known =
        [("start", "Begin"), ("human", "Talk to a person"), ("stop", "No messages you did not ask for")];
    let own = connection.settings.commands.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut listed: Vec<BotCommand> = Vec::new();
    for (name, text) in known.into_iter().chain(own) {
        let name = name.trim().trim_start_matches('/').to_ascii_lowercase();
        let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let description: String =
            text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(DESCRIPTION).collect();
        let wellformed = (1..=32).contains(&name.len()) && name.chars().all(good) && !description.is_empty();
        if wellformed && listed.iter().all(|other| other.command != name) {
            listed.push(BotCommand::new(name, description));
        }
    }
    listed.truncate(100);
    listed
}
