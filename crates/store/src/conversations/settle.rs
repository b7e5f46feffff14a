//! Replies while they are written: grown, settled once, stopped.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId, TurnId,
    citation::Citation,
    conversation::{Author, Message, MessageProblem, MessageStatus},
};
use sqlx::types::Json;

use super::{handling, messages};
use crate::{Result, Tx, error::known, outbox};

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

/// Makes a streaming message final, once: the new event's place and the message. `None`: it was final already,
/// or it is gone because the client wrote more. In a messenger's conversation it is posted to the outbox.
pub async fn settle(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: MessageId,
    end: &Settled,
) -> Result<Option<(i64, Message)>> {
    let Some(held) = handling::hold_of(tx, creator, id).await? else {
        return Ok(None);
    };
    let row = fetch_optional!(
        tx,
        (ConversationId, TurnId, i64, String, DateTime<Utc>, i64),
        "UPDATE messages SET status = $1, text = $2, abstained = $3, citations = $4, problem = $5, completed_at = $6
         WHERE creator_id = $7 AND id = $8 AND status = 'streaming'
         RETURNING conversation_id, turn_id, seq, author, created_at,
           (SELECT last_event_seq + 1 FROM conversations WHERE conversations.id = messages.conversation_id)",
        end.status.name(),
        &end.text,
        end.abstained,
        Json(&end.citations),
        end.problem.as_ref().map(Json),
        now,
        creator,
        id,
    )?;
    let Some((conversation_id, turn_id, seq, author, created_at, event_seq)) = row else {
        return Ok(None);
    };
    // Nobody else takes this place: the conversation is held.
    later!(
        tx,
        "UPDATE conversations SET last_event_seq = $1, updated_at = $2 WHERE creator_id = $3 AND id = $4",
        event_seq,
        now,
        creator,
        conversation_id,
    )?;
    messages::log_event(tx, now, creator, conversation_id, event_seq, id).await?;
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
    if held.messenger && message.author == Author::Engine && message.status != MessageStatus::Cancelled {
        outbox::post(tx, now, creator, &message).await?;
    }
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
    messages::log_event(tx, now, creator, conversation, seq, id).await?;
    Ok(seq)
}

/// Stops every streaming message of a conversation where it is; the messages with their events' places.
pub async fn cancel_streaming(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Vec<(i64, Message)>> {
    if handling::hold(tx, creator, conversation).await?.is_none() {
        return Ok(Vec::new());
    }
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
        stopped.extend(messages::message(tx, creator, id).await?);
    }
    Ok(stopped)
}
