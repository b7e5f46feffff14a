//! Canned replies: what members write often, ready for use.

use chrono::{DateTime, Utc};
use coxswain_domain::{CannedReplyId, CreatorId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A canned reply.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// By which members find it.
    pub title: String,
    /// What the client reads.
    pub text: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds a canned reply.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &CannedReply) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO canned_replies (id, creator_id, title, text, created_at) VALUES ($1, $2, $3, $4, $5)",
        new.id,
        creator,
        &new.title,
        &new.text,
        new.created_at,
    )?;
    Ok(())
}

/// A creator's canned replies, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<CannedReply>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        CannedReply,
        "SELECT id, title, text, created_at FROM canned_replies
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Changes what is given of a canned reply; how it is now. `None`: it is not this creator's.
pub async fn update(
    tx: &mut Tx,
    creator: CreatorId,
    id: CannedReplyId,
    title: Option<&str>,
    text: Option<&str>,
) -> Result<Option<CannedReply>> {
    fetch_optional!(
        tx,
        CannedReply,
        "UPDATE canned_replies SET title = COALESCE($1, title), text = COALESCE($2, text)
         WHERE creator_id = $3 AND id = $4 RETURNING id, title, text, created_at",
        title,
        text,
        creator,
        id,
    )
}

/// Removes a canned reply. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: CannedReplyId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM canned_replies WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}
