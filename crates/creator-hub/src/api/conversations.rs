//! Conversations: listed, read, followed, stopped.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, CreatorId,
    conversation::{ConversationKind, Message},
};
use coxswain_http::{
    Json, PageOf, PageQuery, Problem, Result,
    events::{self, Wanted},
};
use coxswain_store::{Tx, conversations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::{Id, Params};
use crate::{
    HubState,
    auth::{Chatter, Listener},
};

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conversation {
    /// Its id.
    id: ConversationId,
    /// What it is for.
    kind: ConversationKind,
    /// The first question, cut short.
    title: String,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When something was last said.
    updated_at: DateTime<Utc>,
}

/// Which conversations are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConversationsQuery {
    /// Of this kind only.
    kind: Option<ConversationKind>,
}

/// The conversations, the latest first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "Chat", params(PageQuery, ConversationsQuery),
    responses((status = 200, description = "Conversations", body = PageOf<Conversation>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Listener,
    query: PageQuery,
    Params(filter): Params<ConversationsQuery>,
) -> Result<Json<PageOf<Conversation>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = conversations::list(&mut tx, caller.creator, filter.kind, query.page()?).await?;
    let view = |found: conversations::Conversation| Conversation {
        id: found.id,
        kind: found.kind,
        title: found.title,
        created_at: found.created_at,
        updated_at: found.updated_at,
    };
    Ok(Json(listed.map(view).into()))
}

/// Which messages are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesQuery {
    /// Messages at most, 1 to 100; 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before: asks for older messages.
    cursor: Option<i64>,
}

/// The latest messages of a conversation, the newest last; `next_cursor` leads to older ones.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "Chat",
    params(("id" = ConversationId, Path), MessagesQuery),
    responses((status = 200, description = "Messages", body = PageOf<Message>)))]
pub(crate) async fn messages(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<ConversationId>,
    Params(query): Params<MessagesQuery>,
) -> Result<Json<PageOf<Message>>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("/limit", "Use a limit from 1 to 100."));
    }
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    let before = query.cursor.unwrap_or(i64::MAX);
    let found = conversations::list_messages(&mut tx, caller.creator, id, before, limit).await?;
    // Places in a conversation begin at 1 and have no holes, so the first one tells whether there are older ones.
    let next_cursor = found.first().map(|(_, message)| message.seq).filter(|seq| *seq > 1);
    Ok(Json(PageOf {
        items: found.into_iter().map(|(_, message)| message).collect(),
        next_cursor: next_cursor.map(|seq| seq.to_string()),
    }))
}

/// Follows a conversation. Events are `message` and `delta`; a reader that comes back with `Last-Event-ID`
/// gets what it missed.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/events", tag = "Chat", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "Events `message` and `delta`", content_type = "text/event-stream", body = Message)))]
pub(crate) async fn events(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<ConversationId>,
    headers: HeaderMap,
) -> Result<Response> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    drop(tx);
    let wanted = Wanted {
        creator: caller.creator,
        conversation: id,
        after: events::last_event_id(&headers),
        until: None,
    };
    let joined = hub.live.join(id);
    Ok(events::respond(hub.db.clone(), hub.live.clone(), joined, wanted, None, Message::clone))
}

/// Stops the answer being written; what has come stays.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/cancel", tag = "Chat", params(("id" = ConversationId, Path)),
    responses((status = 204, description = "Stopped, or there was nothing to stop")))]
pub(crate) async fn cancel(
    State(hub): State<HubState>,
    caller: Chatter,
    Id(id): Id<ConversationId>,
) -> Result<StatusCode> {
    let creator = caller.creator;
    find(&mut hub.db.read(creator).await?, creator, id).await?;
    if hub.live.join(id).growing.is_some() {
        // Whoever writes it here knows its latest words and makes it final with them.
        hub.live.cancel(id);
        return Ok(StatusCode::NO_CONTENT);
    }
    let mut tx = hub.db.write(creator).await?;
    let stopped = conversations::cancel_streaming(&mut tx, hub.clock.now(), creator, id).await?;
    tx.commit().await?;
    for event in stopped {
        events::announce(&hub.live, id, event);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A conversation of the creator.
pub(super) async fn find(
    tx: &mut Tx,
    creator: CreatorId,
    id: ConversationId,
) -> Result<conversations::Conversation> {
    conversations::get(tx, creator, id).await?.ok_or_else(|| Problem::not_found("conversation"))
}
