//! The secret with which a host page signs who a widget's clients are.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use coxswain_domain::ChannelAccountId;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{widget_secrets, widget_sessions};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    channel_accounts::{find, note},
    input::Id,
};
use crate::{
    HubState,
    auth::{Admin, tokens::opaque},
};

const PREFIX: &str = "cxi_";

/// A widget's identity secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentitySecret {
    /// What identity tokens are signed with by HS256. Keep it on a server.
    secret: String,
    /// Since when it holds.
    created_at: DateTime<Utc>,
}

/// Gives a widget a new secret for signing who its clients are. The one before is worth nothing from then on, and
/// sessions begun with an identity end.
#[utoipa::path(post, path = "/api/v1/channel-accounts/{id}/identity-secret", tag = "Channels",
    params(("id" = ChannelAccountId, Path)),
    responses((status = 201, description = "The secret", body = IdentitySecret)))]
pub(crate) async fn make(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
) -> Result<(StatusCode, Json<IdentitySecret>)> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let secret = opaque(PREFIX).map_err(|error| Problem::internal(&error))?;
    let mut tx = hub.db.write(creator).await?;
    find(&mut tx, creator, id).await?;
    widget_secrets::set(&mut tx, now, creator, id, &secret).await?;
    let ended = widget_sessions::end_known(&mut tx, now, creator, id).await?;
    let detail = json!({ "sessions_ended": ended });
    note(&hub, &mut tx, &caller, "channel_account.identity_secret_made", id, detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(IdentitySecret { secret, created_at: now })))
}

/// Takes a widget's identity secret away. Tokens signed with it are refused, and sessions begun with an identity end.
#[utoipa::path(delete, path = "/api/v1/channel-accounts/{id}/identity-secret", tag = "Channels",
    params(("id" = ChannelAccountId, Path)), responses((status = 204, description = "There is none now")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
) -> Result<StatusCode> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let mut tx = hub.db.write(creator).await?;
    find(&mut tx, creator, id).await?;
    if widget_secrets::remove(&mut tx, creator, id).await? {
        let ended = widget_sessions::end_known(&mut tx, now, creator, id).await?;
        let detail = json!({ "sessions_ended": ended });
        note(&hub, &mut tx, &caller, "channel_account.identity_secret_removed", id, detail).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
