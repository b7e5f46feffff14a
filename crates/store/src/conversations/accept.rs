//! Taking a question in: the message, the place of its answer and the job, in one transaction.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId, TurnId,
    conversation::{Author, ConversationKind, Message, MessageStatus},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::messages::{self, NewMessage};
use crate::{
    Result, StoreError, Tx,
    jobs::{self, Job, Lease, NewJob},
};

/// The kind of the job that answers a question.
pub const ANSWER_JOB: &str = "answer.v1";

/// What the answer job needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPayload {
    /// Where the question was asked.
    pub conversation_id: ConversationId,
    /// The question: the last of the client's messages in its turn.
    pub question_id: MessageId,
    /// The engine's message that waits for its text.
    pub reply_id: MessageId,
    /// The place of the event that announced it.
    pub reply_event: i64,
}

/// A client's (or, in the test chat, a member's) question.
#[derive(Clone, Copy, Debug)]
pub struct NewQuestion<'a> {
    /// Where it is asked; must exist.
    pub conversation: ConversationId,
    /// What that conversation must be for.
    pub kind: ConversationKind,
    /// What is asked.
    pub text: &'a str,
    /// The sender's own id for it, by which a repeat is known.
    pub client_message_id: Option<Uuid>,
}

/// A question that is now durable.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The question, and the place of its message event.
    pub question: (i64, Message),
    /// The engine's reply, still empty (or, for a repeat, as it is now), and the place of its message event.
    pub reply: (i64, Message),
    /// The job that will answer, when this process holds it.
    pub job: Option<Job>,
    /// Whether it was durable already: the sender's second try.
    pub repeated: bool,
}

/// Takes a question in that stands for itself, as in the test chat: whoever answers the conversation, the engine
/// answers this. What clients write comes by [`super::accept_burst`]. A repeat (same `client_message_id`) gets what the first one made.
///
/// With a `lease` the calling process holds the answer job at once and must do it;
/// without, whichever worker claims it does. [`StoreError::Dangling`]: the creator has no
/// such conversation of this kind.
pub async fn accept_message(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: NewQuestion<'_>,
    lease: Option<Lease>,
) -> Result<Accepted> {
    if let Some(id) = new.client_message_id
        && let Some(accepted) = repeat(tx, creator, new.conversation, id).await?
    {
        return Ok(accepted);
    }
    let turn = TurnId::new(now);
    let message = |author, text, status, client_message_id| NewMessage {
        conversation: new.conversation,
        turn,
        author,
        text,
        status,
        client_message_id,
    };
    let pair = [
        message(Author::Client, new.text, MessageStatus::Done, new.client_message_id),
        message(Author::Engine, "", MessageStatus::Streaming, None),
    ];
    let [question, reply] = messages::add_pair(tx, now, creator, new.kind, pair).await?;
    let payload = AnswerPayload {
        conversation_id: new.conversation,
        question_id: question.1.id,
        reply_id: reply.1.id,
        reply_event: reply.0,
    };
    let job = answer_job(creator, payload, now)?;
    let job = if let Some(lease) = lease {
        jobs::enqueue_held(tx, now, job, lease).await?
    } else {
        jobs::enqueue(tx, now, job).await?;
        None
    };
    Ok(Accepted { question, reply, job, repeated: false })
}

/// Times an answer is tried.
const ANSWER_TRIES: u32 = 3;

/// The job that answers: one conversation's answers come one after the other.
pub(super) fn answer_job(
    creator: CreatorId,
    payload: AnswerPayload,
    run_at: DateTime<Utc>,
) -> Result<NewJob> {
    let lane = payload.conversation_id.0;
    let payload = serde_json::to_value(payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(NewJob { creator, kind: ANSWER_JOB, payload, lane, run_at, max_attempts: ANSWER_TRIES })
}

async fn repeat(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    id: Uuid,
) -> Result<Option<Accepted>> {
    let ids = fetch_all!(
        tx,
        (MessageId,),
        "SELECT reply.id FROM messages question JOIN messages reply ON reply.turn_id = question.turn_id
         WHERE question.creator_id = $1 AND question.conversation_id = $2 AND question.client_message_id = $3
         ORDER BY reply.seq",
        creator,
        conversation,
        id,
    )?;
    let mut found = Vec::with_capacity(2);
    for (id,) in ids {
        found.extend(messages::message(tx, creator, id).await?);
    }
    let mut found = found.into_iter();
    Ok(found.next().zip(found.next()).map(|(question, reply)| Accepted {
        question,
        reply,
        job: None,
        repeated: true,
    }))
}
