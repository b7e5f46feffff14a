//! API keys: hashed, scoped, shown once.

use chrono::{DateTime, Utc};
use coxswain_domain::{ApiKeyId, CreatorId, MemberId};
use sqlx::types::Json;

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// An API key as it is kept: its secret only as SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// Its first characters, to tell it from others.
    pub prefix: String,
    /// What it may be used for, by stable name.
    pub scopes: Vec<String>,
    /// Who made it.
    pub created_by: Option<MemberId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    creator_id: CreatorId,
    id: ApiKeyId,
    name: String,
    prefix: String,
    scopes: Json<Vec<String>>,
    created_by: Option<MemberId>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            scopes: row.scopes.0,
            created_by: row.created_by,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &ApiKey, key_hash: &[u8]) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO api_keys (id, creator_id, name, prefix, key_hash, scopes, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        creator,
        &new.name,
        &new.prefix,
        key_hash,
        Json(&new.scopes),
        new.created_by,
        new.created_at,
    )?;
    Ok(())
}

/// The key with this hash, if it still works, and whose it is. System transaction.
pub async fn by_hash(tx: &mut Tx, key_hash: &[u8]) -> Result<Option<(CreatorId, ApiKey)>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT creator_id, id, name, prefix, scopes, created_by, created_at, last_used_at FROM api_keys
         WHERE key_hash = $1 AND revoked_at IS NULL",
        key_hash,
    )?;
    Ok(row.map(|row| (row.creator_id, row.into())))
}

/// Notes that a key was used.
pub async fn used(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: ApiKeyId) -> Result<()> {
    execute!(
        tx,
        "UPDATE api_keys SET last_used_at = $1 WHERE creator_id = $2 AND id = $3",
        now,
        creator,
        id
    )?;
    Ok(())
}

/// A creator's working keys, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<ApiKey>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT creator_id, id, name, prefix, scopes, created_by, created_at, last_used_at FROM api_keys
         WHERE creator_id = $1 AND revoked_at IS NULL AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(Into::into).collect();
    Ok(page.cut(rows, |row: &ApiKey| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Ends a key; its name. `None`: no such working key.
pub async fn revoke(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: ApiKeyId,
) -> Result<Option<String>> {
    let row = fetch_optional!(
        tx,
        (String,),
        "UPDATE api_keys SET revoked_at = $1 WHERE creator_id = $2 AND id = $3 AND revoked_at IS NULL RETURNING name",
        now,
        creator,
        id,
    )?;
    Ok(row.map(|(name,)| name))
}
