//! Conversations and their messages.

mod accept;
mod briefing;
mod burst;
mod handling;
mod inbox;
mod messages;
mod settle;
mod threads;

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConversationId, CreatorId, KnowledgeBaseId, MemberId,
    conversation::ConversationKind,
};
use sqlx::types::Json;

pub use accept::{ANSWER_JOB, Accepted, AnswerPayload, NewQuestion, accept_message};
pub use briefing::{Briefing, briefing};
pub use burst::{AcceptedBurst, Burst, accept_burst};
pub(crate) use handling::hold;
pub use handling::{
    Dropped, Handler, Handling, Sight, assign, close, hand_back, handling, reopen, sights, take_over,
    want_human, write_as_coach,
};
pub use inbox::{InboxEntry, InboxFilter, Shelf, inbox};
pub use messages::{NewMessage, add_message, events_after, history, list_messages, message};
pub use settle::{Settled, cancel_streaming, grow, settle};
pub use threads::{of_client, of_identity, open_for};

use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// A conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its id; may be made by the sender.
    pub id: ConversationId,
    /// What it is for.
    pub kind: ConversationKind,
    /// The client, in a client's conversation.
    pub client_id: Option<ClientId>,
    /// Where it takes place.
    pub channel_account_id: Option<ChannelAccountId>,
    /// The member who tries out the test chat.
    pub member_id: Option<MemberId>,
    /// The first question, cut short.
    pub title: String,
    /// Answer from these bases only; empty for all.
    pub knowledge_base_ids: Vec<KnowledgeBaseId>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When something was last said.
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConversationId,
    kind: String,
    client_id: Option<ClientId>,
    channel_account_id: Option<ChannelAccountId>,
    member_id: Option<MemberId>,
    title: String,
    knowledge_base_ids: Json<Vec<KnowledgeBaseId>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Conversation {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: known(ConversationKind::from_name(&row.kind), "conversation kind", &row.kind)?,
            client_id: row.client_id,
            channel_account_id: row.channel_account_id,
            member_id: row.member_id,
            title: row.title,
            knowledge_base_ids: row.knowledge_base_ids.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Makes a conversation unless one with its id exists. False: it existed (perhaps another creator's: read it back).
pub async fn create(tx: &mut Tx, creator: CreatorId, new: &Conversation) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO conversations (id, creator_id, kind, client_id, channel_account_id, member_id, title, knowledge_base_ids,
           last_seq, last_event_seq, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10) ON CONFLICT DO NOTHING",
        new.id,
        creator,
        new.kind.name(),
        new.client_id,
        new.channel_account_id,
        new.member_id,
        &new.title,
        Json(&new.knowledge_base_ids),
        new.created_at,
        new.updated_at,
    )?;
    Ok(touched == 1)
}

/// One conversation of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<Option<Conversation>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, kind, client_id, channel_account_id, member_id, title, knowledge_base_ids, created_at, updated_at
         FROM conversations WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's conversations of one kind (or of all), the latest first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    kind: Option<ConversationKind>,
    page: Page,
) -> Result<Listed<Conversation>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, kind, client_id, channel_account_id, member_id, title, knowledge_base_ids, created_at, updated_at
         FROM conversations
         WHERE creator_id = $1 AND ($2 IS NULL OR kind = $2) AND (updated_at < $3 OR (updated_at = $3 AND id < $4))
         ORDER BY updated_at DESC, id DESC LIMIT $5",
        creator,
        kind.map(ConversationKind::name),
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Conversation>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.updated_at, id: row.id.0 }))
}
