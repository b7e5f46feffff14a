//! What the double remembers.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::{Callback, customer::Customer};

/// One call of the Graph API.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The object that was called: a number, a business account, a file.
    pub object: String,
    /// What of it, as in `messages`; empty for the object itself.
    pub edge: String,
    /// The body, where it was JSON.
    pub body: Value,
    /// The HTTP status it was answered with.
    pub status: u16,
    /// Whether the answer was kept from the caller on purpose.
    pub answer_lost: bool,
}

/// One message of a chat, as the customer sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Meta's id of it.
    pub wamid: String,
    /// Whether the business wrote it.
    pub from_business: bool,
    /// `text`, `interactive`, `template`, `image`, ….
    pub kind: String,
    /// What can be read.
    pub text: String,
    /// What can be tapped.
    pub offers: Vec<Offer>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// The latest status that was reported: `accepted`, `sent`, `delivered`, `read`, `failed`.
    /// For the customer's own: `read` once the business marked it.
    pub status: String,
    /// Why it failed.
    pub code: Option<i64>,
    /// What the business wanted to have back.
    pub opaque: Option<String>,
}

/// A button or a row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// What comes back when it is tapped.
    pub id: String,
    /// What is on it.
    pub title: String,
    /// What stands below, for rows.
    pub description: Option<String>,
    /// Whether it is a row of a list.
    pub row: bool,
}

/// A message template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language, as Meta writes it: `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` or `DISABLED`.
    pub status: String,
    /// The body, with `{{1}}` for the first parameter.
    pub body: String,
}

pub(super) struct Number {
    pub(super) business: String,
    pub(super) token: String,
    pub(super) name: String,
    pub(super) display: String,
}

#[derive(Default)]
pub(super) struct Chat {
    pub(super) messages: Vec<Message>,
    pub(super) last_inbound: Option<DateTime<Utc>>,
    /// The business shows that it is writing, since then.
    pub(super) typing: Option<DateTime<Utc>>,
}

pub(super) struct Stored {
    /// The number that may fetch it.
    pub(super) number: String,
    pub(super) mime: String,
    pub(super) bytes: Vec<u8>,
}

/// A change that is to be reported.
#[derive(Clone)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) tries: u32,
    /// Changes of one customer are not under way at the same time.
    pub(super) lane: String,
    pub(super) business: String,
    pub(super) field: String,
    pub(super) value: Value,
}

#[derive(Default)]
pub(super) struct State {
    /// By `phone_number_id`.
    pub(super) numbers: BTreeMap<String, Number>,
    /// By business account.
    pub(super) templates: HashMap<String, Vec<Template>>,
    /// By business-scoped user id.
    pub(super) customers: BTreeMap<String, Customer>,
    /// By number and customer.
    pub(super) chats: HashMap<(String, String), Chat>,
    pub(super) files: HashMap<String, Stored>,
    pub(super) callback: Option<Callback>,
    pub(super) due: Vec<Due>,
    pub(super) in_flight: HashSet<String>,
    pub(super) next_due: u64,
    pub(super) calls: Vec<Call>,
}

impl State {
    pub(super) fn chat(&mut self, number: &str, customer: &str) -> &mut Chat {
        self.chats.entry((number.to_owned(), customer.to_owned())).or_default()
    }

    pub(super) fn message(&mut self, number: &str, customer: &str, wamid: &str) -> Option<&mut Message> {
        let chat = self.chats.get_mut(&(number.to_owned(), customer.to_owned()))?;
        chat.messages.iter_mut().find(|message| message.wamid == wamid)
    }
}
