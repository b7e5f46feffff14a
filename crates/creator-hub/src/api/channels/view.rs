//! How channels look.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, channel::ChannelKind};
use coxswain_store::{channel_accounts::ChannelAccount, connections};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a messenger account works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConnectionState {
    /// It works.
    Connected,
    /// Nothing is sent until a person looks: switched off, restricted, unpaid, without permission.
    Paused,
    /// Its token is worth nothing any more: connect it again with a new one.
    Revoked,
}

impl From<connections::ConnectionState> for ConnectionState {
    fn from(state: connections::ConnectionState) -> Self {
        match state {
            connections::ConnectionState::Connected => Self::Connected,
            connections::ConnectionState::Paused => Self::Paused,
            connections::ConnectionState::Revoked => Self::Revoked,
        }
    }
}

/// A command people may send to a bot, beside `/start`, `/stop` and `/human`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BotCommand {
    /// Without its slash: small letters, digits and `_`.
    pub(super) name: String,
    /// What it answers.
    pub(super) text: String,
}

/// A template by its name and language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateRef {
    /// Its name.
    pub(super) name: String,
    /// Its language, as the provider writes it.
    pub(super) language: String,
}

/// What the creator has decided about a messenger account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ConnectionSettings {
    /// Telegram: by webhook instead of long polling.
    webhook: bool,
    /// What a person reads first; empty for the usual words.
    greeting: String,
    /// Telegram: commands of the creator's own.
    commands: Vec<BotCommand>,
    /// `WhatsApp`: the template that carries a check-in outside the 24-hour window, as its one parameter.
    nudge_template: Option<TemplateRef>,
    /// `WhatsApp`: the portfolio at Meta whose numbers share one limit; null: the business account counts alone.
    portfolio: Option<String>,
}

impl From<connections::ConnectionSettings> for ConnectionSettings {
    fn from(settings: connections::ConnectionSettings) -> Self {
        let command = |(name, text)| BotCommand { name, text };
        Self {
            webhook: settings.webhook,
            greeting: settings.greeting,
            commands: settings.commands.into_iter().map(command).collect(),
            nudge_template: settings.nudge_template.map(|(name, language)| TemplateRef { name, language }),
            portfolio: settings.portfolio,
        }
    }
}

/// How a messenger account is reached, and whether it works. Its tokens are never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Connection {
    /// What people know it by: the bot's user name, the phone number.
    handle: String,
    /// The provider's own id for it.
    provider_id: String,
    /// Whether it works.
    state: ConnectionState,
    /// Why it does not, in a sentence.
    state_reason: Option<String>,
    /// When the provider last confirmed its token.
    checked_at: DateTime<Utc>,
    /// What the creator has decided about it.
    settings: ConnectionSettings,
    /// The address that opens a chat with it.
    link: Option<String>,
}

impl From<connections::Connection> for Connection {
    fn from(connection: connections::Connection) -> Self {
        Self {
            link: chat_link(&connection, None),
            handle: connection.handle,
            provider_id: connection.provider_id,
            state: connection.state.into(),
            state_reason: connection.state_reason,
            checked_at: connection.checked_at,
            settings: connection.settings.into(),
        }
    }
}

/// One way people reach the creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Channel {
    /// Its id.
    id: ChannelAccountId,
    /// What kind of channel.
    kind: ChannelKind,
    /// What the team calls it.
    name: String,
    /// Whether clients may use it.
    enabled: bool,
    /// For `If-Match`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// How it is reached. A widget has none: see channel accounts.
    connection: Option<Connection>,
}

impl Channel {
    /// A channel account with its connection, if it is a messenger's.
    pub(super) fn new(account: ChannelAccount, connection: Option<connections::Connection>) -> Self {
        Self {
            id: account.id,
            kind: account.kind,
            name: account.name,
            enabled: account.enabled,
            version: account.version,
            created_at: account.created_at,
            connection: connection.map(Into::into),
        }
    }
}

/// The address that opens a chat with an account. With `code` (made of `A-Za-z0-9_-`), one that hands it over
/// as the chat's first words.
pub(in crate::api) fn chat_link(connection: &connections::Connection, code: Option<&str>) -> Option<String> {
    match connection.kind {
        ChannelKind::Telegram => {
            let start = code.map(|code| format!("?start={code}")).unwrap_or_default();
            Some(format!("https://t.me/{}{start}", connection.handle))
        }
        ChannelKind::Whatsapp => {
            let number: String = connection.handle.chars().filter(char::is_ascii_digit).collect();
            let text = code.map(|code| format!("?text=LINK%20{code}")).unwrap_or_default();
            Some(format!("https://wa.me/{number}{text}"))
        }
        ChannelKind::Widget => None,
    }
}

/// A channel as other things name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ChannelRef {
    /// Its id.
    pub(in crate::api) id: ChannelAccountId,
    /// What kind of channel.
    pub(in crate::api) kind: ChannelKind,
    /// What the team calls it.
    pub(in crate::api) name: String,
}

impl From<&ChannelAccount> for ChannelRef {
    fn from(account: &ChannelAccount) -> Self {
        Self { id: account.id, kind: account.kind, name: account.name.clone() }
    }
}
