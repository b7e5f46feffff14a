//! Erasing a client.

use axum::{extract::State, http::StatusCode};
use coxswain_domain::ClientId;
use coxswain_http::{Problem, Result};
use coxswain_store::{
    audit::{self, NewEntry},
    erasure,
};
use serde_json::json;

use super::input::Id;
use crate::{HubState, auth::Admin};

/// Erases a client for good: who they are on every channel, what was said with them, what they agreed to, why answers
/// were what they were, and the files they sent. All of it is out of reach at once; the files' bytes are deleted
/// right after. Only the audit log keeps that somebody was erased, without a name.
#[utoipa::path(delete, path = "/api/v1/clients/{id}", tag = "Clients", params(("id" = ClientId, Path)),
    responses((status = 204, description = "Erased")))]
pub(crate) async fn erase(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ClientId>,
) -> Result<StatusCode> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let mut tx = hub.db.write(creator).await?;
    let erased =
        erasure::client(&mut tx, now, creator, id).await?.ok_or_else(|| Problem::not_found("client"))?;
    let entry = NewEntry {
        actor: &caller.actor,
        action: "client.erased",
        subject: Some(id.to_string()),
        detail: json!({
            "conversations": erased.conversations.len(),
            "messages": erased.messages,
            "attachments": erased.attachments,
        }),
    };
    audit::record(&mut tx, now, creator, entry).await?;
    tx.commit().await?;
    for conversation in erased.conversations {
        // Whoever writes there stops; whoever reads looks again.
        hub.live.cancel(conversation);
        hub.live.touch(conversation);
    }
    hub.work.wake();
    Ok(StatusCode::NO_CONTENT)
}
