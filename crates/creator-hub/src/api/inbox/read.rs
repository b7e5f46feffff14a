//! One conversation as the team reads it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, conversation::Message};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx, attachments, conversations, identities, notes,
    outbox::{self, State as Stored},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    find, missing,
    notes::Note,
    view::{InboxConversation, view},
};
use crate::{
    HubState,
    api::{
        attachments::Attachment,
        channels::DeliveryState,
        client_detail::{ClientDetail, detail, window_closes_at},
        input::{Id, Params},
    },
    auth::Listener,
};

/// How far a message has come to the client, through a messenger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryMark {
    /// How far; of a long message, its part that is furthest behind.
    state: DeliveryState,
    /// The provider's code of the latest refusal.
    code: Option<String>,
    /// What went wrong, or why it was kept back.
    detail: Option<String>,
    /// When it arrived, failed or was kept back.
    settled_at: Option<DateTime<Utc>>,
}

/// A message as the team reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxMessage {
    /// The message.
    #[serde(flatten)]
    message: Message,
    /// The files it carries.
    attachments: Vec<Attachment>,
    /// How far it has come; null where the client reads the conversation itself, and for what they wrote.
    delivery: Option<DeliveryMark>,
}

/// One conversation as the team reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxDetail {
    /// The conversation.
    conversation: InboxConversation,
    /// Whose.
    client: ClientDetail,
    /// The latest messages before the cursor, the newest last.
    messages: Vec<InboxMessage>,
    /// The team's notes, the oldest first; on the first page only.
    notes: Vec<Note>,
    /// Until when free text may be sent to the client; null where it always may.
    window_closes_at: Option<DateTime<Utc>>,
    /// Leads to older messages; null on the last page.
    next_cursor: Option<String>,
}

/// Which messages are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxDetailQuery {
    /// Messages at most, 1 to 100; 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before: asks for older messages.
    cursor: Option<i64>,
}

/// One conversation with its client, its latest messages and how far each has come, and the team's notes.
#[utoipa::path(get, path = "/api/v1/inbox/{id}", tag = "Inbox",
    params(("id" = ConversationId, Path), InboxDetailQuery),
    responses((status = 200, description = "The conversation", body = InboxDetail)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<ConversationId>,
    Params(query): Params<InboxDetailQuery>,
) -> Result<Json<InboxDetail>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("/limit", "Use a limit from 1 to 100."));
    }
    let creator = caller.creator;
    let mut tx = hub.db.read(creator).await?;
    let entry = find(&mut tx, creator, id).await?;
    let client = detail(&mut tx, creator, entry.client_id).await?.ok_or_else(missing)?;
    let conversation = view(&mut tx, creator, vec![entry]).await?.pop().ok_or_else(missing)?;
    let before = query.cursor.unwrap_or(i64::MAX);
    let found = conversations::list_messages(&mut tx, creator, id, before, limit).await?;
    // Places in a conversation begin at 1, so the first one tells whether there are older ones.
    let next_cursor = found.first().map(|(_, message)| message.seq).filter(|seq| *seq > 1);
    let messages =
        mark(&mut tx, creator, id, found.into_iter().map(|(_, message)| message).collect()).await?;
    let notes =
        if query.cursor.is_none() { notes::of_conversation(&mut tx, creator, id).await? } else { Vec::new() };
    let contact = identities::of_conversation(&mut tx, creator, id).await?;
    let window_closes_at = contact.as_ref().and_then(window_closes_at);
    let next_cursor = next_cursor.map(|seq| seq.to_string());
    let notes = notes.into_iter().map(Note::from).collect();
    Ok(Json(InboxDetail { conversation, client, messages, notes, window_closes_at, next_cursor }))
}

/// Says of each message how far it has come and what it carries.
async fn mark(
    tx: &mut Tx,
    creator: CreatorId,
    id: ConversationId,
    messages: Vec<Message>,
) -> Result<Vec<InboxMessage>> {
    let places = messages.first().zip(messages.last()).map_or((0, 0), |(first, last)| (first.seq, last.seq));
    let carried = attachments::of_messages(tx, creator, id, places).await?;
    let mut marked = Vec::with_capacity(messages.len());
    for message in messages {
        let attachments =
            carried.iter().filter(|one| one.message_id == Some(message.id)).map(Into::into).collect();
        let parts = outbox::of_message(tx, creator, message.id).await?;
        let behind = parts.into_iter().min_by_key(|part| rank(part.state));
        let delivery = behind.map(|part| DeliveryMark {
            state: part.state.into(),
            code: part.code,
            detail: part.detail,
            settled_at: part.settled_at,
        });
        marked.push(InboxMessage { message, attachments, delivery });
    }
    Ok(marked)
}

/// What of a message's parts matters most: what went wrong, then what is furthest behind.
const fn rank(state: Stored) -> u8 {
    match state {
        Stored::Failed | Stored::Withheld => 0,
        Stored::Unknown => 1,
        Stored::Queued => 2,
        Stored::Sending => 3,
        Stored::Accepted => 4,
        Stored::Sent => 5,
        Stored::Delivered => 6,
        Stored::Read => 7,
    }
}
