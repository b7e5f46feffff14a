//! The inbox: what came from a messenger, exactly as it came, before anything is made of it.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, InboxId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Result, StoreError, Tx,
    error::known,
    jobs::{self, NewJob},
    page::{Cursor, Listed, Page},
};

/// The kind of the job that handles one row.
pub const INBOX_JOB: &str = "inbox.v1";

/// How often a row is tried before a person has to look.
const TRIES: u32 = 8;

/// What the inbox job needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxPayload {
    /// The row to handle.
    pub inbox_id: InboxId,
}

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its job will handle it.
    Waiting,
    /// Handled.
    Done,
    /// Understood, and nothing is to be done about it.
    Ignored,
    /// No sense could be made of it.
    Unreadable,
    /// It was tried too often.
    Failed,
}

impl State {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }

    /// The state with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Done, Self::Ignored, Self::Unreadable, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Something a provider brought.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Whose account it came to.
    pub creator: CreatorId,
    /// Which account.
    pub account: ChannelAccountId,
    /// By which a second copy is known; unique on the account.
    pub provider_message_id: &'a str,
    /// The sender's id as the provider says it; one sender's rows are handled one after the other.
    pub sender: &'a str,
    /// When it was sent, by the provider's clock.
    pub sent_at: Option<DateTime<Utc>>,
    /// The bytes as they came.
    pub raw: &'a [u8],
}

/// A row of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: InboxId,
    /// The account it came to.
    pub account: ChannelAccountId,
    /// By which a second copy is known.
    pub provider_message_id: String,
    /// The sender's id as the provider says it.
    pub sender: String,
    /// When it was sent, by the provider's clock.
    pub sent_at: Option<DateTime<Utc>>,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// How far it has come.
    pub state: State,
    /// Why it is ignored, unreadable or failed, for people to read.
    pub problem: Option<String>,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// When it was settled.
    pub settled_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: InboxId,
    channel_account_id: ChannelAccountId,
    provider_message_id: String,
    sender: String,
    sent_at: Option<DateTime<Utc>>,
    raw: Vec<u8>,
    state: String,
    problem: Option<String>,
    conversation_id: Option<ConversationId>,
    received_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Received {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            account: row.channel_account_id,
            provider_message_id: row.provider_message_id,
            sender: row.sender,
            sent_at: row.sent_at,
            raw: row.raw,
            state: known(State::from_name(&row.state), "inbox state", &row.state)?,
            problem: row.problem,
            conversation: row.conversation_id,
            received_at: row.received_at,
            settled_at: row.settled_at,
        })
    }
}

/// Keeps what came, with the job that handles it. `None`: it came before. Many may be received in one
/// transaction. In the creator's transaction or the system's.
pub async fn receive(tx: &mut Tx, now: DateTime<Utc>, new: New<'_>) -> Result<Option<InboxId>> {
    let Some(id) = keep(tx, now, new, State::Waiting, None).await? else {
        return Ok(None);
    };
    enqueue(tx, now, new.creator, id, lane(new.account, new.sender)).await?;
    Ok(Some(id))
}

/// Keeps what came and makes no sense, for a person to look at. `None`: it came before.
pub async fn receive_unreadable(
    tx: &mut Tx,
    now: DateTime<Utc>,
    new: New<'_>,
    problem: &str,
) -> Result<Option<InboxId>> {
    keep(tx, now, new, State::Unreadable, Some(problem)).await
}

async fn keep(
    tx: &mut Tx,
    now: DateTime<Utc>,
    new: New<'_>,
    state: State,
    problem: Option<&str>,
) -> Result<Option<InboxId>> {
    let id = InboxId::new(now);
    let touched = execute!(
        tx,
        "INSERT INTO inbox (id, creator_id, channel_account_id, provider_message_id, sender, sent_at, raw, state, problem,
           received_at, settled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        id,
        new.creator,
        new.account,
        new.provider_message_id,
        new.sender,
        new.sent_at,
        new.raw,
        state.name(),
        problem,
        now,
        (state != State::Waiting).then_some(now),
    )?;
    Ok((touched == 1).then_some(id))
}

async fn enqueue(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: InboxId, lane: Uuid) -> Result<()> {
    let payload = serde_json::to_value(InboxPayload { inbox_id: id })
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let job = NewJob { creator, kind: INBOX_JOB, payload, lane, run_at: now, max_attempts: TRIES };
    jobs::enqueue(tx, now, job).await?;
    Ok(())
}

/// One lane for each sender on each account.
fn lane(account: ChannelAccountId, sender: &str) -> Uuid {
    jobs::lane(&[account.0.as_bytes(), sender.as_bytes()])
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, channel_account_id, provider_message_id, sender, sent_at, raw, state, problem, conversation_id,
               received_at, settled_at
             FROM inbox ",
            $rest
        )
    };
}

/// One row of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: InboxId) -> Result<Option<Received>> {
    let row = fetch_optional!(tx, Row, select!("WHERE creator_id = $1 AND id = $2"), creator, id)?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's rows on one account (or on all), in one state (or in any), the newest first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    account: Option<ChannelAccountId>,
    state: Option<State>,
    page: Page,
) -> Result<Listed<Received>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        select!(
            "WHERE creator_id = $1 AND ($2 IS NULL OR channel_account_id = $2) AND ($3 IS NULL OR state = $3)
               AND (received_at < $4 OR (received_at = $4 AND id < $5))
             ORDER BY received_at DESC, id DESC LIMIT $6"
        ),
        creator,
        account,
        state.map(State::name),
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Received>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.received_at, id: row.id.0 }))
}

/// Says what became of a waiting row, once. False: it was settled already, or it is not this creator's.
pub async fn settle(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: InboxId,
    (state, problem): (State, Option<&str>),
    conversation: Option<ConversationId>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE inbox SET state = $1, problem = $2, conversation_id = COALESCE($3, conversation_id), settled_at = $4
         WHERE creator_id = $5 AND id = $6 AND state = 'waiting'",
        state.name(),
        problem,
        conversation,
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Has a settled row handled again, by a new job. False: it waits already, or it is not this creator's.
pub async fn replay(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: InboxId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (ChannelAccountId, String),
        "UPDATE inbox SET state = 'waiting', problem = NULL, settled_at = NULL
         WHERE creator_id = $1 AND id = $2 AND state <> 'waiting' RETURNING channel_account_id, sender",
        creator,
        id,
    )?;
    let Some((account, sender)) = row else {
        return Ok(false);
    };
    enqueue(tx, now, creator, id, lane(account, &sender)).await?;
    Ok(true)
}

/// Forgets what was handled and came before `before`. A copy that comes after that is handled as new. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM inbox WHERE state IN ('done', 'ignored') AND received_at < $1", before)
}
