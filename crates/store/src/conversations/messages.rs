//! Messages: added once, grown while they stream, settled once.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId, TurnId,
    citation::Citation,
    conversation::{Author, ConversationKind, Message, MessageProblem, MessageStatus},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Result, StoreError, Tx, error::known};

/// A message to add.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Where; must be this creator's.
    pub conversation: ConversationId,
    /// The turn it belongs to.
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

/// How a streaming message ended.
#[derive(Clone, Debug)]
pub struct Settled {
    /// `Done`, `Cancelled` or `Failed`.
    pub status: MessageStatus,
    /// The final text.
    pub text: String,
    /// The knowledge did not cover the question.
    pub abstained: bool,
    /// What its statements stand on, each checked.
    pub citations: Vec<Citation>,
    /// Why it failed.
    pub problem: Option<MessageProblem>,
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

/// Adds a message and the event that announces it; the event's place, and the message.
/// [`StoreError::Dangling`]: the conversation is not this creator's.
pub async fn add_message(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: NewMessage<'_>,
) -> Result<(i64, Message)> {
    let (seq, event_seq) = take_places(tx, now, creator, new.conversation, None, 1).await?;
    let message = begun(now, &new, seq);
    execute!(
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
    let (seq, event_seq) = take_places(tx, now, creator, first.conversation, Some(kind), 2).await?;
    let (one, two) = (begun(now, &first, seq - 1), begun(now, &second, seq));
    execute!(
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
    execute!(
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

/// Takes the next places in a conversation (of a kind) for `count` messages and their events: the last of each.
async fn take_places(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    kind: Option<ConversationKind>,
    count: i64,
) -> Result<(i64, i64)> {
    let places = fetch_optional!(
        tx,
        (i64, i64),
        "UPDATE conversations SET last_seq = last_seq + $4, last_event_seq = last_event_seq + $4, updated_at = $1
         WHERE creator_id = $2 AND id = $3 AND ($5 IS NULL OR kind = $5) RETURNING last_seq, last_event_seq",
        now,
        creator,
        conversation,
        count,
        kind.map(ConversationKind::name),
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

async fn log_event(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    seq: i64,
    message: MessageId,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO events (conversation_id, seq, creator_id, message_id, at) VALUES ($1, $2, $3, $4, $5)",
        conversation,
        seq,
        creator,
        message,
        now,
    )?;
    Ok(())
}

/// Keeps what a streaming message says so far. False: it is final (cancelled, say), so stop writing.
pub async fn grow(tx: &mut Tx, creator: CreatorId, id: MessageId, text: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE messages SET text = $1 WHERE creator_id = $2 AND id = $3 AND status = 'streaming'",
        text,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Makes a streaming message final, once: the new event's place and the message. `None`: it was final already.
pub async fn settle(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: MessageId,
    end: &Settled,
) -> Result<Option<(i64, Message)>> {
    let row = fetch_optional!(
        tx,
        (ConversationId, TurnId, i64, String, DateTime<Utc>),
        "UPDATE messages SET status = $1, text = $2, abstained = $3, citations = $4, problem = $5, completed_at = $6
         WHERE creator_id = $7 AND id = $8 AND status = 'streaming'
         RETURNING conversation_id, turn_id, seq, author, created_at",
        end.status.name(),
        &end.text,
        end.abstained,
        Json(&end.citations),
        end.problem.as_ref().map(Json),
        now,
        creator,
        id,
    )?;
    let Some((conversation_id, turn_id, seq, author, created_at)) = row else {
        return Ok(None);
    };
    let event_seq = announce(tx, now, creator, conversation_id, id).await?;
    let message = Message {
        id,
        conversation_id,
        turn_id,
        seq,
        author: known(Author::from_name(&author), "author", &author)?,
        text: end.text.clone(),
        status: end.status,
        abstained: end.abstained,
        citations: end.citations.clone(),
        problem: end.problem.clone(),
        created_at,
        completed_at: Some(now),
    };
    Ok(Some((event_seq, message)))
}

/// Appends an event for a message that changed; its place.
async fn announce(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    id: MessageId,
) -> Result<i64> {
    let (seq,) = fetch_one!(
        tx,
        (i64,),
        "UPDATE conversations SET last_event_seq = last_event_seq + 1, updated_at = $1
         WHERE creator_id = $2 AND id = $3 RETURNING last_event_seq",
        now,
        creator,
        conversation,
    )?;
    log_event(tx, now, creator, conversation, seq, id).await?;
    Ok(seq)
}

/// Stops every streaming message of a conversation where it is; the messages with their events' places.
pub async fn cancel_streaming(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Vec<(i64, Message)>> {
    let ids = fetch_all!(
        tx,
        (MessageId,),
        "UPDATE messages SET status = 'cancelled', completed_at = $1
         WHERE creator_id = $2 AND conversation_id = $3 AND status = 'streaming' RETURNING id",
        now,
        creator,
        conversation,
    )?;
    let mut stopped = Vec::with_capacity(ids.len());
    for (id,) in ids {
        announce(tx, now, creator, conversation, id).await?;
        stopped.extend(message(tx, creator, id).await?);
    }
    Ok(stopped)
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
