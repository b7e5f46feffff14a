//! What clients think of answers.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, MessageId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// What a client thinks of one answer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Feedback {
    /// The answer.
    pub message_id: MessageId,
    /// Thumbs up.
    pub helpful: bool,
    /// Why, in their words.
    pub reason: Option<String>,
    /// When they said so.
    pub created_at: DateTime<Utc>,
}

/// Keeps what a client thinks of an answer in their conversation; the latest opinion counts.
/// False: there is no such answer there.
pub async fn give(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    feedback: &Feedback,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO feedback (message_id, creator_id, helpful, reason, created_at)
         SELECT id, creator_id, $1, $2, $3 FROM messages
         WHERE creator_id = $4 AND conversation_id = $5 AND id = $6 AND author <> 'client' AND status <> 'streaming'
         ON CONFLICT (message_id) DO UPDATE SET helpful = excluded.helpful, reason = excluded.reason,
           created_at = excluded.created_at",
        feedback.helpful,
        feedback.reason.as_deref(),
        feedback.created_at,
        creator,
        conversation,
        feedback.message_id,
    )?;
    Ok(touched == 1)
}

/// Takes an opinion back.
pub async fn withdraw(tx: &mut Tx, creator: CreatorId, message: MessageId) -> Result<bool> {
    let touched =
        execute!(tx, "DELETE FROM feedback WHERE creator_id = $1 AND message_id = $2", creator, message)?;
    Ok(touched == 1)
}

/// What a client thinks of the answers in a conversation.
pub async fn of_conversation(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Vec<Feedback>> {
    fetch_all!(
        tx,
        Feedback,
        "SELECT feedback.message_id, helpful, reason, feedback.created_at
         FROM feedback JOIN messages ON messages.id = feedback.message_id
         WHERE feedback.creator_id = $1 AND messages.conversation_id = $2 ORDER BY messages.seq",
        creator,
        conversation,
    )
}

/// An answer with what a client thinks of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Judged {
    /// What they think.
    #[sqlx(flatten)]
    pub feedback: Feedback,
    /// Where the answer was given.
    pub conversation_id: ConversationId,
    /// What it says.
    pub text: String,
}

/// What clients think of a creator's answers (of the helpful ones, or of the others), the newest first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    helpful: Option<bool>,
    page: Page,
) -> Result<Listed<Judged>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Judged,
        "SELECT feedback.message_id, helpful, reason, feedback.created_at, messages.conversation_id, messages.text
         FROM feedback JOIN messages ON messages.id = feedback.message_id
         WHERE feedback.creator_id = $1 AND ($2 IS NULL OR helpful = $2)
           AND (feedback.created_at < $3 OR (feedback.created_at = $3 AND feedback.message_id < $4))
         ORDER BY feedback.created_at DESC, feedback.message_id DESC LIMIT $5",
        creator,
        helpful,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.feedback.created_at, id: row.feedback.message_id.0 }))
}

/// How many answers since `since` were helpful, and how many were not.
pub async fn totals(tx: &mut Tx, creator: CreatorId, since: DateTime<Utc>) -> Result<(i64, i64)> {
    fetch_one!(
        tx,
        (i64, i64),
        "SELECT COUNT(CASE WHEN helpful THEN 1 END), COUNT(CASE WHEN helpful THEN NULL ELSE 1 END)
         FROM feedback WHERE creator_id = $1 AND created_at >= $2",
        creator,
        since,
    )
}
