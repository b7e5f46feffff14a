//! Exchanging a webhook's secret.

use axum::{extract::State, http::StatusCode};
use chrono::Duration;
use coxswain_domain::WebhookId;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::webhooks;
use serde_json::json;

use super::{find, note, view::WebhookSecret};
use crate::{HubState, api::input::Id, auth::Admin, webhooks::sign};

/// How long both sign, so that the receiver can change over without missing anything.
const OVERLAP: Duration = Duration::hours(24);

/// Gives a webhook a new secret. For 24 hours deliveries carry both signatures.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 201, description = "The secret", body = WebhookSecret)))]
pub(crate) async fn rotate(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
) -> Result<(StatusCode, Json<WebhookSecret>)> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let secret = sign::new_secret().map_err(|error| Problem::internal(&error))?;
    let previous_until = now + OVERLAP;
    let mut tx = hub.db.write(creator).await?;
    find(&mut tx, creator, id).await?;
    webhooks::add_secret(&mut tx, now, creator, id, &secret, previous_until).await?;
    note(&hub, &mut tx, &caller, "webhook.secret_rotated", id, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(WebhookSecret { secret, previous_until })))
}
