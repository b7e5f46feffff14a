//! What leaves: messages, typing marks, answers that are still being written.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use coxswain_store::connections::{Connection, Credentials};
use parking_lot::Mutex;
use serde::de::IgnoredAny;
use teloxide::{
    Bot,
    payloads::{AnswerCallbackQuery, GetFile, SendChatAction, SendMessage},
    types::{
        CallbackQueryId, ChatAction, ChatId, FileId, InlineKeyboardButton, InlineKeyboardMarkup,
        LinkPreviewOptions, ParseMode, Recipient, ReplyMarkup,
    },
};
use tokio::time::Instant;
use url::Url;

use super::{
    api::{self, call},
    calls::{FilePath, SendMessageDraft, Sent},
    format::parse,
    read, rich, sources,
    split::{LIMIT, split},
};
use crate::road::{
    arrival::Arrival,
    messenger::{Accepted, Address, Bucket, Code, Draft, Messenger, Part, Refusal, Unreadable},
    sources::Sources,
};

/// For one call, there and back.
pub(super) const CALL: Duration = Duration::from_secs(15);
/// For what nobody waits for.
const MARK: Duration = Duration::from_secs(5);
/// For a file; Telegram gives at most 20 MB.
const FILE: Duration = Duration::from_mins(1);
/// Between two states of a draft in one chat.
const FRAME: Duration = Duration::from_secs(1);

/// Telegram's side of the road. Cheap to clone.
#[derive(Clone)]
pub struct Telegram(Arc<Inner>);

struct Inner {
    /// Without a token; each account's bot is made of it.
    template: Bot,
    frames: Mutex<Frames>,
}

impl Telegram {
    /// Reaches the Bot API at this address, as in `https://api.telegram.org`.
    pub fn new(api_url: &Url) -> Self {
        let template = Bot::new("").set_api_url(api_url.clone());
        Self(Arc::new(Inner { template, frames: Mutex::default() }))
    }

    /// The bot with this token. All share one client.
    pub(super) fn bot(&self, token: &str) -> Bot {
        let template = &self.0.template;
        Bot::with_client(token, template.client().clone()).set_api_url(template.api_url())
    }

    pub(super) fn bot_of(&self, connection: &Connection) -> Result<Bot, Refusal> {
        match &connection.credentials {
            Credentials::Telegram { token, .. } => Ok(self.bot(token)),
            Credentials::Whatsapp { .. } => Err(wrong(401, "this account has no bot's token")),
        }
    }
}

/// When the next state of a draft may be shown, by bot and chat.
#[derive(Default)]
struct Frames(HashMap<(String, String), Instant>);

impl Frames {
    /// Whether it may be shown now; if so, the next only after a while.
    fn is_due(&mut self, key: &(String, String), now: Instant) -> bool {
        self.0.retain(|_, next| *next > now);
        let due = !self.0.contains_key(key);
        if due {
            self.hold(key.clone(), now + FRAME);
        }
        due
    }

    fn hold(&mut self, key: (String, String), until: Instant) {
        self.0.insert(key, until);
    }
}

#[async_trait]
impl Messenger for Telegram {
    fn read(&self, connection: &Connection, raw: &[u8]) -> Result<Arrival, Unreadable> {
        read::read(raw, &connection.handle)
    }

    fn parts(&self, text: &str, sources: Option<&Sources>) -> Vec<String> {
        let mut parts = split(&parse(text), LIMIT);
        if parts.is_empty() {
            // Telegram takes no empty message, and an answer that says nothing should at least be seen.
            parts.push(parse("…"));
        }
        if let Some(sources) = sources {
            parts = sources::below(parts, sources);
        }
        parts.iter().map(rich::Rich::html).collect()
    }

    async fn send(&self, connection: &Connection, to: &Address, part: &Part) -> Result<Accepted, Refusal> {
        let bot = self.bot_of(connection)?;
        let mut message = SendMessage::new(Recipient::Id(chat(to)?), part.text.clone());
        message.parse_mode = Some(ParseMode::Html);
        message.link_preview_options = Some(LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        });
        message.reply_markup = keyboard(&part.buttons);
        let sent: Sent = match call(&bot, &message, CALL).await {
            Err(refusal) if refusal.detail.contains("can't parse entities") => {
                tracing::warn!(detail = refusal.detail, "sending a message without its formatting");
                message.parse_mode = None;
                message.text = rich::visible(&part.text);
                call(&bot, &message, CALL).await?
            }
            sent => sent?,
        };
        Ok(Accepted { message_id: sent.message_id.map(|id| id.to_string()).unwrap_or_default() })
    }

    async fn typing(&self, connection: &Connection, to: &Address) {
        let (Ok(bot), Ok(chat)) = (self.bot_of(connection), chat(to)) else { return };
        let action = SendChatAction::new(Recipient::Id(chat), ChatAction::Typing);
        if let Err(refusal) = call::<_, IgnoredAny>(&bot, &action, MARK).await {
            tracing::debug!(?refusal, "the typing mark was not shown");
        }
    }

    async fn fetch(&self, connection: &Connection, file: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
        let bot = self.bot_of(connection)?;
        let found: FilePath = call(&bot, &GetFile::new(FileId(file.to_owned())), CALL).await?;
        if found.file_size.is_some_and(|size| size > limit) {
            return Err(api::too_big());
        }
        let path = found.file_path.ok_or_else(|| wrong(400, "the file cannot be downloaded"))?;
        api::download(&bot, &path, limit, FILE).await
    }

    async fn draft(&self, connection: &Connection, to: &Address, draft: &Draft) {
        let (Ok(bot), Ok(chat)) = (self.bot_of(connection), chat(to)) else { return };
        let key = (connection.provider_id.clone(), to.user.clone());
        if !self.0.frames.lock().is_due(&key, Instant::now()) {
            return;
        }
        // Of a long answer the part that is being written.
        let parts = self.parts(&draft.text, None);
        let text = parts.last().map_or("", String::as_str);
        let frame = SendMessageDraft { chat_id: chat.0, draft_id: draft.id, text, parse_mode: "HTML" };
        if let Err(refusal) = call::<_, IgnoredAny>(&bot, &frame, MARK).await {
            tracing::debug!(?refusal, "the draft was not shown");
            if let Some(wait) = refusal.retry_after {
                self.0.frames.lock().hold(key, Instant::now() + wait);
            }
        }
    }

    async fn tapped(&self, connection: &Connection, query_id: &str) {
        let Ok(bot) = self.bot_of(connection) else { return };
        let answer = AnswerCallbackQuery::new(CallbackQueryId(query_id.to_owned()));
        if let Err(refusal) = call::<_, IgnoredAny>(&bot, &answer, MARK).await {
            // After two and a half minutes Telegram does not want it any more.
            tracing::debug!(?refusal, "the tap was not answered");
        }
    }

    fn plain(&self, part: &str) -> String {
        rich::escaped(&rich::visible(part))
    }

    fn buckets(&self, connection: &Connection, to: &Address) -> Vec<Bucket> {
        let bot = &connection.provider_id;
        // Telegram's limits are about 30 a second for a bot and one a second in a chat.
        vec![
            Bucket { key: format!("tg:bot:{bot}"), rate: 25.0, burst: 5.0 },
            Bucket { key: format!("tg:chat:{bot}:{}", to.user), rate: 1.0, burst: 1.0 },
        ]
    }
}

/// One button in a row, so that none is cut off on a telephone.
fn keyboard(buttons: &[(String, String)]) -> Option<ReplyMarkup> {
    if buttons.is_empty() {
        return None;
    }
    let rows = buttons.iter().map(|(token, title)| [InlineKeyboardButton::callback(title, token)]);
    Some(ReplyMarkup::InlineKeyboard(InlineKeyboardMarkup::new(rows)))
}

fn chat(to: &Address) -> Result<ChatId, Refusal> {
    to.user.parse().map(ChatId).map_err(|_| wrong(400, "chat not found: its id is not a number"))
}

fn wrong(status: u16, detail: &str) -> Refusal {
    Refusal { code: Code::Telegram(status), detail: detail.to_owned(), retry_after: None }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{FRAME, Frames};

    #[test]
    fn a_chat_sees_one_state_of_a_draft_a_second_and_none_while_telegram_wants_rest() {
        let (mut frames, start) = (Frames::default(), Instant::now());
        let key = |chat: &str| ("71".to_owned(), chat.to_owned());
        assert!(frames.is_due(&key("5"), start));
        assert!(!frames.is_due(&key("5"), start + FRAME / 2));
        assert!(frames.is_due(&key("6"), start + FRAME / 2));
        assert!(frames.is_due(&key("5"), start + FRAME));
        frames.hold(key("5"), start + Duration::from_mins(1));
        assert!(!frames.is_due(&key("5"), start + Duration::from_secs(59)));
        assert!(frames.is_due(&key("5"), start + Duration::from_mins(1)));
    }
}
