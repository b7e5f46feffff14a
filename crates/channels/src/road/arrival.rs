//! What arrives from a messenger, in words all messengers share.

use chrono::{DateTime, Utc};

/// One thing that happened at a provider, made of one inbox row.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Who did it.
    pub sender: Sender,
    /// When, by the provider's clock.
    pub sent_at: DateTime<Utc>,
    /// The provider's id of the message it is about, where it has one (to answer, to mark as read).
    pub message_id: Option<String>,
    /// What happened.
    pub content: Content,
}

/// A person as their messenger names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The provider's id for them, and where to answer: a Telegram private chat's id, a business-scoped user id,
    /// or (for `WhatsApp` senders without one) the phone number's digits.
    pub id: String,
    /// Other ids of the same person on this account: the phone number beside the business-scoped id, a previous one.
    pub aliases: Vec<String>,
    /// Their own name, for people to read.
    pub name: Option<String>,
    /// BCP 47 tag, where the provider tells.
    pub locale: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// They wrote, or tapped something that only carries its own words.
    Text(String),
    /// They tapped a button or a list row of ours.
    Choice {
        /// What we put into it.
        token: String,
        /// What they saw on it.
        title: String,
        /// Telegram's callback query, which wants an answer within seconds.
        query_id: Option<String>,
    },
    /// A command to a bot, as in `/start CODE`.
    Command {
        /// Without the slash and the bot's name, in lower case.
        name: String,
        /// What follows it.
        argument: String,
    },
    /// A picture, a recording, a film or a file.
    Media(Media),
    /// A place. Degrees.
    Location {
        /// North.
        latitude: f64,
        /// East.
        longitude: f64,
        /// What it is called.
        name: Option<String>,
    },
    /// Somebody's contact: names and numbers, for people to read.
    Contact(String),
    /// An emoji on a message; `None` takes it away.
    Reaction {
        /// The message it is on.
        target: String,
        /// The emoji.
        emoji: Option<String>,
    },
    /// They changed what they had written.
    Edited {
        /// The message they changed.
        target: String,
        /// What it says now.
        text: String,
    },
    /// They took a message back.
    Revoked {
        /// The message.
        target: String,
    },
    /// How far a message of ours has come.
    Status(Status),
    /// They want nothing unprompted any more (`true`), or want it again.
    OptOut(bool),
    /// They blocked the bot (`false`), or unblocked it.
    Reachable(bool),
    /// Their chat, or they themselves, have another id from now on.
    Moved {
        /// The id until now.
        from: String,
        /// The id from now on.
        to: String,
    },
    /// Something we do not handle; its kind as the provider names it. A person who sent it is told.
    Unsupported {
        /// The provider's name for it.
        kind: String,
        /// Whether a person sent it and waits for an answer.
        wants_answer: bool,
    },
    /// News about the account itself: restricted, template rejected, quality lowered.
    Account {
        /// What it is about, as the provider names it.
        field: String,
        /// For people to read.
        detail: String,
        /// What follows from it, where something does.
        news: Option<News>,
    },
}

/// What news about an account mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// About one template.
    Template(TemplateNews),
    /// How the account stands with the provider; what is `None` stays as it was.
    Standing(StandingNews),
    /// The provider has closed the account.
    Closed,
    /// The account is open again.
    Open,
    /// Nothing unprompted may be sent, until then where the provider says.
    NoNudges(Option<DateTime<Utc>>),
}

/// What a provider says about a template; what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateNews {
    /// Its name.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// Whether it may be sent, as lists of templates say it: `APPROVED`, `PAUSED`, …
    pub state: Option<String>,
    /// Why it may not, for people to read.
    pub reason: Option<String>,
    /// How people like it.
    pub quality: Option<String>,
    /// What it is for.
    pub category: Option<String>,
}

/// How an account stands with its provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingNews {
    /// The number it is about, digits only; `None`: all of the business account.
    pub number: Option<String>,
    /// How people like what it sends.
    pub quality: Option<String>,
    /// How many people may be written to first in a day, as the provider names it.
    pub tier: Option<String>,
}

/// A file a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// By which it is fetched from the provider.
    pub provider_file_id: String,
    /// As the provider says.
    pub mime: Option<String>,
    /// Its name, for documents.
    pub file_name: Option<String>,
    /// Bytes, where the provider tells.
    pub size: Option<u64>,
    /// What they wrote with it.
    pub caption: Option<String>,
}

/// Kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Photo,
    /// A spoken message.
    Voice,
    /// A recording that was not spoken into the chat.
    Audio,
    /// A film.
    Video,
    /// A sticker.
    Sticker,
    /// Any other file.
    Document,
}

/// How far a message of ours has come, as a provider tells later.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The provider's id of the message.
    pub message_id: String,
    /// Our outbox id, where the provider gives it back.
    pub opaque: Option<String>,
    /// How far.
    pub reached: Reached,
    /// Why it failed, for `Failed`.
    pub refusal: Option<super::messenger::Refusal>,
    /// What it cost, as the provider says it.
    pub pricing: Option<serde_json::Value>,
}

/// Stages of delivery, in their order; a later one is never undone by an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// The provider sent it on.
    Sent,
    /// The provider gave up. A delivery that is reported afterwards still counts.
    Failed,
    /// It is on the client's device.
    Delivered,
    /// They saw it.
    Read,
}
