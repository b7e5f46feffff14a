//! The outbox: what must reach a client through a messenger, once.
//!
//! A message is posted in the transaction that makes it final, as one row, with the job that sends it. The
//! sender cuts it into the parts its messenger takes ([`split`]), begins each ([`begin_sending`], which asks
//! once more whether it may leave) and notes what the provider says ([`accepted`], [`reached`], …).

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        "id, conversation_id, turn_id, message_id, part, parts, channel_account_id, purpose, text, buttons, state,
         provider_message_id, code, detail, attempts, expires_at, pricing, created_at, settled_at"
    };
}
mod parts;
mod rank;
mod sending;
mod statuses;

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, ConversationId, CreatorId, MessageId, OutboxId, TurnId,
    conversation::{Author, Message, MessageStatus},
    named,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

pub use parts::{expires, last_notice, list, of_conversation, of_message, offer, split};
pub use rank::{Rank, SEND_CAMPAIGN_JOB, SEND_JOB, SEND_NUDGE_JOB};
pub use sending::{
    Begun, accepted, again, begin_sending, failed, requeue, unknown, withhold, withhold_replies,
};
pub use statuses::{Reached, Report, reached};

use crate::{
    Result, StoreError, Tx,
    error::known,
    jobs::{self, NewJob},
};

/// How often a message is tried before it is given up.
const TRIES: u32 = 12;

/// What the job that sends needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendPayload {
    /// Where it was written.
    pub conversation_id: ConversationId,
    /// The turn it belongs to.
    pub turn_id: TurnId,
    /// The message; its rows are found by [`of_message`].
    pub message_id: MessageId,
}

named! {
    /// How far a part has come. Reports of a provider only ever move it to a higher rank.
    State {
        /// It waits for its turn.
        Queued = "queued",
        /// A call to the provider began, and its answer is not noted yet.
        Sending = "sending",
        /// Nobody knows whether the provider took it.
        Unknown = "unknown",
        /// The provider took it.
        Accepted = "accepted",
        /// The provider sent it on.
        Sent = "sent",
        /// It did not arrive. A delivery reported afterwards still counts.
        Failed = "failed",
        /// It is on the client's device.
        Delivered = "delivered",
        /// They saw it.
        Read = "read",
        /// It was kept back, and `detail` says why.
        Withheld = "withheld",
    }
}

named! {
    /// Why a message is sent; replies go before nudges, nudges before campaigns.
    Purpose {
        /// The engine's answer.
        Reply = "reply",
        /// What a member wrote.
        Coach = "coach",
        /// That nobody answers there, and where somebody does.
        Notice = "notice",
        /// Something that reaches out first.
        Nudge = "nudge",
        /// Something that reaches out to many.
        Campaign = "campaign",
    }
}

/// One part of a message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its id; given to the provider where it gives it back.
    pub id: OutboxId,
    /// Where it was written.
    pub conversation_id: ConversationId,
    /// The turn it belongs to.
    pub turn_id: TurnId,
    /// The message.
    pub message_id: MessageId,
    /// Which part, from 0.
    pub part: i64,
    /// How many parts there are; 0: it is not cut yet, and the text is as it was written.
    pub parts: i64,
    /// By which account it leaves.
    pub account: ChannelAccountId,
    /// Why it is sent.
    pub purpose: Purpose,
    /// What it says, once cut in the messenger's own markup.
    pub text: String,
    /// Buttons under it: (token, title).
    pub buttons: Vec<(String, String)>,
    /// How far it has come.
    pub state: State,
    /// The provider's id of the message it became.
    pub provider_message_id: Option<String>,
    /// The provider's code of the latest refusal.
    pub code: Option<String>,
    /// What went wrong or why it was kept back, for people to read.
    pub detail: Option<String>,
    /// How often a call to the provider began.
    pub attempts: i64,
    /// After this it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the provider says it costs.
    pub pricing: Option<Value>,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
    /// When it failed, arrived or was kept back.
    pub settled_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: OutboxId,
    conversation_id: ConversationId,
    turn_id: TurnId,
    message_id: MessageId,
    part: i64,
    parts: i64,
    channel_account_id: ChannelAccountId,
    purpose: String,
    text: String,
    buttons: Json<Vec<(String, String)>>,
    state: String,
    provider_message_id: Option<String>,
    code: Option<String>,
    detail: Option<String>,
    attempts: i64,
    expires_at: Option<DateTime<Utc>>,
    pricing: Option<Json<Value>>,
    created_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Delivery {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            conversation_id: row.conversation_id,
            turn_id: row.turn_id,
            message_id: row.message_id,
            part: row.part,
            parts: row.parts,
            account: row.channel_account_id,
            purpose: known(Purpose::from_name(&row.purpose), "outbox purpose", &row.purpose)?,
            text: row.text,
            buttons: row.buttons.0,
            state: known(State::from_name(&row.state), "outbox state", &row.state)?,
            provider_message_id: row.provider_message_id,
            code: row.code,
            detail: row.detail,
            attempts: row.attempts,
            expires_at: row.expires_at,
            pricing: row.pricing.map(|pricing| pricing.0),
            created_at: row.created_at,
            settled_at: row.settled_at,
        })
    }
}

/// Posts a final message of the coach's side, with the job that sends it: in the transaction that made it final.
/// `None`: the conversation is not a messenger's, so its readers see the message by themselves.
/// [`StoreError::Conflict`]: its turn has another such message already.
pub async fn post(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    message: &Message,
) -> Result<Option<OutboxId>> {
    let purpose = match message.author {
        Author::Engine => Purpose::Reply,
        Author::Coach => Purpose::Coach,
        Author::CheckIn => Purpose::Nudge,
        Author::Client => return Ok(None),
    };
    post_as(tx, now, creator, message, purpose).await
}

/// As [`post`], for a purpose that its author does not tell.
pub async fn post_as(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    message: &Message,
    purpose: Purpose,
) -> Result<Option<OutboxId>> {
    let problem = message.problem.as_ref().filter(|_| message.status == MessageStatus::Failed);
    let text = problem.map_or(message.text.as_str(), |problem| problem.sentence.as_str());
    let id = OutboxId::new(now);
    let touched = execute!(
        tx,
        "INSERT INTO outbox (id, creator_id, conversation_id, turn_id, part, message_id, channel_account_id, purpose, text,
           state, created_at)
         SELECT $1, $2, conversations.id, $3, 0, $4, channel_accounts.id, $5, $6, 'queued', $7
         FROM conversations JOIN channel_accounts ON channel_accounts.id = conversations.channel_account_id
         WHERE conversations.creator_id = $2 AND conversations.id = $8 AND channel_accounts.kind <> 'widget'",
        id,
        creator,
        message.turn_id,
        message.id,
        purpose.name(),
        text,
        now,
        message.conversation_id,
    )?;
    if touched == 0 {
        return Ok(None);
    }
    let payload = SendPayload {
        conversation_id: message.conversation_id,
        turn_id: message.turn_id,
        message_id: message.id,
    };
    enqueue(tx, now, creator, payload, purpose, now).await?;
    Ok(Some(id))
}

async fn enqueue(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    payload: SendPayload,
    purpose: Purpose,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let (kind, lane) = job_of(payload.conversation_id, purpose);
    let payload = serde_json::to_value(payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    jobs::enqueue(tx, now, NewJob { creator, kind, payload, lane, run_at, max_attempts: TRIES }).await?;
    Ok(())
}

/// Has the job of a message run now instead of when it was put off to: there is news of one of its parts.
pub async fn hurry(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, part: &Delivery) -> Result<()> {
    let (kind, lane) = job_of(part.conversation_id, part.purpose);
    execute!(
        tx,
        "UPDATE jobs SET run_at = $1
         WHERE creator_id = $2 AND lane = $3 AND kind = $4 AND state = 'ready' AND run_at > $1
           AND payload->>'message_id' = $5",
        now,
        creator,
        lane,
        kind,
        part.message_id.to_string(),
    )?;
    Ok(())
}

/// Kind and lane of the job that sends a message. Not the conversation's own lane: a provider that makes us
/// wait must not keep the engine from answering, nor a nudge a reply.
fn job_of(conversation: ConversationId, purpose: Purpose) -> (&'static str, Uuid) {
    let kind = purpose.rank().job();
    (kind, jobs::lane(&[conversation.0.as_bytes(), kind.as_bytes()]))
}
