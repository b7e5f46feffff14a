//! The double as a person looks at it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    FakeTelegram,
    state::{Draft, Message, WebhookInfo},
};

/// A bot.
#[derive(Clone, Debug, Serialize)]
pub struct BotView {
    /// Telegram's id of it.
    pub id: i64,
    /// What it authenticates with.
    pub token: String,
    /// Without the `@`.
    pub username: String,
    /// For people to read.
    pub name: String,
    /// Where its updates are posted.
    pub webhook: Option<WebhookInfo>,
    /// Updates that are not confirmed.
    pub pending: usize,
    /// Its commands, as it set them.
    pub commands: serde_json::Value,
}

/// A person.
#[derive(Clone, Debug, Serialize)]
pub struct PersonView {
    /// Telegram's id of them and of their chats.
    pub id: i64,
    /// What they are called.
    pub first_name: String,
}

/// What a person sees of a chat with a bot.
#[derive(Clone, Debug, Serialize)]
pub struct ChatView {
    /// The bot.
    pub bot: i64,
    /// The person.
    pub person: i64,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// What is being written.
    pub draft: Option<Draft>,
    /// When the bot last showed an action; it is seen for 5 s.
    pub action_at: Option<DateTime<Utc>>,
    /// Whether the person has blocked the bot.
    pub blocked: bool,
}

impl FakeTelegram {
    /// Every bot.
    pub fn bots(&self) -> Vec<BotView> {
        let state = self.shared.state.lock();
        let view = |(&id, bot): (&i64, &super::state::Bot)| BotView {
            id,
            token: bot.token.clone(),
            username: bot.username.clone(),
            name: bot.name.clone(),
            webhook: bot.webhook.clone(),
            pending: bot.queue.len(),
            commands: bot.commands.clone(),
        };
        state.bots.iter().map(view).collect()
    }

    /// Every person.
    pub fn people(&self) -> Vec<PersonView> {
        let state = self.shared.state.lock();
        let view = |(&id, person): (&i64, &super::state::Person)| PersonView {
            id,
            first_name: person.first_name.clone(),
        };
        state.people.iter().map(view).collect()
    }

    /// Every chat in which something was said.
    pub fn chats(&self) -> Vec<ChatView> {
        let state = self.shared.state.lock();
        let view = |(&(bot, person), chat): (&(i64, i64), &super::state::Chat)| ChatView {
            bot,
            person,
            messages: chat.messages.clone(),
            draft: chat.draft.clone(),
            action_at: chat.action.as_ref().map(|(_, at)| *at),
            blocked: chat.blocked,
        };
        state.chats.iter().map(view).collect()
    }
}
