//! Taking a client's messages in as people write them: several short ones make one question.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId, TurnId,
    conversation::{Author, Message, MessageStatus},
};
use uuid::Uuid;

use super::{
    accept::{AnswerPayload, answer_job},
    handling::{self, Dropped, Handler},
    messages::{self, NewMessage},
};
use crate::{
    Result, StoreError, Tx,
    jobs::{self, Job, Lease},
};

/// One message of a client who may be about to write more.
#[derive(Clone, Copy, Debug)]
pub struct Burst<'a> {
    /// Where it is written; must exist.
    pub conversation: ConversationId,
    /// What it says.
    pub text: &'a str,
    /// The sender's own id for it (or the inbox row's), by which a repeat is known.
    pub client_message_id: Option<Uuid>,
    /// How long to wait for more before the answer is begun.
    pub window: TimeDelta,
    /// How long after the turn's first message the answer is begun at the latest, however much comes.
    pub longest: TimeDelta,
}

/// A client's message that is now durable.
#[derive(Clone, Debug)]
pub struct AcceptedBurst {
    /// The message, and the place of its event.
    pub message: (i64, Message),
    /// The engine's reply, still empty (or, for a repeat, as it is now), and the place of its event.
    /// `None`: a member has taken over.
    pub reply: Option<(i64, Message)>,
    /// Drafts that answered less than is asked now.
    pub dropped: Dropped,
    /// The job that will answer, when this process holds it.
    pub job: Option<Job>,
    /// Whether the message was durable already: the sender's second try.
    pub repeated: bool,
}

/// Takes a client's message in. While the latest reply is not finished, the message joins its turn: the draft is
/// dropped and a new one begins, once the client has paused. Otherwise it begins a turn. When a member has taken
/// over, it waits for them.
///
/// With a `lease` and no window the calling process holds the answer job at once, if no other answer is due
/// before it, and must do it. [`StoreError::Dangling`]: the conversation is not this creator's.
pub async fn accept_burst(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: Burst<'_>,
    lease: Option<Lease>,
) -> Result<AcceptedBurst> {
    let held = handling::hold(tx, creator, new.conversation).await?.ok_or(StoreError::Dangling)?;
    if let Some(known) = repeat(tx, creator, &new).await? {
        return Ok(known);
    }
    let open = open_turn(tx, creator, new.conversation).await?;
    let dropped = match open {
        Some(_) => handling::drop_drafts(tx, now, creator, new.conversation, &held).await?,
        None => Dropped::default(),
    };
    let turn = open.unwrap_or_else(|| TurnId::new(now));
    let message = |author, text, status, client_message_id| NewMessage {
        conversation: new.conversation,
        turn,
        author,
        text,
        status,
        client_message_id,
    };
    let asked = message(Author::Client, new.text, MessageStatus::Done, new.client_message_id);
    let asked = messages::add_message(tx, now, creator, asked).await?;
    if held.handler == Handler::Human {
        return Ok(AcceptedBurst { message: asked, reply: None, dropped, job: None, repeated: false });
    }
    let reply = message(Author::Engine, "", MessageStatus::Streaming, None);
    let reply = messages::add_message(tx, now, creator, reply).await?;
    let run_at =
        (now + new.window).min(begun(tx, creator, turn).await?.unwrap_or(now) + new.longest).max(now);
    let payload = AnswerPayload {
        conversation_id: new.conversation,
        question_id: asked.1.id,
        reply_id: reply.1.id,
        reply_event: reply.0,
    };
    let job = answer_job(creator, payload, run_at)?;
    let job = match lease {
        Some(lease) if run_at == now => jobs::enqueue_held(tx, now, job, lease).await?,
        _ => {
            jobs::enqueue(tx, now, job).await?;
            None
        }
    };
    Ok(AcceptedBurst { message: asked, reply: Some(reply), dropped, job, repeated: false })
}

async fn repeat(tx: &mut Tx, creator: CreatorId, new: &Burst<'_>) -> Result<Option<AcceptedBurst>> {
    let Some(id) = new.client_message_id else {
        return Ok(None);
    };
    let row = fetch_optional!(
        tx,
        (MessageId, Option<MessageId>),
        "SELECT id, (SELECT reply.id FROM messages reply WHERE reply.turn_id = messages.turn_id AND reply.author = 'engine'
                     ORDER BY reply.seq DESC LIMIT 1)
         FROM messages WHERE creator_id = $1 AND conversation_id = $2 AND client_message_id = $3",
        creator,
        new.conversation,
        id,
    )?;
    let Some((message, reply)) = row else {
        return Ok(None);
    };
    let reply = match reply {
        Some(id) => messages::message(tx, creator, id).await?,
        None => None,
    };
    let found = messages::message(tx, creator, message).await?;
    let dropped = Dropped::default();
    Ok(found.map(|message| AcceptedBurst { message, reply, dropped, job: None, repeated: true }))
}

/// The turn whose reply is not finished yet.
async fn open_turn(tx: &mut Tx, creator: CreatorId, conversation: ConversationId) -> Result<Option<TurnId>> {
    let row = fetch_optional!(
        tx,
        (TurnId,),
        "SELECT turn_id FROM messages
         WHERE creator_id = $1 AND conversation_id = $2 AND author = 'engine' AND status = 'streaming'
         ORDER BY seq DESC LIMIT 1",
        creator,
        conversation,
    )?;
    Ok(row.map(|(turn,)| turn))
}

/// When the first message of a turn was written.
async fn begun(tx: &mut Tx, creator: CreatorId, turn: TurnId) -> Result<Option<DateTime<Utc>>> {
    let (first,) = fetch_one!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT MIN(created_at) FROM messages WHERE creator_id = $1 AND turn_id = $2 AND author = 'client'",
        creator,
        turn,
    )?;
    Ok(first)
}
