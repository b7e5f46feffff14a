//! Channel accounts: one bot, one phone number or one widget each.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, CreatorId,
    channel::{ChannelKind, WidgetSettings},
};
use sqlx::types::Json;

use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// A channel account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its id.
    pub id: ChannelAccountId,
    /// Whose it is.
    pub creator_id: CreatorId,
    /// What kind of channel.
    pub kind: ChannelKind,
    /// What the team calls it.
    pub name: String,
    /// Names it in public: it stands in the snippet and is no secret.
    pub public_key: String,
    /// Whether clients may use it.
    pub enabled: bool,
    /// How a widget looks and where it may appear; a messenger's are those of its connection.
    pub settings: WidgetSettings,
    /// Grows with each change; for `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ChannelAccountId,
    creator_id: CreatorId,
    kind: String,
    name: String,
    public_key: String,
    enabled: bool,
    settings: Json<WidgetSettings>,
    version: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for ChannelAccount {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            creator_id: row.creator_id,
            kind: known(ChannelKind::from_name(&row.kind), "channel kind", &row.kind)?,
            name: row.name,
            public_key: row.public_key,
            enabled: row.enabled,
            settings: row.settings.0,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// Adds a channel account.
pub async fn insert(tx: &mut Tx, new: &ChannelAccount) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO channel_accounts (id, creator_id, kind, name, public_key, enabled, settings, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        new.creator_id,
        new.kind.name(),
        &new.name,
        &new.public_key,
        new.enabled,
        Json(&new.settings),
        new.version,
        new.created_at,
    )?;
    Ok(())
}

/// One channel account of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: ChannelAccountId) -> Result<Option<ChannelAccount>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, creator_id, kind, name, public_key, enabled, settings, version, created_at
         FROM channel_accounts WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The channel account with this public key, whoever's it is. System transaction.
pub async fn by_public_key(tx: &mut Tx, public_key: &str) -> Result<Option<ChannelAccount>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, creator_id, kind, name, public_key, enabled, settings, version, created_at
         FROM channel_accounts WHERE public_key = $1",
        public_key,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's channel accounts, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<ChannelAccount>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, creator_id, kind, name, public_key, enabled, settings, version, created_at
         FROM channel_accounts
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<ChannelAccount>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Keeps what was changed of `changed` (name, switch, settings) if its version is still the stored one.
/// `None`: somebody else was faster, or it is not this creator's.
pub async fn update(
    tx: &mut Tx,
    creator: CreatorId,
    changed: &ChannelAccount,
) -> Result<Option<ChannelAccount>> {
    let row = fetch_optional!(
        tx,
        Row,
        "UPDATE channel_accounts SET name = $1, enabled = $2, settings = $3, version = version + 1
         WHERE creator_id = $4 AND id = $5 AND version = $6
         RETURNING id, creator_id, kind, name, public_key, enabled, settings, version, created_at",
        &changed.name,
        changed.enabled,
        Json(&changed.settings),
        creator,
        changed.id,
        changed.version,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Removes a channel account with its sessions and identities. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: ChannelAccountId) -> Result<bool> {
    let touched =
        execute!(tx, "DELETE FROM channel_accounts WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}
