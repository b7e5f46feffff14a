//! Webhooks: where a creator wants to hear of what happens, and what became of what was told.

mod change;
mod create;
mod deliveries;
mod list;
mod replay;
mod secret;
mod test_event;
mod view;

use coxswain_domain::{CreatorId, WebhookId};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    webhooks::{self, Webhook},
};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use view::WebhookEvent;

use crate::{HubState, auth::Admin};

/// The endpoints about webhooks.
pub(super) fn router() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::get, change::change, change::remove))
        .routes(routes!(secret::rotate))
        .routes(routes!(test_event::send))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::get))
        .routes(routes!(replay::one))
        .routes(routes!(replay::failed))
}

async fn find(tx: &mut Tx, creator: CreatorId, id: WebhookId) -> Result<Webhook> {
    webhooks::get(tx, creator, id).await?.ok_or_else(|| Problem::not_found("webhook"))
}

/// Notes what was done to a webhook.
async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Admin,
    action: &'static str,
    id: WebhookId,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}
