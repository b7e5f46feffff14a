//! Creators: the tenants, and what each has decided for all their clients.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, account::CreatorSettings};
use sqlx::types::Json;

use crate::{Result, Tx};

/// A creator.
#[derive(Clone, Debug, PartialEq)]
pub struct Creator {
    /// Its id.
    pub id: CreatorId,
    /// The name people know it by.
    pub name: String,
    /// What holds for all its clients.
    pub settings: CreatorSettings,
    /// Grows by one with every change of name or settings.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CreatorId,
    name: String,
    settings: Json<CreatorSettings>,
    version: i64,
    created_at: DateTime<Utc>,
}

impl From<Row> for Creator {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            settings: row.settings.0,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// Adds a creator. System transaction.
pub async fn insert(tx: &mut Tx, new: &Creator) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO creators (id, name, settings, version, created_at) VALUES ($1, $2, $3, $4, $5)",
        new.id,
        &new.name,
        Json(&new.settings),
        new.version,
        new.created_at,
    )?;
    Ok(())
}

/// The creator itself.
pub async fn get(tx: &mut Tx, id: CreatorId) -> Result<Option<Creator>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, name, settings, version, created_at FROM creators WHERE id = $1",
        id,
    )?;
    Ok(row.map(Into::into))
}

/// The creators whose name is `name`, oldest first. System transaction.
pub async fn named(tx: &mut Tx, name: &str) -> Result<Vec<Creator>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, name, settings, version, created_at FROM creators WHERE name = $1 ORDER BY created_at, id",
        name,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The oldest `limit` creators. System transaction.
pub async fn oldest(tx: &mut Tx, limit: u32) -> Result<Vec<Creator>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, name, settings, version, created_at FROM creators ORDER BY created_at, id LIMIT $1",
        i64::from(limit),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Puts name and settings in place, if the creator is still at `version`. `None`: somebody was faster.
pub async fn update(
    tx: &mut Tx,
    id: CreatorId,
    version: i64,
    name: &str,
    settings: &CreatorSettings,
) -> Result<Option<Creator>> {
    let row = fetch_optional!(
        tx,
        Row,
        "UPDATE creators SET name = $1, settings = $2, version = version + 1 WHERE id = $3 AND version = $4
         RETURNING id, name, settings, version, created_at",
        name,
        Json(settings),
        id,
        version,
    )?;
    Ok(row.map(Into::into))
}
