//! Adding a webhook.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{WebhookId, event::EventKind};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::webhooks;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    note,
    view::{NewWebhook, Webhook},
};
use crate::{
    HubState,
    api::input::Checks,
    auth::Admin,
    idempotency::Key,
    webhooks::{address, sign},
};

/// Webhooks a creator may have: each is told of everything in the same transaction.
const MOST: i64 = 20;
/// Characters a description may have.
const DESCRIPTION: usize = 200;

/// A new webhook.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRequest {
    /// The endpoint: `https://`, reachable from the public internet.
    url: String,
    /// What the team calls it.
    description: Option<String>,
    /// The kinds of events it is told of; all when empty or absent.
    #[serde(default)]
    events: Vec<EventKind>,
}

/// Adds a webhook. It is told of what happens from now on.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "Webhooks", request_body = WebhookRequest,
    responses((status = 201, description = "Added", body = NewWebhook)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    Json(form): Json<WebhookRequest>,
) -> Result<Response> {
    let creator = caller.creator;
    let request = key.request(creator, "webhooks.create", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let url = endpoint(&hub, &mut checks, &form.url);
    let description = described(&mut checks, form.description.as_deref().unwrap_or_default());
    let kinds = wanted(&mut checks, form.events);
    checks.done()?;
    let now = hub.clock.now();
    let secret = sign::new_secret().map_err(|error| Problem::internal(&error))?;
    let webhook = webhooks::Webhook {
        id: WebhookId::new(now),
        url,
        description,
        kinds,
        on: true,
        state_reason: None,
        failing_since: None,
        version: 1,
        created_at: now,
    };
    let mut tx = hub.db.write(creator).await?;
    if webhooks::count(&mut tx, creator).await? >= MOST {
        let detail = format!("There are {MOST} webhooks already. Delete one that is not used any more.");
        return Err(Problem::conflict("too_many_webhooks", detail));
    }
    webhooks::insert(&mut tx, creator, &webhook).await?;
    webhooks::add_secret(&mut tx, now, creator, webhook.id, &secret, now).await?;
    note(&hub, &mut tx, &caller, "webhook.created", webhook.id, json!({ "url": webhook.url })).await?;
    let made = NewWebhook { webhook: Webhook::from(webhook), secret };
    request.commit(tx, now, StatusCode::CREATED, &made).await
}

/// The endpoint, which must be one we may post to.
pub(super) fn endpoint(hub: &HubState, checks: &mut Checks, url: &str) -> String {
    match address::endpoint(url, hub.private_webhooks) {
        Ok(url) => url.into(),
        Err(why) => {
            checks.that(false, "/url", why);
            String::new()
        }
    }
}

pub(super) fn described(checks: &mut Checks, text: &str) -> String {
    let text = text.trim();
    let fits = text.chars().count() <= DESCRIPTION;
    checks.that(fits, "/description", format_args!("Use at most {DESCRIPTION} characters."));
    text.to_owned()
}

/// The kinds, each once.
pub(super) fn wanted(checks: &mut Checks, mut kinds: Vec<EventKind>) -> Vec<EventKind> {
    let test = kinds.contains(&EventKind::Test);
    checks.that(!test, "/events", "webhook.test is only sent when you ask for it.");
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
