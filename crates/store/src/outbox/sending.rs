//! One part on its way to the provider.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, OutboxId};

use super::{Delivery, Purpose, SendPayload, State, enqueue, parts};
use crate::{
    Result, Tx,
    conversations::{self, Handler},
};

/// What [`begin_sending`] found.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It is yours to send: commit, then call the provider.
    Send(Box<Delivery>),
    /// An earlier call began and nobody knows how it ended. Unless the provider will tell, [`requeue`] it.
    Unsettled(Box<Delivery>),
    /// It is kept back, now or before; `detail` says why.
    Withheld(Box<Delivery>),
    /// The provider has it, or refused it for good.
    Settled(Box<Delivery>),
}

/// Why the engine's words are kept back once a member has taken over.
const TAKEN_OVER: &str = "A member of the team took over the conversation.";
/// Why something is kept back that is worth nothing any more.
const EXPIRED: &str = "It was too late to send it.";

/// Moves a queued part on its way, unless it is the engine's and a member has taken over, or it is too late:
/// then it is kept back. `None`: it is not this creator's.
pub async fn begin_sending(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: OutboxId,
) -> Result<Option<Begun>> {
    let row = fetch_optional!(
        tx,
        (ConversationId,),
        "SELECT conversation_id FROM outbox WHERE creator_id = $1 AND id = $2",
        creator,
        id
    )?;
    let Some((conversation,)) = row else {
        return Ok(None);
    };
    // Who takes over waits for this transaction, or this one for theirs.
    let Some(held) = conversations::hold(tx, creator, conversation).await? else {
        return Ok(None);
    };
    let Some(mut delivery) = parts::get(tx, creator, id).await? else {
        return Ok(None);
    };
    Ok(Some(match delivery.state {
        State::Queued => {
            let reason = if delivery.purpose == Purpose::Reply && held.handler == Handler::Human {
                Some(TAKEN_OVER)
            } else {
                delivery.expires_at.filter(|at| *at <= now).map(|_| EXPIRED)
            };
            if let Some(reason) = reason {
                withhold(tx, now, creator, id, reason).await?;
                delivery.state = State::Withheld;
                delivery.detail = Some(reason.to_owned());
                delivery.settled_at = Some(now);
                Begun::Withheld(Box::new(delivery))
            } else {
                execute!(
                    tx,
                    "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE creator_id = $1 AND id = $2",
                    creator,
                    id,
                )?;
                delivery.state = State::Sending;
                delivery.attempts += 1;
                Begun::Send(Box::new(delivery))
            }
        }
        State::Sending | State::Unknown => Begun::Unsettled(Box::new(delivery)),
        State::Withheld => Begun::Withheld(Box::new(delivery)),
        _ => Begun::Settled(Box::new(delivery)),
    }))
}

/// The provider took it, under this id. A report that came before the answer keeps its rank.
/// False: it is not this creator's.
pub async fn accepted(
    tx: &mut Tx,
    creator: CreatorId,
    id: OutboxId,
    provider_message_id: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET provider_message_id = $1,
           code = CASE WHEN state = 'failed' THEN code END, detail = CASE WHEN state = 'failed' THEN detail END,
           state = CASE WHEN state IN ('queued', 'sending', 'unknown') THEN 'accepted' ELSE state END
         WHERE creator_id = $2 AND id = $3",
        provider_message_id,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// The provider refused it for good. False: it has come further, or was settled already.
pub async fn failed(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: OutboxId,
    (code, detail): (Option<&str>, &str),
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET state = 'failed', code = $1, detail = $2, settled_at = $3
         WHERE creator_id = $4 AND id = $5 AND state IN ('queued', 'sending', 'unknown', 'accepted', 'sent')",
        code,
        detail,
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Nobody knows whether the provider took it.
pub async fn unknown(tx: &mut Tx, creator: CreatorId, id: OutboxId, detail: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET state = 'unknown', detail = $1 WHERE creator_id = $2 AND id = $3 AND state = 'sending'",
        detail,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Puts a part whose call came to nothing back in the queue: the job tries it again, and it is asked again
/// whether it may leave. False: it has come further.
pub async fn requeue(
    tx: &mut Tx,
    creator: CreatorId,
    id: OutboxId,
    (code, detail): (Option<&str>, &str),
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET state = 'queued', code = $1, detail = $2
         WHERE creator_id = $3 AND id = $4 AND state IN ('sending', 'unknown')",
        code,
        detail,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Keeps a part back, with the reason for people to read. False: it has left, or was settled already.
pub async fn withhold(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: OutboxId,
    reason: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET state = 'withheld', detail = $1, settled_at = $2
         WHERE creator_id = $3 AND id = $4 AND state IN ('queued', 'sending')",
        reason,
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Keeps back what the engine has queued in a conversation that a member takes over; how many parts.
pub async fn withhold_replies(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<u64> {
    execute!(
        tx,
        "UPDATE outbox SET state = 'withheld', detail = $1, settled_at = $2
         WHERE creator_id = $3 AND conversation_id = $4 AND state = 'queued' AND purpose = 'reply'",
        TAKEN_OVER,
        now,
        creator,
        conversation,
    )
}

/// Sends a part that failed, was kept back or is unknown once more, by a new job not before `run_at`.
/// False: it is on its way or has arrived, or it is not this creator's.
pub async fn again(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: OutboxId,
    run_at: DateTime<Utc>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET state = 'queued', settled_at = NULL
         WHERE creator_id = $1 AND id = $2 AND state IN ('failed', 'withheld', 'unknown')",
        creator,
        id,
    )?;
    if touched == 0 {
        return Ok(false);
    }
    if let Some(delivery) = parts::get(tx, creator, id).await? {
        let payload = SendPayload {
            conversation_id: delivery.conversation_id,
            turn_id: delivery.turn_id,
            message_id: delivery.message_id,
        };
        enqueue(tx, now, creator, payload, delivery.purpose, run_at).await?;
    }
    Ok(true)
}
