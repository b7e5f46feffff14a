//! The audit log: who did what, kept for the creator to read.

use chrono::{DateTime, Utc};
use coxswain_domain::{AuditId, CreatorId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `member`, `api_key`, `system` or `anonymous`.
    pub kind: &'static str,
    /// The member or the key.
    pub id: Option<Uuid>,
    /// What it was called then.
    pub name: Option<String>,
}

impl Actor {
    /// Somebody who has not said who they are.
    pub const ANONYMOUS: Self = Self { kind: "anonymous", id: None, name: None };
    /// The program itself.
    pub const SYSTEM: Self = Self { kind: "system", id: None, name: None };
}

/// Something to note.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    /// Who did it.
    pub actor: &'a Actor,
    /// What, as in `member.created`.
    pub action: &'static str,
    /// To what: an id, or a name.
    pub subject: Option<String>,
    /// What else is worth knowing. No secrets.
    pub detail: Value,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// Kind of who did it.
    pub actor_kind: String,
    /// The member or the key.
    pub actor_id: Option<Uuid>,
    /// What it was called then.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: Option<String>,
    /// What else is worth knowing.
    pub detail: Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AuditId,
    at: DateTime<Utc>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    action: String,
    subject: Option<String>,
    detail: Json<Value>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            subject: row.subject,
            detail: row.detail.0,
        }
    }
}

/// Notes something, in the transaction that does it.
pub async fn record(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, new: NewEntry<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO audit_log (id, creator_id, at, actor_kind, actor_id, actor_name, action, subject, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        AuditId::new(now),
        creator,
        now,
        new.actor.kind,
        new.actor.id,
        &new.actor.name,
        new.action,
        new.subject,
        Json(new.detail),
    )?;
    Ok(())
}

/// A creator's log, the newest first; of one actor, or of actions that begin with `action`.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    actor: Option<Uuid>,
    action: Option<&str>,
    page: Page,
) -> Result<Listed<Entry>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, at, actor_kind, actor_id, actor_name, action, subject, detail FROM audit_log
         WHERE creator_id = $1 AND ($2 IS NULL OR actor_id = $2)
           AND ($3 IS NULL OR SUBSTR(action, 1, LENGTH($3)) = $3)
           AND (at < $4 OR (at = $4 AND id < $5))
         ORDER BY at DESC, id DESC LIMIT $6",
        creator,
        actor,
        action,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(Into::into).collect();
    Ok(page.cut(rows, |row: &Entry| Cursor { at: row.at, id: row.id.0 }))
}

/// Who did something last to one thing, or to the creator itself: for telling two editors of each other.
pub async fn last_actor(
    tx: &mut Tx,
    creator: CreatorId,
    action: &str,
    subject: Option<&str>,
) -> Result<Option<String>> {
    let row = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT actor_name FROM audit_log
         WHERE creator_id = $1 AND action = $2 AND ($3 IS NULL OR subject = $3)
         ORDER BY at DESC, id DESC LIMIT 1",
        creator,
        action,
        subject,
    )?;
    Ok(row.and_then(|(name,)| name))
}
