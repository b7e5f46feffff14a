//! What the road asks of a messenger.

use std::time::Duration;

use async_trait::async_trait;
use coxswain_domain::OutboxId;
use coxswain_store::connections::Connection;

use super::{arrival::Arrival, sources::Sources};

/// One messenger's side of the road: reads what arrived, writes what leaves. Stateless; accounts are given.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Makes an event of the raw bytes of one inbox row. The error is for people to read; the bytes are kept.
    fn read(&self, connection: &Connection, raw: &[u8]) -> Result<Arrival, Unreadable>;

    /// Cuts a message into parts that the messenger takes, in its own markup, with what it stands on below the text.
    /// At least one, the same every time.
    fn parts(&self, text: &str, sources: Option<&Sources>) -> Vec<String>;

    /// Sends one part. Waits for the provider's answer, at most some 15 seconds.
    async fn send(&self, connection: &Connection, to: &Address, part: &Part) -> Result<Accepted, Refusal>;

    /// Shows that an answer is being written. Failing is no matter.
    async fn typing(&self, connection: &Connection, to: &Address);

    /// Fetches a file a client sent, at most `limit` bytes.
    async fn fetch(&self, connection: &Connection, file: &str, limit: u64) -> Result<Vec<u8>, Refusal>;

    /// Shows an answer that is still being written, where the messenger can. Failing is no matter.
    async fn draft(&self, _connection: &Connection, _to: &Address, _draft: &Draft) {}

    /// Tells the provider that a tap on a button arrived, where it waits for that. Failing is no matter.
    async fn tapped(&self, _connection: &Connection, _query_id: &str) {}

    /// The words of a part without its markup, as the messenger takes them.
    fn plain(&self, part: &str) -> String {
        part.to_owned()
    }

    /// Buckets that a message to `to` takes a token of.
    fn buckets(&self, connection: &Connection, to: &Address) -> Vec<Bucket>;
}

/// Why raw bytes could not be made an event of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Where to send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The identity's provider id: chat id, business-scoped user id or phone number.
    pub user: String,
    /// The phone number, where known and different.
    pub phone: Option<String>,
    /// The provider's id of the latest message from them, for read and typing marks.
    pub last_message_id: Option<String>,
}

/// What to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Given to the provider to give back, where it can.
    pub outbox: OutboxId,
    /// The text, in the messenger's own markup; made by [`Messenger::parts`].
    pub text: String,
    /// Buttons under it: (token, title).
    pub buttons: Vec<(String, String)>,
    /// Outside the 24-hour window: the template to send instead of free text.
    pub template: Option<TemplateUse>,
}

/// An answer that is still being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The same for every state of one answer; not zero.
    pub id: i64,
    /// Its text so far, as the engine writes it.
    pub text: String,
}

/// A template with its parameters filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUse {
    /// Its name.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// Body parameters, in order.
    pub parameters: Vec<String>,
}

/// The provider took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id for it.
    pub message_id: String,
}

/// The provider did not take it, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's number for it: Meta's error code; Telegram's HTTP status.
    pub code: Code,
    /// What the provider wrote, without secrets.
    pub detail: String,
    /// The provider's own wish.
    pub retry_after: Option<Duration>,
}

/// What kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// An error code of Meta's Graph API.
    Meta(i64),
    /// Telegram: HTTP status.
    Telegram(u16),
    /// An HTTP status without a code of the provider in the body.
    Http(u16),
    /// The connection could not be made: surely not delivered.
    Unreachable,
    /// It broke off or timed out after the request was sent: perhaps delivered.
    Ambiguous,
    /// The group chat became another one.
    Migrated {
        /// Its id from now on.
        to: String,
    },
}

/// A rate that messages have to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Unique over all creators: `tg:bot:ID`, `tg:chat:BOT:CHAT`, `wa:number:ID`, `wa:pair:ID:USER`, `wa:portfolio:ID`.
    pub key: String,
    /// Tokens per second.
    pub rate: f64,
    /// Most that can be saved up.
    pub burst: f64,
}

impl Bucket {
    /// Whether it belongs to one recipient only, so that closing it delays nobody else.
    pub fn is_of_recipient(&self) -> bool {
        self.key.starts_with("tg:chat:") || self.key.starts_with("wa:pair:")
    }
}
