//! Posting again.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use coxswain_domain::{WebhookDeliveryId, WebhookId};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::webhooks;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{deliveries::found, find, note, view::WebhookDelivery};
use crate::{
    HubState,
    api::input::{Id, Ids},
    auth::Admin,
};

/// Has a delivery posted again, with all its tries before it; also one that arrived. The event keeps its id.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/deliveries/{delivery}/replay", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("delivery" = WebhookDeliveryId, Path)),
    responses((status = 202, description = "On its way", body = WebhookDelivery)))]
pub(crate) async fn one(
    State(hub): State<HubState>,
    caller: Admin,
    Ids(id, delivery): Ids<WebhookId, WebhookDeliveryId>,
) -> Result<(StatusCode, Json<WebhookDelivery>)> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let mut tx = hub.db.write(creator).await?;
    if !webhooks::replay(&mut tx, now, creator, id, delivery).await? {
        return Err(Problem::not_found("delivery"));
    }
    note(&hub, &mut tx, &caller, "webhook.replayed", id, json!({ "delivery": delivery })).await?;
    let again = found(&mut tx, creator, id, delivery).await?;
    tx.commit().await?;
    hub.work.wake();
    Ok((StatusCode::ACCEPTED, Json(WebhookDelivery::from(&again))))
}

/// What is to be posted again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayRequest {
    /// What failed and happened since then.
    since: DateTime<Utc>,
}

/// What is posted again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// How many deliveries.
    replayed: u64,
}

/// Has everything posted again that failed since a moment.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/replay", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = ReplayRequest, responses((status = 202, description = "On its way", body = Replayed)))]
pub(crate) async fn failed(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
    Json(form): Json<ReplayRequest>,
) -> Result<(StatusCode, Json<Replayed>)> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let mut tx = hub.db.write(creator).await?;
    find(&mut tx, creator, id).await?;
    let replayed = webhooks::replay_failed(&mut tx, now, creator, id, form.since).await?;
    let detail = json!({ "since": form.since, "replayed": replayed });
    note(&hub, &mut tx, &caller, "webhook.replayed", id, detail).await?;
    tx.commit().await?;
    hub.work.wake();
    Ok((StatusCode::ACCEPTED, Json(Replayed { replayed })))
}
