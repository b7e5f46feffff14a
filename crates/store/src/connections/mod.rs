//! Connections: how a messenger account is reached, with its secrets and its state.

mod polling;
mod standing;

use std::fmt;

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId, channel::ChannelKind};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

pub use polling::{advance_updates, claim_poll, end_polls, release_poll};
pub use standing::{Standing, set_standing, standing};

use crate::{Result, Tx, error::known};

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
    /// `WhatsApp`: the portfolio at Meta whose numbers share one limit; none: the business account counts alone.
    pub portfolio: Option<String>,
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

impl ConnectionState {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Paused => "paused",
            Self::Revoked => "revoked",
        }
    }

    /// The state with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Connected, Self::Paused, Self::Revoked].into_iter().find(|state| state.name() == name)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    channel_account_id: ChannelAccountId,
    creator_id: CreatorId,
    kind: String,
    provider_id: String,
    handle: String,
    credentials: Json<Credentials>,
    settings: Json<ConnectionSettings>,
    state: String,
    state_reason: Option<String>,
    next_update: i64,
    checked_at: DateTime<Utc>,
}

impl TryFrom<Row> for Connection {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            channel_account_id: row.channel_account_id,
            creator_id: row.creator_id,
            kind: known(ChannelKind::from_name(&row.kind), "channel kind", &row.kind)?,
            provider_id: row.provider_id,
            handle: row.handle,
            credentials: row.credentials.0,
            settings: row.settings.0,
            state: known(ConnectionState::from_name(&row.state), "connection state", &row.state)?,
            state_reason: row.state_reason,
            next_update: row.next_update,
            checked_at: row.checked_at,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT channel_account_id, creator_id, kind, provider_id, handle, credentials, settings, state, state_reason,
               next_update, checked_at
             FROM connections ",
            $rest
        )
    };
}

/// Adds a connection to its channel account.
/// [`crate::StoreError::Conflict`]: this bot or number is connected already, perhaps by another creator.
pub async fn insert(tx: &mut Tx, new: &Connection) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO connections (channel_account_id, creator_id, kind, provider_id, handle, credentials, settings, state,
           state_reason, next_update, checked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.channel_account_id,
        new.creator_id,
        new.kind.name(),
        &new.provider_id,
        &new.handle,
        Json(&new.credentials),
        Json(&new.settings),
        new.state.name(),
        new.state_reason.as_deref(),
        new.next_update,
        new.checked_at,
    )?;
    Ok(())
}

/// One connection of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<Option<Connection>> {
    let row = fetch_optional!(
        tx,
        Row,
        select!("WHERE creator_id = $1 AND channel_account_id = $2"),
        creator,
        account
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's connections, in the order they were made. A creator has a handful.
pub async fn list(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Connection>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!("WHERE creator_id = $1 ORDER BY channel_account_id LIMIT 1000"),
        creator
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The connection with the provider's id, whoever's it is. System transaction.
pub async fn by_provider(tx: &mut Tx, kind: ChannelKind, provider_id: &str) -> Result<Option<Connection>> {
    let row =
        fetch_optional!(tx, Row, select!("WHERE kind = $1 AND provider_id = $2"), kind.name(), provider_id)?;
    row.map(TryInto::try_into).transpose()
}

/// The connection of a channel account, whoever's it is: to check the secret of a webhook. System transaction.
pub async fn by_account(tx: &mut Tx, account: ChannelAccountId) -> Result<Option<Connection>> {
    let row = fetch_optional!(tx, Row, select!("WHERE channel_account_id = $1"), account)?;
    row.map(TryInto::try_into).transpose()
}

/// Every number of a `WhatsApp` Business Account, whoever's it is: news about the account concern them all.
/// System transaction.
pub async fn by_business_account(tx: &mut Tx, business_account_id: &str) -> Result<Vec<Connection>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!(
            "WHERE kind = 'whatsapp' AND credentials->>'business_account_id' = $1 ORDER BY channel_account_id"
        ),
        business_account_id
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Every working connection of one kind, whoever's: to find the bots to poll. System transaction.
pub async fn working(tx: &mut Tx, kind: ChannelKind) -> Result<Vec<Connection>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!("WHERE kind = $1 AND state = 'connected' ORDER BY channel_account_id"),
        kind.name()
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Notes whether it works, why not, and when that was found. False: it is not this creator's.
pub async fn set_state(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    state: ConnectionState,
    reason: Option<&str>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE connections SET state = $1, state_reason = $2, checked_at = $3
         WHERE creator_id = $4 AND channel_account_id = $5",
        state.name(),
        reason,
        now,
        creator,
        account,
    )?;
    Ok(touched == 1)
}

/// Keeps what the creator decided. False: it is not this creator's.
pub async fn set_settings(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    settings: &ConnectionSettings,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE connections SET settings = $1 WHERE creator_id = $2 AND channel_account_id = $3",
        Json(settings),
        creator,
        account,
    )?;
    Ok(touched == 1)
}

/// Puts a fresh token in place of the old one and calls it connected. False: it is not this creator's.
pub async fn set_credentials(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    handle: &str,
    credentials: &Credentials,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE connections SET credentials = $1, handle = $2, state = 'connected', state_reason = NULL, checked_at = $3
         WHERE creator_id = $4 AND channel_account_id = $5",
        Json(credentials),
        handle,
        now,
        creator,
        account,
    )?;
    Ok(touched == 1)
}

/// Removes a connection; its channel account and what was said stay. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<bool> {
    let touched = execute!(
        tx,
        "DELETE FROM connections WHERE creator_id = $1 AND channel_account_id = $2",
        creator,
        account
    )?;
    Ok(touched == 1)
}
