//! Connections: how a messenger account is reached, with its secrets and its state.

use std::fmt;

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId, channel::ChannelKind};
use serde::{Deserialize, Serialize};

/// One messenger account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The channel account it belongs to.
    pub channel_account_id: ChannelAccountId,
    /// Whose it is.
    pub creator_id: CreatorId,
    /// Which messenger.
    pub kind: ChannelKind,
    /// The provider's own id for it: the bot's id, the `phone_number_id`.
    pub provider_id: String,
    /// What people know it by: the bot's user name, the phone number.
    pub handle: String,
    /// Tokens and secrets.
    pub credentials: Credentials,
    /// What the creator has decided about it.
    pub settings: ConnectionSettings,
    /// Whether it works.
    pub state: ConnectionState,
    /// Why it does not, for people to read.
    pub state_reason: Option<String>,
    /// Telegram long polling: the next update to ask for.
    pub next_update: i64,
    /// When the provider last confirmed the credentials.
    pub checked_at: DateTime<Utc>,
}

/// Tokens and secrets of one account. `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Credentials {
    /// A Telegram bot.
    Telegram {
        /// The bot's token.
        token: String,
        /// What Telegram must send in `X-Telegram-Bot-Api-Secret-Token`.
        webhook_secret: String,
    },
    /// A `WhatsApp` number.
    Whatsapp {
        /// Bearer token for the Graph API.
        access_token: String,
        /// The `WhatsApp` Business Account the templates belong to.
        business_account_id: String,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credentials(hidden)")
    }
}

/// What the creator has decided about a messenger account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionSettings {
    /// Telegram: by webhook instead of long polling.
    pub webhook: bool,
    /// Telegram commands beside `/start`, `/stop` and `/human`: name and the text they answer.
    pub commands: Vec<(String, String)>,
    /// What a person reads on `/start`.
    pub greeting: String,
    /// `WhatsApp`: the template, with its language, that carries a check-in outside the 24-hour window.
    /// Its one parameter is the check-in's text.
    pub nudge_template: Option<(String, String)>,
}

/// Whether a messenger account works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// It works.
    Connected,
    /// Nothing is sent until a person looks: restricted, unpaid, without permission, switched off.
    Paused,
    /// The token is worth nothing any more.
    Revoked,
}
