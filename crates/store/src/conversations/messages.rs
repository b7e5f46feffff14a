//! Messages: added once, grown while they stream, settled once.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId, TurnId,
    citation::Citation,
    conversation::{Author, ConversationKind, Message, MessageProblem, MessageStatus},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Result, StoreError, Tx, error::known, outbox};

/// A message to add.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Where; must be this creator's.
    pub conversation: ConversationId,
    /// The turn it belongs to. What a coach writes, and a check-in, have a turn of their own.
    pub turn: TurnId,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: &'a str,
    /// `Done`, or `Streaming` for one that will grow.
    pub status: MessageStatus,
    /// The sender's own id, by which a repeat is known.
    pub client_message_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    event_seq: i64,
    id: MessageId,
    conversation_id: ConversationId,
    turn_id: TurnId,
    seq: i64,
    author: String,
    text: String,
    status: String,
    abstained: bool,
    citations: Json<Vec<Citation>>,
    problem: Option<Json<MessageProblem>>,
    created_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Result<(i64, Message)> {
        let message = Message {
            id: self.id,
            conversation_id: self.conversation_id,
            turn_id: self.turn_id,
            seq: self.seq,
            author: known(Author::from_name(&self.author), "author", &self.author)?,
            text: self.text,
            status: known(MessageStatus::from_name(&self.status), "message status", &self.status)?,
            abstained: self.abstained,
            citations: self.citations.0,
            problem: self.problem.map(|problem| problem.0),
            created_at: self.created_at,
            completed_at: self.completed_at,
        };
        Ok((self.event_seq, message))
    }
}

/// Adds a message and the event that announces it; the event's place, and the message. A coach's message or
/// a check-in in a messenger's conversation is posted to the outbox; a client's opens a closed conversation again.
/// [`StoreError::Dangling`]: the conversation is not this creator's.
pub async fn add_message(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: NewMessage<'_>,
) -> Result<(i64, Message)> {
    let (seq, event_seq) = take_places(tx, now, creator, &new, None, 1).await?;
    let message = begun(now, &new, seq);
    later!(
        tx,
        "INSERT INTO messages (id, creator_id, conversation_id, turn_id, seq, author, text, status, abstained, citations,
           client_message_id, created_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        message.id,
        creator,
        new.conversation,
        new.turn,
        seq,
        new.author.name(),
        new.text,
        new.status.name(),
        false,
        Json(&message.citations),
        new.client_message_id,
        now,
        message.completed_at,
    )?;
    log_event(tx, now, creator, new.conversation, event_seq, message.id).await?;
    if matches!(new.author, Author::Coach | Author::CheckIn) {
        outbox::post(tx, now, creator, &message).await?;
    }
    Ok((event_seq, message))
}

/// As [`add_message`] for two messages of one turn, with as many statements as for one.
pub(super) async fn add_pair(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    kind: ConversationKind,
    [first, second]: [NewMessage<'_>; 2],
) -> Result<[(i64, Message); 2]> {
    let (seq, event_seq) = take_places(tx, now, creator, &first, Some(kind), 2).await?;
    let (one, two) = (begun(now, &first, seq - 1), begun(now, &second, seq));
    later!(
        tx,
        "INSERT INTO messages (id, creator_id, conversation_id, turn_id, seq, author, text, status, abstained, citations,
           client_message_id, created_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13),
           ($14, $2, $3, $4, $15, $16, $17, $18, $9, $10, $19, $12, $20)",
        one.id,
        creator,
        first.conversation,
        first.turn,
        one.seq,
        first.author.name(),
        first.text,
        first.status.name(),
        false,
        Json(&one.citations),
        first.client_message_id,
        now,
        one.completed_at,
        two.id,
        two.seq,
        second.author.name(),
        second.text,
        second.status.name(),
        second.client_message_id,
        two.completed_at,
    )?;
    later!(
        tx,
        "INSERT INTO events (conversation_id, seq, creator_id, message_id, at) VALUES ($1, $2, $3, $4, $5), ($1, $6, $3, $7, $5)",
        first.conversation,
        event_seq - 1,
        creator,
        one.id,
        now,
        event_seq,
        two.id,
    )?;
    Ok([(event_seq - 1, one), (event_seq, two)])
}

/// Takes the next places in a conversation (of a kind) for `count` messages, of which `first` is the first, and
/// their events: the last of each. What a client writes opens a conversation again.
async fn take_places(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    first: &NewMessage<'_>,
    kind: Option<ConversationKind>,
    count: i64,
) -> Result<(i64, i64)> {
    let places = fetch_optional!(
        tx,
        (i64, i64),
        "UPDATE conversations SET last_seq = last_seq + $4, last_event_seq = last_event_seq + $4, updated_at = $1,
           closed_at = CASE WHEN $6 THEN NULL ELSE closed_at END
         WHERE creator_id = $2 AND id = $3 AND ($5 IS NULL OR kind = $5) RETURNING last_seq, last_event_seq",
        now,
        creator,
        first.conversation,
        count,
        kind.map(ConversationKind::name),
        first.author == Author::Client,
    )?;
    places.ok_or(StoreError::Dangling)
}

/// A message as it is when it is added at a place.
fn begun(now: DateTime<Utc>, new: &NewMessage<'_>, seq: i64) -> Message {
    Message {
        id: MessageId::new(now),
        conversation_id: new.conversation,
        turn_id: new.turn,
        seq,
        author: new.author,
        text: new.text.to_owned(),
        status: new.status,
        abstained: false,
        citations: Vec::new(),
        problem: None,
        created_at: now,
        completed_at: (new.status != MessageStatus::Streaming).then_some(now),
    }
}

pub(super) async fn log_event(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    seq: i64,
    message: MessageId,
) -> Result<()> {
    later!(
        tx,
        "INSERT INTO events (conversation_id, seq, creator_id, message_id, at) VALUES ($1, $2, $3, $4, $5)",
        conversation,
        seq,
        creator,
        message,
        now,
    )
}

/// One message of a creator, with the place of its latest event.
pub async fn message(tx: &mut Tx, creator: CreatorId, id: MessageId) -> Result<Option<(i64, Message)>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT (SELECT MAX(events.seq) FROM events WHERE events.conversation_id = messages.conversation_id
                   AND events.message_id = messages.id) AS event_seq,
           id, conversation_id, turn_id, seq, author, text, status, abstained, citations, problem, created_at, completed_at
         FROM messages WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(Row::read).transpose()
}

/// The latest `limit` final messages before `before_seq`, oldest first: what an answer is told of the past.
pub async fn history(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<Message>> {
    let mut rows = list_messages(tx, creator, conversation, before_seq, limit).await?;
    rows.retain(|(_, message)| message.status != MessageStatus::Streaming && !message.text.is_empty());
    Ok(rows.into_iter().map(|(_, message)| message).collect())
}

/// The latest `limit` messages before `before_seq`, oldest first, each with its sequence number.
pub async fn list_messages(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<(i64, Message)>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT seq AS event_seq, id, conversation_id, turn_id, seq, author, text, status, abstained, citations, problem,
           created_at, completed_at
         FROM messages WHERE creator_id = $1 AND conversation_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
        creator,
        conversation,
        before_seq,
        i64::from(limit),
    )?;
    rows.into_iter().rev().map(Row::read).collect()
}

/// A turn up to the message at place `seq`, and `limit` places before it, oldest first.
pub(super) async fn up_to(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    turn: TurnId,
    seq: i64,
    limit: u32,
) -> Result<Vec<Message>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT seq AS event_seq, id, conversation_id, turn_id, seq, author, text, status, abstained, citations, problem,
           created_at, completed_at
         FROM messages
         WHERE creator_id = $1 AND conversation_id = $2 AND seq <= $3
           AND seq >= COALESCE((SELECT MIN(first.seq) FROM messages first WHERE first.turn_id = $4), $3) - $5
         ORDER BY seq",
        creator,
        conversation,
        seq,
        turn,
        i64::from(limit),
    )?;
    rows.into_iter().map(|row| Ok(row.read()?.1)).collect()
}

/// Events of a conversation after the place `after`, each with its message as it is now.
pub async fn events_after(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, Message)>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT events.seq AS event_seq, messages.id, messages.conversation_id, messages.turn_id, messages.seq, author, text,
           status, abstained, citations, problem, created_at, completed_at
         FROM events JOIN messages ON messages.id = events.message_id
         WHERE events.creator_id = $1 AND events.conversation_id = $2 AND events.seq > $3 ORDER BY events.seq LIMIT $4",
        creator,
        conversation,
        after,
        i64::from(limit),
    )?;
    rows.into_iter().map(Row::read).collect()
}
