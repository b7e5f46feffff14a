//! Who is talking.

use axum::extract::State;
use coxswain_domain::{ChannelAccountId, MemberId};
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::{
    conversations::{self, InboxFilter},
    page::Listed,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{InboxConversation, InboxState, view};
use crate::{HubState, api::input::Params, auth::Listener};

/// Which conversations are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxQuery {
    /// Only those of this state; all but the closed ones when absent.
    state: Option<InboxState>,
    /// Only those on this channel.
    channel: Option<ChannelAccountId>,
    /// Only those this member looks after.
    assigned_to: Option<MemberId>,
    /// Only those whose client's name, or one of whose messages, contains this.
    q: Option<String>,
}

/// The clients' conversations, those where something happened last first.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "Inbox", params(PageQuery, InboxQuery),
    responses((status = 200, description = "Conversations", body = PageOf<InboxConversation>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Listener,
    query: PageQuery,
    Params(wanted): Params<InboxQuery>,
) -> Result<Json<PageOf<InboxConversation>>> {
    let search = wanted.q.as_deref().map(str::trim).filter(|words| !words.is_empty());
    let filter = InboxFilter {
        shelf: Some(wanted.state.unwrap_or(InboxState::Open).into()),
        account: wanted.channel,
        assigned_to: wanted.assigned_to,
        search: search.map(str::to_owned),
        ..InboxFilter::default()
    };
    let mut tx = hub.db.read(caller.creator).await?;
    let Listed { items, next } =
        conversations::inbox(&mut tx, caller.creator, &filter, query.page()?).await?;
    let items = view(&mut tx, caller.creator, items).await?;
    Ok(Json(Listed { items, next }.into()))
}
