//! Webhooks that belong to nobody we know: kept, so that an operator sees that something is set up wrong.

use chrono::{DateTime, Utc};
use coxswain_domain::{StrayId, channel::ChannelKind};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A webhook nobody could be found for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stray {
    /// Its id.
    pub id: StrayId,
    /// Which messenger's, by its stable name.
    pub kind: String,
    /// Why it belongs to nobody, for people to read.
    pub reason: String,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Keeps one. System transaction.
pub async fn add(
    tx: &mut Tx,
    now: DateTime<Utc>,
    kind: ChannelKind,
    reason: &str,
    raw: &[u8],
) -> Result<StrayId> {
    let id = StrayId::new(now);
    execute!(
        tx,
        "INSERT INTO stray_webhooks (id, kind, reason, raw, received_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        kind.name(),
        reason,
        raw,
        now,
    )?;
    Ok(id)
}

/// All of them, the newest first. System transaction.
pub async fn list(tx: &mut Tx, page: Page) -> Result<Listed<Stray>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Stray,
        "SELECT id, kind, reason, raw, received_at FROM stray_webhooks
         WHERE received_at < $1 OR (received_at = $1 AND id < $2) ORDER BY received_at DESC, id DESC LIMIT $3",
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.received_at, id: row.id.0 }))
}

/// Forgets those that came before `before`. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM stray_webhooks WHERE received_at < $1", before)
}
