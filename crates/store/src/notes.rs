//! Members' notes on a conversation; clients never see them.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, MemberId, NoteId};

use crate::{Result, StoreError, Tx};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// On which conversation.
    pub conversation_id: ConversationId,
    /// Who wrote it.
    pub member_id: MemberId,
    /// What they were called then.
    pub member_name: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Adds a note. [`StoreError::Dangling`]: the conversation is not this creator's.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Note) -> Result<()> {
    let touched = execute!(
        tx,
        "INSERT INTO notes (id, creator_id, conversation_id, member_id, member_name, text, created_at)
         SELECT $1, creator_id, id, $2, $3, $4, $5 FROM conversations WHERE creator_id = $6 AND id = $7",
        new.id,
        new.member_id,
        &new.member_name,
        &new.text,
        new.created_at,
        creator,
        new.conversation_id,
    )?;
    if touched == 1 { Ok(()) } else { Err(StoreError::Dangling) }
}

/// The latest 500 notes on a conversation, the oldest first.
pub async fn of_conversation(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Vec<Note>> {
    let mut notes = fetch_all!(
        tx,
        Note,
        "SELECT id, conversation_id, member_id, member_name, text, created_at
         FROM notes WHERE creator_id = $1 AND conversation_id = $2 ORDER BY created_at DESC, id DESC LIMIT 500",
        creator,
        conversation,
    )?;
    notes.reverse();
    Ok(notes)
}

/// Removes a note. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: NoteId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM notes WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}
