//! `WhatsApp` templates, as last synchronised.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId, TemplateId};
use coxswain_http::{Json, PageOf, Result};
use coxswain_store::{Tx, templates};
use serde::Serialize;
use utoipa::ToSchema;

use super::{find, refused, standing};
use crate::{
    HubState,
    api::input::Id,
    auth::{Admin, Reader},
    messengers::ProviderTemplate,
};

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Template {
    /// Its id here.
    id: TemplateId,
    /// Its name.
    name: String,
    /// Its language, as the provider writes it.
    language: String,
    /// As the provider says: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    category: String,
    /// As the provider says: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`.
    state: String,
    /// Why it may not be sent, as the provider says.
    reason: Option<String>,
    /// How people like it, as the provider says: `GREEN`, `YELLOW`, `RED`.
    quality: Option<String>,
    /// The body with its `{{1}}` places.
    body: String,
    /// How many places the body has.
    parameters: i64,
    /// When it was synchronised.
    synced_at: DateTime<Utc>,
}

impl From<templates::Template> for Template {
    fn from(template: templates::Template) -> Self {
        Self {
            id: template.id,
            name: template.name,
            language: template.language,
            category: template.category,
            state: template.state,
            reason: template.reason,
            quality: template.quality,
            body: template.body,
            parameters: template.parameters,
            synced_at: template.synced_at,
        }
    }
}

/// A number's templates, by name.
#[utoipa::path(get, path = "/api/v1/channels/{id}/templates", tag = "Channels", params(("id" = ChannelAccountId, Path)),
    responses((status = 200, description = "All templates, on one page", body = PageOf<Template>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
) -> Result<Json<PageOf<Template>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    read(&mut tx, caller.creator, id).await
}

/// Fetches a number's templates from its provider; what is gone there is gone here.
#[utoipa::path(post, path = "/api/v1/channels/{id}/templates/sync", tag = "Channels",
    params(("id" = ChannelAccountId, Path)),
    responses((status = 200, description = "All templates, on one page", body = PageOf<Template>)))]
pub(crate) async fn sync(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
) -> Result<Json<PageOf<Template>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let (_, connection) = find(&mut tx, caller.creator, id).await?;
    drop(tx);
    let found = hub.messengers()?.templates(&connection).await.map_err(refused)?;
    standing::refresh(&hub, &connection).await?;
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    // Deleted meanwhile?
    find(&mut tx, caller.creator, id).await?;
    let found: Vec<_> = found.into_iter().map(|found| kept(now, id, found)).collect();
    templates::replace(&mut tx, now, caller.creator, id, &found).await?;
    let page = read(&mut tx, caller.creator, id).await?;
    tx.commit().await?;
    Ok(page)
}

/// A template of the provider's as it is kept here.
fn kept(now: DateTime<Utc>, channel: ChannelAccountId, found: ProviderTemplate) -> templates::Template {
    templates::Template {
        id: TemplateId::new(now),
        channel_account_id: channel,
        name: found.name,
        language: found.language,
        category: found.category,
        state: found.state,
        reason: None,
        quality: None,
        body: found.body,
        parameters: found.parameters.into(),
        synced_at: now,
    }
}

async fn read(tx: &mut Tx, creator: CreatorId, channel: ChannelAccountId) -> Result<Json<PageOf<Template>>> {
    let found = templates::list(tx, creator, channel).await?;
    Ok(Json(PageOf { items: found.into_iter().map(Template::from).collect(), next_cursor: None }))
}
