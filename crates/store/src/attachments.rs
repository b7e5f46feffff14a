//! Files that clients send: what the database knows of them. Their bytes lie in [`crate::files::Files`].

use chrono::{DateTime, Utc};
use coxswain_domain::{
    AttachmentId, ConversationId, CreatorId, InboxId, MessageId, attachment::AttachmentKind,
};
use uuid::Uuid;

use crate::{Result, Tx, error::known};

/// A file that a client sent, or is about to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id; a widget's panel makes it.
    pub id: AttachmentId,
    /// Where it is sent.
    pub conversation_id: ConversationId,
    /// The message that carries it; `None`: received, and not sent yet.
    pub message_id: Option<MessageId>,
    /// Its place among the files of its message, from 0.
    pub place: i64,
    /// By which the file is found on the disk.
    pub file_key: String,
    /// Its name, for people to read.
    pub name: String,
    /// What its content is.
    pub kind: AttachmentKind,
    /// Its media type, by its content.
    pub mime: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AttachmentId,
    conversation_id: ConversationId,
    message_id: Option<MessageId>,
    place: i64,
    file_key: String,
    name: String,
    kind: String,
    mime: String,
    bytes: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Attachment {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            conversation_id: row.conversation_id,
            message_id: row.message_id,
            place: row.place,
            file_key: row.file_key,
            name: row.name,
            kind: known(AttachmentKind::from_name(&row.kind), "attachment kind", &row.kind)?,
            mime: row.mime,
            bytes: row.bytes,
            created_at: row.created_at,
        })
    }
}

/// Adds an attachment. [`crate::StoreError::Conflict`]: its id is taken, perhaps by another creator.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Attachment) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO attachments (id, creator_id, conversation_id, message_id, place, file_key, name, kind, mime, bytes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.id,
        creator,
        new.conversation_id,
        new.message_id,
        new.place,
        &new.file_key,
        &new.name,
        new.kind.name(),
        &new.mime,
        new.bytes,
        new.created_at,
    )?;
    Ok(())
}

/// One attachment of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: AttachmentId) -> Result<Option<Attachment>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, conversation_id, message_id, place, file_key, name, kind, mime, bytes, created_at
         FROM attachments WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// What the messages from place `first` to `last` of a conversation carry, in order.
pub async fn of_messages(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    (first, last): (i64, i64),
) -> Result<Vec<Attachment>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT attachments.id, attachments.conversation_id, message_id, place, file_key, name, kind, mime, bytes,
           attachments.created_at
         FROM attachments JOIN messages ON messages.id = attachments.message_id
         WHERE attachments.creator_id = $1 AND attachments.conversation_id = $2 AND messages.seq BETWEEN $3 AND $4
         ORDER BY messages.seq, place, attachments.id",
        creator,
        conversation,
        first,
        last,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many files wait to be sent in a conversation.
pub async fn unsent(tx: &mut Tx, creator: CreatorId, conversation: ConversationId) -> Result<i64> {
    let (unsent,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM attachments WHERE creator_id = $1 AND conversation_id = $2 AND message_id IS NULL",
        creator,
        conversation,
    )?;
    Ok(unsent)
}

/// Has a message carry a file that waits to be sent in its conversation. `None`: no such file waits there.
pub async fn send(
    tx: &mut Tx,
    creator: CreatorId,
    (conversation, message): (ConversationId, MessageId),
    id: AttachmentId,
    place: i64,
) -> Result<Option<Attachment>> {
    let row = fetch_optional!(
        tx,
        Row,
        "UPDATE attachments SET message_id = $1, place = $2
         WHERE creator_id = $3 AND conversation_id = $4 AND id = $5 AND message_id IS NULL
         RETURNING id, conversation_id, message_id, place, file_key, name, kind, mime, bytes, created_at",
        message,
        place,
        creator,
        conversation,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The message that a client sent under an id of their own, if it came before.
pub async fn sent_as(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    client_message_id: Uuid,
) -> Result<Option<MessageId>> {
    let row = fetch_optional!(
        tx,
        (MessageId,),
        "SELECT id FROM messages WHERE creator_id = $1 AND conversation_id = $2 AND client_message_id = $3",
        creator,
        conversation,
        client_message_id,
    )?;
    Ok(row.map(|(id,)| id))
}

/// Forgets a file that was not sent; the key of what is to be deleted. `None`: no such file waits there.
pub async fn discard(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    id: AttachmentId,
) -> Result<Option<String>> {
    let row = fetch_optional!(
        tx,
        (String,),
        "DELETE FROM attachments WHERE creator_id = $1 AND conversation_id = $2 AND id = $3 AND message_id IS NULL
         RETURNING file_key",
        creator,
        conversation,
        id,
    )?;
    Ok(row.map(|(key,)| key))
}

/// Forgets files that came before `before` and were never sent; the keys of what is to be deleted.
pub async fn expire(tx: &mut Tx, creator: CreatorId, before: DateTime<Utc>) -> Result<Vec<String>> {
    let rows = fetch_all!(
        tx,
        (String,),
        "DELETE FROM attachments WHERE creator_id = $1 AND message_id IS NULL AND created_at < $2 RETURNING file_key",
        creator,
        before,
    )?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Whether anything leads to the file with this key: an attachment, or the row of the inbox it came with.
pub async fn names_file(tx: &mut Tx, creator: CreatorId, key: &str) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (AttachmentId,),
        "SELECT id FROM attachments WHERE creator_id = $1 AND file_key = $2 LIMIT 1",
        creator,
        key,
    )?;
    if row.is_some() {
        return Ok(true);
    }
    let Some(id) = key.rsplit('/').next().and_then(|name| name.parse::<InboxId>().ok()) else {
        return Ok(false);
    };
    let row = fetch_optional!(
        tx,
        (InboxId,),
        "SELECT id FROM inbox WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    Ok(row.is_some())
}
