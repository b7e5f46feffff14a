//! What was posted to a webhook, and what became of it.

use axum::extract::State;
use coxswain_domain::{CreatorId, WebhookDeliveryId, WebhookId, event::EventKind};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    webhooks::{self, Delivery},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    find,
    view::{WebhookDelivery, WebhookDeliveryDetail, WebhookDeliveryState},
};
use crate::{
    HubState,
    api::input::{Id, Ids, Params},
    auth::Admin,
};

/// Tries that are shown.
const TRIES: u32 = 50;

/// Which deliveries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookDeliveriesQuery {
    /// Only those that have come this far.
    state: Option<WebhookDeliveryState>,
    /// Only events of this kind.
    r#type: Option<EventKind>,
}

/// What was posted to a webhook, the newest first. It is kept for 30 days.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "Webhooks",
    params(("id" = WebhookId, Path), PageQuery, WebhookDeliveriesQuery),
    responses((status = 200, description = "Deliveries", body = PageOf<WebhookDelivery>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
    query: PageQuery,
    Params(filter): Params<WebhookDeliveriesQuery>,
) -> Result<Json<PageOf<WebhookDelivery>>> {
    let creator = caller.creator;
    let mut tx = hub.db.read(creator).await?;
    find(&mut tx, creator, id).await?;
    let state = filter.state.map(Into::into);
    let listed = webhooks::deliveries(&mut tx, creator, id, state, filter.r#type, query.page()?).await?;
    Ok(Json(listed.map(|delivery| WebhookDelivery::from(&delivery)).into()))
}

/// One delivery: what is sent, and what each try came to.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries/{delivery}", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("delivery" = WebhookDeliveryId, Path)),
    responses((status = 200, description = "The delivery", body = WebhookDeliveryDetail)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Admin,
    Ids(id, delivery): Ids<WebhookId, WebhookDeliveryId>,
) -> Result<Json<WebhookDeliveryDetail>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let found = found(&mut tx, caller.creator, id, delivery).await?;
    let tries = webhooks::attempts(&mut tx, caller.creator, delivery, TRIES).await?;
    Ok(Json(WebhookDeliveryDetail {
        delivery: WebhookDelivery::from(&found),
        payload: found.payload,
        tries: tries.into_iter().map(Into::into).collect(),
    }))
}

/// One delivery of a webhook.
pub(super) async fn found(
    tx: &mut Tx,
    creator: CreatorId,
    webhook: WebhookId,
    id: WebhookDeliveryId,
) -> Result<Delivery> {
    webhooks::delivery(tx, creator, webhook, id).await?.ok_or_else(|| Problem::not_found("delivery"))
}
