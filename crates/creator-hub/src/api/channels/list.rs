//! The channels and how each of them is.

use axum::extract::State;
use coxswain_domain::ChannelAccountId;
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::{channel_accounts, connections};

use super::{missing, view::Channel};
use crate::{HubState, api::input::Id, auth::Reader};

/// The channels of every kind, the newest first.
#[utoipa::path(get, path = "/api/v1/channels", tag = "Channels", params(PageQuery),
    responses((status = 200, description = "Channels", body = PageOf<Channel>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<Channel>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = channel_accounts::list(&mut tx, caller.creator, query.page()?).await?;
    let mut connections = connections::list(&mut tx, caller.creator).await?;
    let view = |account: channel_accounts::ChannelAccount| {
        let place = connections.iter().position(|found| found.channel_account_id == account.id);
        Channel::new(account, place.map(|place| connections.swap_remove(place)))
    };
    Ok(Json(listed.map(view).into()))
}

/// One channel.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = ChannelAccountId, Path)),
    responses((status = 200, description = "The channel", body = Channel)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
) -> Result<Json<Channel>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let account = channel_accounts::get(&mut tx, caller.creator, id).await?.ok_or_else(missing)?;
    let connection = connections::get(&mut tx, caller.creator, id).await?;
    Ok(Json(Channel::new(account, connection)))
}
