//! A person's reply.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, conversation::Message};
use coxswain_http::{Json, Problem, Result, events};
use coxswain_store::{Tx, conversations, identities};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{find, handle, missing};
use crate::{
    HubState,
    api::{
        client_detail::window_closes_at,
        input::{Checks, Id},
    },
    auth::Responder,
    idempotency::Key,
};

/// Characters a reply may have.
const TEXT: usize = 4000;

/// A reply.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyRequest {
    /// What the client reads.
    text: String,
}

/// Replies to a client. That takes the conversation over: the engine says nothing more in it until it is
/// handed back. With an `Idempotency-Key` a reply sent twice reaches the client once.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/replies", tag = "Inbox",
    params(("id" = ConversationId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the reply, so that sending it again is no second one")),
    request_body = ReplyRequest, responses((status = 201, description = "On its way", body = Message)))]
pub(crate) async fn reply(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
    key: Key,
    Json(form): Json<ReplyRequest>,
) -> Result<Response> {
    let creator = caller.creator;
    let request = key.request(creator, "inbox.replies", &(id, &form))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let text = checks.text("/text", &form.text, TEXT);
    checks.done()?;
    let now = hub.clock.now();
    let mut tx = hub.db.write(creator).await?;
    let before = find(&mut tx, creator, id).await?;
    if before.channel_account_id.is_none() {
        let detail = "The channel this client wrote on is disconnected. Nothing was sent.";
        return Err(Problem::conflict("channel_gone", detail));
    }
    check_window(&mut tx, now, creator, id).await?;
    let (member, repeat) = (handle::acting(&caller), key.as_uuid());
    let written = conversations::write_as_coach(&mut tx, now, creator, member, (id, &text), repeat).await?;
    let (dropped, message) = written.ok_or_else(missing)?;
    handle::note_taken_over(&hub, &mut tx, &caller, &before).await?;
    let answer = request.commit(tx, now, StatusCode::CREATED, &message.1).await?;
    handle::announce(&hub, id, dropped);
    events::announce(&hub.live, id, message);
    hub.work.wake();
    Ok(answer)
}

/// Outside `WhatsApp`'s window only templates may be sent: better told now than found failed later.
async fn check_window(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: ConversationId) -> Result<()> {
    let contact = identities::of_conversation(tx, creator, id).await?;
    let closed = contact.as_ref().and_then(window_closes_at).filter(|closes| *closes <= now);
    match closed {
        Some(_) => Err(Problem::conflict(
            "window_closed",
            "WhatsApp lets you write to this client only within 24 hours of their last message. Nothing was sent.",
        )),
        None => Ok(()),
    }
}
