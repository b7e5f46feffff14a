//! Trying a webhook out.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{WebhookId, event::EventKind};
use coxswain_http::{Problem, Result};
use coxswain_store::webhooks::{self, NewEvent};
use serde_json::json;

use super::{deliveries::found, find, note, view::WebhookDelivery};
use crate::{HubState, api::input::Id, auth::Admin, idempotency::Key};

/// Posts a `webhook.test` event to this webhook, whatever it wants otherwise. Follow the delivery to see what
/// came of it.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 202, description = "On its way", body = WebhookDelivery)))]
pub(crate) async fn send(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    Id(id): Id<WebhookId>,
) -> Result<Response> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    let request = key.request(creator, "webhooks.test", &id)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut tx = hub.db.write(creator).await?;
    if !find(&mut tx, creator, id).await?.on {
        return Err(Problem::conflict("webhook_paused", "This webhook is paused. Resume it first."));
    }
    let data = json!({ "webhook": { "id": id } });
    let event = NewEvent { kind: EventKind::Test, data, occurred_at: now, lane: id.0 };
    let delivery = webhooks::tell_one(&mut tx, now, creator, id, &event).await?;
    note(&hub, &mut tx, &caller, "webhook.tested", id, json!({})).await?;
    let sent = found(&mut tx, creator, id, delivery).await?;
    let response = request.commit(tx, now, StatusCode::ACCEPTED, &WebhookDelivery::from(&sent)).await?;
    hub.work.wake();
    Ok(response)
}
