//! Who answers a conversation: the engine, or a member who has taken over.
//!
//! Whoever changes that, settles a reply or lets a message leave first holds the conversation's row until
//! the transaction ends. So nothing of the engine's leaves once a member has taken over.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId, MemberId, MessageId, TurnId,
    conversation::{Author, Message, MessageStatus},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ANSWER_JOB,
    messages::{self, NewMessage},
    settle,
};
use crate::{Result, StoreError, Tx, error::known, outbox};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handler {
    /// The engine, by itself.
    Engine,
    /// A member.
    Human,
}

impl Handler {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Human => "human",
        }
    }

    /// The handler with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Engine, Self::Human].into_iter().find(|handler| handler.name() == name)
    }
}

/// How a conversation is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Who answers.
    pub handler: Handler,
    /// The member it is given to.
    pub assigned_to: Option<MemberId>,
    /// Since when the client waits for a person.
    pub human_wanted_at: Option<DateTime<Utc>>,
    /// When a member closed it.
    pub closed_at: Option<DateTime<Utc>>,
}

type HandlingRow = (String, Option<MemberId>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// How a conversation of a creator is handled.
pub async fn handling(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<Option<Handling>> {
    let row = fetch_optional!(
        tx,
        HandlingRow,
        "SELECT handler, assigned_to, human_wanted_at, closed_at FROM conversations WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(|(handler, assigned_to, human_wanted_at, closed_at)| {
        let handler = known(Handler::from_name(&handler), "handler", &handler)?;
        Ok(Handling { handler, assigned_to, human_wanted_at, closed_at })
    })
    .transpose()
}

/// What tells whether anything happened in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Place of the latest event.
    pub place: i64,
    /// How it is handled.
    pub handling: Handling,
}

#[derive(sqlx::FromRow)]
struct SightRow {
    id: ConversationId,
    last_event_seq: i64,
    handler: String,
    assigned_to: Option<MemberId>,
    human_wanted_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
}

macro_rules! sights_sql {
    ($among:literal) => {
        concat!(
            "SELECT id, last_event_seq, handler, assigned_to, human_wanted_at, closed_at FROM conversations
             WHERE creator_id = $1 AND ",
            $among
        )
    };
}

/// A glance at many of a creator's conversations at once. Those that do not exist are left out.
pub async fn sights(
    tx: &mut Tx,
    creator: CreatorId,
    ids: &[ConversationId],
) -> Result<Vec<(ConversationId, Sight)>> {
    let among: Vec<String> = ids.iter().map(|id| id.0.simple().to_string()).collect();
    // Neither engine reads the other's lists.
    let sql = tx.skip_locked(
        sights_sql!("INSTR($2, LOWER(HEX(id))) > 0"),
        sights_sql!("id = ANY (STRING_TO_ARRAY($2, ',')::UUID[])"),
    );
    let rows = fetch_all!(tx, SightRow, sql, creator, among.join(","))?;
    let read = |row: SightRow| {
        let handler = known(Handler::from_name(&row.handler), "handler", &row.handler)?;
        let SightRow { assigned_to, human_wanted_at, closed_at, .. } = row;
        let handling = Handling { handler, assigned_to, human_wanted_at, closed_at };
        Ok((row.id, Sight { place: row.last_event_seq, handling }))
    };
    rows.into_iter().map(read).collect()
}

/// A conversation that nobody else changes until the transaction ends.
pub(crate) struct Held {
    pub(crate) handler: Handler,
    /// Whether its messages leave through a provider.
    pub(crate) messenger: bool,
}

macro_rules! hold_sql {
    ($which:literal, $lock:literal) => {
        concat!(
            "SELECT handler, EXISTS (SELECT 1 FROM channel_accounts
               WHERE channel_accounts.id = conversations.channel_account_id AND channel_accounts.kind <> 'widget') AS messenger
             FROM conversations WHERE creator_id = $1 AND id = ",
            $which,
            $lock
        )
    };
}

/// Holds a conversation until the transaction ends. `None`: it is not this creator's.
pub(crate) async fn hold(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<Option<Held>> {
    // A transaction that writes on SQLite is alone from its beginning.
    let sql = tx.skip_locked(hold_sql!("$2", ""), hold_sql!("$2", " FOR NO KEY UPDATE"));
    held(fetch_optional!(tx, (String, bool), sql, creator, id)?)
}

/// Holds the conversation of a message until the transaction ends. `None`: it is gone.
pub(super) async fn hold_of(tx: &mut Tx, creator: CreatorId, message: MessageId) -> Result<Option<Held>> {
    let sql = tx.skip_locked(
        hold_sql!("(SELECT conversation_id FROM messages WHERE creator_id = $1 AND messages.id = $2)", ""),
        hold_sql!(
            "(SELECT conversation_id FROM messages WHERE creator_id = $1 AND messages.id = $2)",
            " FOR NO KEY UPDATE"
        ),
    );
    held(fetch_optional!(tx, (String, bool), sql, creator, message)?)
}

fn held(row: Option<(String, bool)>) -> Result<Option<Held>> {
    row.map(|(handler, messenger)| {
        Ok(Held { handler: known(Handler::from_name(&handler), "handler", &handler)?, messenger })
    })
    .transpose()
}

/// Drafts that came to nothing.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Replies that nobody had seen, and that are gone: tell the live hub to stop writing.
    pub gone: Vec<MessageId>,
    /// Replies that readers may have seen growing: final as they are now, with their events' places.
    pub cancelled: Vec<(i64, Message)>,
}

/// Ends every draft of a held conversation together with its job, whoever works on it.
pub(super) async fn drop_drafts(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    held: &Held,
) -> Result<Dropped> {
    let mut dropped = Dropped::default();
    if held.messenger {
        let rows = fetch_all!(
            tx,
            (MessageId,),
            "DELETE FROM messages
             WHERE creator_id = $1 AND conversation_id = $2 AND author = 'engine' AND status = 'streaming' RETURNING id",
            creator,
            conversation,
        )?;
        dropped.gone = rows.into_iter().map(|(id,)| id).collect();
    } else {
        dropped.cancelled = settle::cancel_streaming(tx, now, creator, conversation).await?;
    }
    let ids = dropped.gone.iter().chain(dropped.cancelled.iter().map(|(_, message)| &message.id));
    for id in ids {
        // A worker that still runs it finds its lease lost; another one may work on this lane at once.
        execute!(
            tx,
            "DELETE FROM jobs WHERE creator_id = $1 AND lane = $2 AND kind = $3 AND state IN ('ready', 'running')
               AND payload->>'reply_id' = $4",
            creator,
            conversation,
            ANSWER_JOB,
            id.to_string(),
        )?;
    }
    Ok(dropped)
}

/// A member takes over: the engine's drafts end and nothing of its leaves any more, from the commit on.
/// `None`: the conversation is not this creator's.
pub async fn take_over(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: ConversationId,
    member: MemberId,
) -> Result<Option<Dropped>> {
    let Some(held) = hold(tx, creator, id).await? else {
        return Ok(None);
    };
    execute!(
        tx,
        "UPDATE conversations SET handler = 'human', assigned_to = $1, human_wanted_at = NULL, closed_at = NULL
         WHERE creator_id = $2 AND id = $3",
        member,
        creator,
        id,
    )?;
    let dropped = drop_drafts(tx, now, creator, id, &held).await?;
    outbox::withhold_replies(tx, now, creator, id).await?;
    Ok(Some(dropped))
}

/// Gives a conversation back to the engine, which answers what comes next. False: it is not this creator's.
pub async fn hand_back(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE conversations SET handler = 'engine', human_wanted_at = NULL WHERE creator_id = $1 AND id = $2",
        creator,
        id
    )?;
    Ok(touched == 1)
}

/// Gives a conversation to a member, or to nobody, without taking over. False: it is not this creator's.
pub async fn assign(
    tx: &mut Tx,
    creator: CreatorId,
    id: ConversationId,
    member: Option<MemberId>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE conversations SET assigned_to = $1 WHERE creator_id = $2 AND id = $3",
        member,
        creator,
        id
    )?;
    Ok(touched == 1)
}

/// Notes that the client wants a person. True: it is news, so tell the team; false: they wait already, a member
/// has taken over, or the conversation is not this creator's.
pub async fn want_human(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: ConversationId,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE conversations SET human_wanted_at = $1
         WHERE creator_id = $2 AND id = $3 AND human_wanted_at IS NULL AND handler = 'engine'",
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Closes a conversation: done for people. What the client writes next opens it again, and the engine answers.
/// False: it is not this creator's.
pub async fn close(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: ConversationId) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE conversations SET closed_at = $1, handler = 'engine', human_wanted_at = NULL
         WHERE creator_id = $2 AND id = $3",
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Opens a closed conversation again. False: it is not this creator's.
pub async fn reopen(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE conversations SET closed_at = NULL WHERE creator_id = $1 AND id = $2",
        creator,
        id
    )?;
    Ok(touched == 1)
}

/// A member writes to the client, and by that takes over. `None`: the conversation is not this creator's.
/// [`StoreError::Conflict`]: a message with this `client_message_id` was written already.
pub async fn write_as_coach(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    member: MemberId,
    (conversation, text): (ConversationId, &str),
    client_message_id: Option<Uuid>,
) -> Result<Option<(Dropped, (i64, Message))>, StoreError> {
    let Some(dropped) = take_over(tx, now, creator, conversation, member).await? else {
        return Ok(None);
    };
    let new = NewMessage {
        conversation,
        turn: TurnId::new(now),
        author: Author::Coach,
        text,
        status: MessageStatus::Done,
        client_message_id,
    };
    let message = messages::add_message(tx, now, creator, new).await?;
    Ok(Some((dropped, message)))
}
