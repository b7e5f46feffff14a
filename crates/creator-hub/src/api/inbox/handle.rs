//! Who answers: taking over, handing back, looking after, closing.

use axum::extract::State;
use coxswain_domain::{ConversationId, MemberId};
use coxswain_http::{Json, Problem, Result, events};
use coxswain_store::{
    Tx,
    conversations::{self, Dropped, Handler, InboxEntry},
    members,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    find, missing, note,
    view::{InboxConversation, view},
};
use crate::{HubState, api::input::Id, auth::Responder};

/// Takes a conversation over: from now on the engine is silent in it, and what it was writing stops.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/take-over", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "Taken over", body = InboxConversation)))]
pub(crate) async fn take_over(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<Json<InboxConversation>> {
    let mut tx = hub.db.write(caller.creator).await?;
    let before = find(&mut tx, caller.creator, id).await?;
    let (creator, member) = (caller.creator, acting(&caller));
    let dropped = conversations::take_over(&mut tx, hub.clock.now(), creator, id, member).await?;
    note_taken_over(&hub, &mut tx, &caller, &before).await?;
    finish(&hub, tx, &caller, id, dropped.unwrap_or_default()).await
}

/// Who takes over: the member, or the key that acts for the team.
pub(super) fn acting(caller: &Responder) -> MemberId {
    caller.member().unwrap_or_else(|| caller.actor.id.unwrap_or_default().into())
}

/// Notes that a person answers from now on, unless one did already.
pub(super) async fn note_taken_over(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Responder,
    before: &InboxEntry,
) -> Result<()> {
    if before.handling.handler == Handler::Human {
        return Ok(());
    }
    note(hub, tx, caller, "conversation.taken_over", before.id, json!({})).await
}

/// Hands a conversation back to the engine: it answers what comes next.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/hand-back", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "Handed back", body = InboxConversation)))]
pub(crate) async fn hand_back(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<Json<InboxConversation>> {
    let mut tx = hub.db.write(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    conversations::hand_back(&mut tx, caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "conversation.handed_back", id, json!({})).await?;
    finish(&hub, tx, &caller, id, Dropped::default()).await
}

/// Who looks after a conversation from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssigneeRequest {
    /// A member of the team; null for nobody.
    member_id: Option<MemberId>,
}

/// Says who looks after a conversation. Who answers stays as it is.
#[utoipa::path(put, path = "/api/v1/inbox/{id}/assignee", tag = "Inbox", params(("id" = ConversationId, Path)),
    request_body = AssigneeRequest, responses((status = 200, description = "Assigned", body = InboxConversation)))]
pub(crate) async fn assign(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
    Json(form): Json<AssigneeRequest>,
) -> Result<Json<InboxConversation>> {
    let mut tx = hub.db.write(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    if let Some(member) = form.member_id {
        let found = members::get(&mut tx, caller.creator, member).await?;
        if found.is_none_or(|member| member.disabled_at.is_some()) {
            return Err(Problem::invalid("/member_id", "There is no such member on the team."));
        }
    }
    conversations::assign(&mut tx, caller.creator, id, form.member_id).await?;
    note(&hub, &mut tx, &caller, "conversation.assigned", id, json!({ "member": form.member_id })).await?;
    finish(&hub, tx, &caller, id, Dropped::default()).await
}

/// Closes a conversation: nobody waits in it any more. It opens by itself when the client writes.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/close", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "Closed", body = InboxConversation)))]
pub(crate) async fn close(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<Json<InboxConversation>> {
    let mut tx = hub.db.write(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    conversations::close(&mut tx, hub.clock.now(), caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "conversation.closed", id, json!({})).await?;
    finish(&hub, tx, &caller, id, Dropped::default()).await
}

/// Opens a closed conversation again.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/reopen", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "Open", body = InboxConversation)))]
pub(crate) async fn reopen(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<Json<InboxConversation>> {
    let mut tx = hub.db.write(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    conversations::reopen(&mut tx, caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "conversation.reopened", id, json!({})).await?;
    finish(&hub, tx, &caller, id, Dropped::default()).await
}

/// Commits, tells those who watch, and shows the conversation as it is now.
async fn finish(
    hub: &HubState,
    mut tx: Tx,
    caller: &Responder,
    id: ConversationId,
    dropped: Dropped,
) -> Result<Json<InboxConversation>> {
    let entry = find(&mut tx, caller.creator, id).await?;
    let shown = view(&mut tx, caller.creator, vec![entry]).await?.pop();
    tx.commit().await?;
    announce(hub, id, dropped);
    Ok(Json(shown.ok_or_else(missing)?))
}

/// Tells those who watch a conversation, and the inbox, once it is committed.
pub(super) fn announce(hub: &HubState, id: ConversationId, dropped: Dropped) {
    if !dropped.gone.is_empty() || !dropped.cancelled.is_empty() {
        // Whoever writes it here stops; what it would write the database refuses.
        hub.live.cancel(id);
    }
    for message in dropped.cancelled {
        events::announce(&hub.live, id, message);
    }
    hub.live.touch(id);
}
