//! What came from a messenger, as it came: to see what could not be read, and to have it handled again.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, InboxId};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    inbox::{self, Received, State as Stored},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{find, note};
use crate::{
    HubState,
    api::input::{Id, Ids, Params},
    auth::{Admin, Reader},
};

/// Characters of the raw bytes that a list shows.
const EXCERPT: usize = 400;

/// How far something that came has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ArrivalState {
    /// It will be handled.
    Waiting,
    /// Handled.
    Done,
    /// Understood, and nothing is to be done about it.
    Ignored,
    /// No sense could be made of it.
    Unreadable,
    /// It was tried too often.
    Failed,
}

impl From<Stored> for ArrivalState {
    fn from(state: Stored) -> Self {
        match state {
            Stored::Waiting => Self::Waiting,
            Stored::Done => Self::Done,
            Stored::Ignored => Self::Ignored,
            Stored::Unreadable => Self::Unreadable,
            Stored::Failed => Self::Failed,
        }
    }
}

impl From<ArrivalState> for Stored {
    fn from(state: ArrivalState) -> Self {
        match state {
            ArrivalState::Waiting => Self::Waiting,
            ArrivalState::Done => Self::Done,
            ArrivalState::Ignored => Self::Ignored,
            ArrivalState::Unreadable => Self::Unreadable,
            ArrivalState::Failed => Self::Failed,
        }
    }
}

/// One thing a messenger brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Arrival {
    /// Its id.
    id: InboxId,
    /// The sender's id as the provider says it.
    sender: String,
    /// How far it has got.
    state: ArrivalState,
    /// Why it is ignored, unreadable or failed.
    problem: Option<String>,
    /// The bytes as they came, read as UTF-8; in a list only their beginning.
    raw: String,
    /// How many bytes came.
    bytes: usize,
    /// The conversation it belongs to.
    conversation_id: Option<ConversationId>,
    /// When it was sent, by the provider's clock.
    sent_at: Option<DateTime<Utc>>,
    /// When it came.
    received_at: DateTime<Utc>,
    /// When it was settled.
    settled_at: Option<DateTime<Utc>>,
}

impl From<Received> for Arrival {
    fn from(received: Received) -> Self {
        Self {
            id: received.id,
            sender: received.sender,
            state: received.state.into(),
            problem: received.problem,
            raw: String::from_utf8_lossy(&received.raw).into_owned(),
            bytes: received.raw.len(),
            conversation_id: received.conversation,
            sent_at: received.sent_at,
            received_at: received.received_at,
            settled_at: received.settled_at,
        }
    }
}

/// Which arrivals are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArrivalsQuery {
    /// Only those that have got this far.
    state: Option<ArrivalState>,
}

/// What came to a channel, the newest first.
#[utoipa::path(get, path = "/api/v1/channels/{id}/arrivals", tag = "Channels",
    params(("id" = ChannelAccountId, Path), PageQuery, ArrivalsQuery),
    responses((status = 200, description = "Arrivals", body = PageOf<Arrival>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
    query: PageQuery,
    Params(filter): Params<ArrivalsQuery>,
) -> Result<Json<PageOf<Arrival>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    let state = filter.state.map(Into::into);
    let listed = inbox::list(&mut tx, caller.creator, Some(id), state, query.page()?).await?;
    let view = |received: Received| {
        let arrival = Arrival::from(received);
        Arrival { raw: arrival.raw.chars().take(EXCERPT).collect(), ..arrival }
    };
    Ok(Json(listed.map(view).into()))
}

/// One thing that came to a channel, with all of its bytes.
#[utoipa::path(get, path = "/api/v1/channels/{id}/arrivals/{arrival}", tag = "Channels",
    params(("id" = ChannelAccountId, Path), ("arrival" = InboxId, Path)),
    responses((status = 200, description = "The arrival", body = Arrival)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Ids(id, arrival): Ids<ChannelAccountId, InboxId>,
) -> Result<Json<Arrival>> {
    let mut tx = hub.db.read(caller.creator).await?;
    Ok(Json(one(&mut tx, caller.creator, id, arrival).await?.into()))
}

/// Has something that came handled once more. What was answered already is not answered again.
#[utoipa::path(post, path = "/api/v1/channels/{id}/arrivals/{arrival}/replay", tag = "Channels",
    params(("id" = ChannelAccountId, Path), ("arrival" = InboxId, Path)),
    responses((status = 202, description = "It waits to be handled")))]
pub(crate) async fn replay(
    State(hub): State<HubState>,
    caller: Admin,
    Ids(id, arrival): Ids<ChannelAccountId, InboxId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    let received = one(&mut tx, caller.creator, id, arrival).await?;
    if matches!(received.state, Stored::Done | Stored::Ignored) {
        return Err(Problem::conflict(
            "handled_already",
            "This was handled. Only what could not be is handled again.",
        ));
    }
    inbox::replay(&mut tx, hub.clock.now(), caller.creator, arrival).await?;
    note(&hub, &mut tx, &caller, "channel.replayed", id, json!({ "arrival": arrival })).await?;
    tx.commit().await?;
    hub.work.wake();
    Ok(StatusCode::ACCEPTED)
}

async fn one(tx: &mut Tx, creator: CreatorId, channel: ChannelAccountId, id: InboxId) -> Result<Received> {
    let found = inbox::get(tx, creator, id).await?.filter(|found| found.account == channel);
    found.ok_or_else(|| Problem::not_found("arrival"))
}
