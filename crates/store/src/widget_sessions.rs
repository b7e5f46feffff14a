//! Sessions of the widget: one token, one client, one conversation.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, ConversationId, CreatorId, WidgetSessionId};

use crate::{Result, Tx};

/// A session. Its token is kept as a SHA-256 only.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WidgetSession {
    /// Its id.
    pub id: WidgetSessionId,
    /// Whose client it is.
    pub creator_id: CreatorId,
    /// The widget it was begun in.
    pub channel_account_id: ChannelAccountId,
    /// Who it is.
    pub client_id: ClientId,
    /// The host page's own name for them, when it vouched for it with a signed token; `None`: anonymous.
    pub subject: Option<String>,
    /// Where they write. The conversation itself is made with its first message.
    pub conversation_id: ConversationId,
    /// The last message they have seen.
    pub seen_seq: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// From when its token is worth nothing.
    pub expires_at: DateTime<Utc>,
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, new: &WidgetSession, token_hash: &[u8]) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO widget_sessions (id, creator_id, channel_account_id, client_id, subject, conversation_id, token_hash,
           seen_seq, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        new.creator_id,
        new.channel_account_id,
        new.client_id,
        new.subject.as_deref(),
        new.conversation_id,
        token_hash,
        new.seen_seq,
        new.created_at,
        new.expires_at,
    )?;
    Ok(())
}

/// The session of a token that is still good at `now`, whoever's it is. System transaction.
pub async fn by_token(tx: &mut Tx, now: DateTime<Utc>, token_hash: &[u8]) -> Result<Option<WidgetSession>> {
    fetch_optional!(
        tx,
        WidgetSession,
        "SELECT id, creator_id, channel_account_id, client_id, subject, conversation_id, seen_seq, created_at, expires_at
         FROM widget_sessions WHERE token_hash = $1 AND expires_at > $2",
        token_hash,
        now,
    )
}

/// Where a subject wrote until now in this widget: a new session of theirs goes on there.
pub async fn conversation_of_subject(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    subject: &str,
) -> Result<Option<(ConversationId, i64)>> {
    fetch_optional!(
        tx,
        (ConversationId, i64),
        "SELECT conversation_id, seen_seq FROM widget_sessions
         WHERE creator_id = $1 AND channel_account_id = $2 AND subject = $3 ORDER BY created_at DESC, id DESC LIMIT 1",
        creator,
        account,
        subject,
    )
}

/// Ends a session: its token is worth nothing from now on, and what was said stays.
pub async fn end(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: WidgetSessionId) -> Result<()> {
    execute!(
        tx,
        "UPDATE widget_sessions SET expires_at = $1 WHERE creator_id = $2 AND id = $3 AND expires_at > $1",
        now,
        creator,
        id,
    )?;
    Ok(())
}

/// Ends every session of a widget that the host page vouched for: what it signs with has changed.
pub async fn end_known(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
) -> Result<u64> {
    execute!(
        tx,
        "UPDATE widget_sessions SET expires_at = $1
         WHERE creator_id = $2 AND channel_account_id = $3 AND subject IS NOT NULL AND expires_at > $1",
        now,
        creator,
        account,
    )
}

/// Keeps a session in use good until `expires_at`.
pub async fn extend(
    tx: &mut Tx,
    creator: CreatorId,
    id: WidgetSessionId,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE widget_sessions SET expires_at = $1 WHERE creator_id = $2 AND id = $3",
        expires_at,
        creator,
        id,
    )?;
    Ok(())
}

/// Notes the last message the client has seen; it never goes back, nor past the last message there is.
pub async fn set_seen(tx: &mut Tx, creator: CreatorId, id: WidgetSessionId, seq: i64) -> Result<()> {
    execute!(
        tx,
        "UPDATE widget_sessions SET seen_seq = $1
         WHERE creator_id = $2 AND id = $3 AND seen_seq < $1
           AND $1 <= (SELECT last_seq FROM conversations WHERE conversations.id = widget_sessions.conversation_id)",
        seq,
        creator,
        id,
    )?;
    Ok(())
}

/// How many finished messages of the coach's side come after the message `seen`.
pub async fn unread(tx: &mut Tx, creator: CreatorId, conversation: ConversationId, seen: i64) -> Result<i64> {
    let (unread,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM messages
         WHERE creator_id = $1 AND conversation_id = $2 AND seq > $3 AND author <> 'client' AND status <> 'streaming'",
        creator,
        conversation,
        seen,
    )?;
    Ok(unread)
}

/// Place of the last event of a conversation: a stream that begins after it misses nothing that a later
/// look at the messages does not show. `None`: nothing was said yet.
pub async fn last_event(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Option<i64>> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT last_event_seq FROM conversations WHERE creator_id = $1 AND id = $2",
        creator,
        conversation,
    )?;
    Ok(row.map(|(seq,)| seq))
}

/// Forgets sessions that expired before `before`. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM widget_sessions WHERE expires_at < $1", before)
}
