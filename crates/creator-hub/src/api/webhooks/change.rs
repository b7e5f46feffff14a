//! Changing, pausing and deleting a webhook.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use coxswain_domain::{WebhookId, event::EventKind};
use coxswain_http::{Json, Result};
use coxswain_store::webhooks;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    create::{described, endpoint, wanted},
    find, note,
    view::Webhook,
};
use crate::{
    HubState,
    api::input::{Checks, Id, if_match, version_conflict},
    auth::Admin,
};

const CHANGED: &str = "webhook.changed";

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookPatch {
    /// The endpoint. What waits goes there too.
    url: Option<String>,
    /// What the team calls it.
    description: Option<String>,
    /// The kinds of events it is told of; empty for all.
    events: Option<Vec<EventKind>>,
    /// True resumes it, false pauses it. What waits meanwhile is posted when it is resumed.
    enabled: Option<bool>,
}

/// Changes a webhook, pauses it, or resumes it.
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", tag = "Webhooks",
    params(("id" = WebhookId, Path),
        ("If-Match" = Option<String>, Header, description = "The version the change is based on")),
    request_body = WebhookPatch, responses((status = 200, description = "Changed", body = Webhook)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
    headers: HeaderMap,
    Json(patch): Json<WebhookPatch>,
) -> Result<Json<Webhook>> {
    let expected = if_match(&headers)?;
    let (now, creator) = (hub.clock.now(), caller.creator);
    let mut tx = hub.db.write(creator).await?;
    let mut webhook = find(&mut tx, creator, id).await?;
    expected.check(&mut tx, creator, webhook.version, (CHANGED, Some(&id.to_string()))).await?;
    let mut checks = Checks::default();
    let moved = patch.url.is_some();
    if let Some(url) = patch.url {
        webhook.url = endpoint(&hub, &mut checks, &url);
    }
    if let Some(description) = patch.description {
        webhook.description = described(&mut checks, &description);
    }
    if let Some(events) = patch.events {
        webhook.kinds = wanted(&mut checks, events);
    }
    checks.done()?;
    if let Some(on) = patch.enabled.filter(|on| *on != webhook.on) {
        webhook.on = on;
        let who = caller.actor.name.as_deref().unwrap_or("Somebody");
        webhook.state_reason = (!on).then(|| format!("{who} paused it."));
    }
    let webhook =
        webhooks::update(&mut tx, creator, &webhook).await?.ok_or_else(|| version_conflict(None))?;
    let detail = json!({ "enabled": patch.enabled, "url": moved.then_some(&webhook.url) });
    note(&hub, &mut tx, &caller, CHANGED, id, detail).await?;
    if webhook.on {
        webhooks::wake(&mut tx, now, creator, id, now).await?;
    }
    tx.commit().await?;
    hub.work.wake();
    Ok(Json(webhook.into()))
}

/// Deletes a webhook with its deliveries. Nothing more is posted.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    let webhook = find(&mut tx, caller.creator, id).await?;
    webhooks::delete(&mut tx, caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "webhook.deleted", id, json!({ "url": webhook.url })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
