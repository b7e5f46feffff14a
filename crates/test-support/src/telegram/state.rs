//! What the double remembers.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::html::Entity;

/// One call of the Bot API.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The bot that called.
    pub bot: i64,
    /// The method, as it was written.
    pub method: String,
    /// Its parameters.
    pub params: Map<String, Value>,
    /// The HTTP status it was answered with.
    pub status: u16,
    /// Whether the answer was kept from the caller on purpose.
    pub answer_lost: bool,
    /// The message it made or changed.
    pub message_id: Option<i64>,
}

/// One message of a chat, as the person sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Unique within the bot.
    pub message_id: i64,
    /// Whether the bot wrote it.
    pub from_bot: bool,
    /// What can be read, after parsing entities.
    pub text: String,
    /// Its formatting.
    pub entities: Vec<Entity>,
    /// Rows of buttons under it.
    pub buttons: Vec<Vec<Button>>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it was last edited.
    pub edited_at: Option<DateTime<Utc>>,
    /// What answer to a tap the person saw last.
    pub toast: Option<String>,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What is on it.
    pub text: String,
    /// What a tap sends to the bot.
    pub callback_data: Option<String>,
    /// What a tap opens.
    pub url: Option<String>,
}

/// A message that is being written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Draft {
    /// Chosen by the bot.
    pub draft_id: i64,
    /// As far as it is written; empty means "Thinking…".
    pub text: String,
    /// Its formatting.
    pub entities: Vec<Entity>,
}

/// A bot's webhook, as `getWebhookInfo` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookInfo {
    /// Where updates go.
    pub url: String,
    /// What goes with them in `X-Telegram-Bot-Api-Secret-Token`.
    #[serde(skip)]
    pub secret_token: Option<String>,
    /// Deliveries at once, at most.
    pub max_connections: i64,
    /// Why the last failed delivery failed.
    pub last_error_message: Option<String>,
    /// When it failed, in Unix seconds.
    pub last_error_date: Option<i64>,
}

/// An update that is not confirmed.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) update_id: i64,
    /// Updates of one lane are delivered one after the other.
    pub(super) lane: Lane,
    pub(super) body: Value,
    /// Delivered once more after it was taken.
    pub(super) again: bool,
    pub(super) wait: std::time::Duration,
}

/// Messages wait for those of their chat, taps for those of their person.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Chat(i64),
    Taps(i64),
}

pub(super) struct Bot {
    pub(super) token: String,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) revoked: bool,
    pub(super) webhook: Option<WebhookInfo>,
    pub(super) allowed: Vec<String>,
    pub(super) next_update: i64,
    pub(super) next_message: i64,
    pub(super) queue: VecDeque<Pending>,
    /// Lanes a delivery is working on.
    pub(super) working: HashSet<Lane>,
    /// Which `getUpdates` is the latest; it ends the others.
    pub(super) poller: u64,
    /// Taps that want an answer, with the message they were made on.
    pub(super) taps: HashMap<String, (i64, i64)>,
    pub(super) commands: Value,
}

pub(super) struct Person {
    pub(super) first_name: String,
    pub(super) language: String,
    pub(super) deactivated: bool,
}

#[derive(Default)]
pub(super) struct Chat {
    pub(super) started: bool,
    pub(super) blocked: bool,
    pub(super) migrated_to: Option<i64>,
    pub(super) messages: Vec<Message>,
    pub(super) draft: Option<Draft>,
    /// The latest chat action and when it was sent; it is shown for 5 s.
    pub(super) action: Option<(String, DateTime<Utc>)>,
}

pub(super) struct Stored {
    pub(super) bot: i64,
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) bots: BTreeMap<i64, Bot>,
    pub(super) people: BTreeMap<i64, Person>,
    /// By bot and person.
    pub(super) chats: HashMap<(i64, i64), Chat>,
    /// By `file_id`.
    pub(super) files: HashMap<String, Stored>,
    pub(super) calls: Vec<Call>,
}
