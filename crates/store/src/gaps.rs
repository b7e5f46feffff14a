//! Knowledge gaps: questions the knowledge did not cover.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, GapId, MessageId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A question the knowledge did not cover.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Gap {
    /// Its id.
    pub id: GapId,
    /// Where it was asked.
    pub conversation_id: Option<ConversationId>,
    /// The reply that had to abstain.
    pub message_id: Option<MessageId>,
    /// The question in the client's own words.
    pub question: String,
    /// Why nothing could be answered: a stable name.
    pub reason: String,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
}

/// Records a gap, once for each reply.
pub async fn add(tx: &mut Tx, creator: CreatorId, gap: &Gap) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO knowledge_gaps (id, creator_id, conversation_id, message_id, question, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        gap.id,
        creator,
        gap.conversation_id,
        gap.message_id,
        &gap.question,
        &gap.reason,
        gap.created_at,
    )?;
    Ok(())
}

/// A creator's gaps, the latest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<Gap>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Gap,
        "SELECT id, conversation_id, message_id, question, reason, created_at FROM knowledge_gaps
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |gap| Cursor { at: gap.created_at, id: gap.id.0 }))
}

/// How many gaps a creator has.
pub async fn total(tx: &mut Tx, creator: CreatorId) -> Result<i64> {
    let (gaps,) =
        fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM knowledge_gaps WHERE creator_id = $1", creator)?;
    Ok(gaps)
}
