//! Methods that teloxide does not have, or has only with parameters we cannot do without; and results.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use teloxide::requests::Payload;

/// What we want to hear of. Without a list Telegram keeps the one it had.
pub(super) const ALLOWED_UPDATES: &[&str] =
    &["message", "edited_message", "callback_query", "my_chat_member", "message_reaction", "managed_bot"];

/// `getUpdates`, whose result keeps the bytes of each update.
#[derive(Debug, Serialize)]
pub(super) struct GetUpdates {
    pub(super) offset: i64,
    /// At most 100.
    pub(super) limit: u8,
    /// Seconds to wait for the first one.
    pub(super) timeout: u64,
    pub(super) allowed_updates: &'static [&'static str],
}

impl Payload for GetUpdates {
    type Output = Vec<Box<RawValue>>;
    const NAME: &'static str = "GetUpdates";
}

/// `setWebhook`; teloxide's wants multipart for a certificate we do not have.
#[derive(Debug, Serialize)]
pub(super) struct SetWebhook<'a> {
    pub(super) url: &'a str,
    pub(super) secret_token: &'a str,
    pub(super) allowed_updates: &'static [&'static str],
    pub(super) max_connections: u8,
}

impl Payload for SetWebhook<'_> {
    type Output = bool;
    const NAME: &'static str = "SetWebhook";
}

/// `sendMessageDraft` (Bot API 9.3): shows text for half a minute, until a message or another draft.
#[derive(Debug, Serialize)]
pub(super) struct SendMessageDraft<'a> {
    pub(super) chat_id: i64,
    /// Not zero; the same for every state of one answer.
    pub(super) draft_id: i64,
    pub(super) text: &'a str,
    pub(super) parse_mode: &'static str,
}

impl Payload for SendMessageDraft<'_> {
    type Output = bool;
    const NAME: &'static str = "SendMessageDraft";
}

/// A sent message, as far as it matters.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    /// Missing only in an answer that is not as documented; the message is out all the same.
    #[serde(default)]
    pub(super) message_id: Option<i64>,
}

/// The bot itself.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) first_name: String,
}

/// Where a file lies for the next hour.
#[derive(Debug, Deserialize)]
pub(super) struct FilePath {
    pub(super) file_path: Option<String>,
    /// Bytes.
    #[serde(default)]
    pub(super) file_size: Option<u64>,
}
