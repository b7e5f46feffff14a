//! Looking at webhooks.

use axum::extract::State;
use coxswain_domain::WebhookId;
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::webhooks;

use super::{find, view::Webhook};
use crate::{HubState, api::input::Id, auth::Admin};

/// The webhooks, the newest first.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "Webhooks", params(PageQuery),
    responses((status = 200, description = "Webhooks", body = PageOf<Webhook>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Admin,
    query: PageQuery,
) -> Result<Json<PageOf<Webhook>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = webhooks::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(Webhook::from).into()))
}

/// One webhook.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, description = "The webhook", body = Webhook)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<WebhookId>,
) -> Result<Json<Webhook>> {
    let mut tx = hub.db.read(caller.creator).await?;
    Ok(Json(find(&mut tx, caller.creator, id).await?.into()))
}
