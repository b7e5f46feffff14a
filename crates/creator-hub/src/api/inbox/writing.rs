//! That a person is writing, for the client to see.

use axum::{extract::State, http::StatusCode};
use coxswain_domain::{ConversationId, conversation::ConversationEvent};
use coxswain_http::Result;

use super::find;
use crate::{HubState, api::input::Id, auth::Responder};

/// Says that the caller is writing to the client at this moment. The widget shows it for some seconds; say it again
/// while you go on. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/writing", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 204, description = "Shown, if the client is looking")))]
pub(crate) async fn writing(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    hub.live.publish(id, ConversationEvent::Writing);
    Ok(StatusCode::NO_CONTENT)
}
