//! What left for a client through a messenger, and what became of it.

use std::collections::HashMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, MessageId, OutboxId};
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::{
    Tx, clients, conversations,
    outbox::{self, Purpose as StoredPurpose, State as Stored},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::find;
use crate::{
    HubState,
    api::{
        input::{Id, Params},
        views::ClientRef,
    },
    auth::Reader,
};

/// How far a message has come on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    /// It waits for its turn.
    Queued,
    /// It is being handed to the messenger.
    Sending,
    /// Nobody knows whether the messenger took it.
    Unknown,
    /// The messenger took it.
    Accepted,
    /// The messenger sent it on.
    Sent,
    /// It did not arrive.
    Failed,
    /// It is on the client's device.
    Delivered,
    /// They saw it.
    Read,
    /// It was kept back.
    Withheld,
}

macro_rules! same {
    ($($name:ident)*) => {
        impl From<Stored> for DeliveryState {
            fn from(state: Stored) -> Self {
                match state { $(Stored::$name => Self::$name,)* }
            }
        }

        impl From<DeliveryState> for Stored {
            fn from(state: DeliveryState) -> Self {
                match state { $(DeliveryState::$name => Self::$name,)* }
            }
        }
    };
}

same! { Queued Sending Unknown Accepted Sent Failed Delivered Read Withheld }

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// The engine's answer.
    Reply,
    /// What a member wrote.
    Coach,
    /// That nobody answers there, and where somebody does.
    Notice,
    /// Something that reaches out first.
    Nudge,
    /// Something that reaches out to many.
    Campaign,
}

impl From<StoredPurpose> for Purpose {
    fn from(purpose: StoredPurpose) -> Self {
        match purpose {
            StoredPurpose::Reply => Self::Reply,
            StoredPurpose::Coach => Self::Coach,
            StoredPurpose::Notice => Self::Notice,
            StoredPurpose::Nudge => Self::Nudge,
            StoredPurpose::Campaign => Self::Campaign,
        }
    }
}

/// One message, or one part of a long one, on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    /// Its id.
    id: OutboxId,
    /// Where it was written.
    conversation_id: ConversationId,
    /// To whom; null once they are gone.
    client: Option<ClientRef>,
    /// The message.
    message_id: MessageId,
    /// Which part of it, from 0.
    part: i64,
    /// Why it is sent.
    purpose: Purpose,
    /// What it says.
    text: String,
    /// How far it has come.
    state: DeliveryState,
    /// The provider's code of the latest refusal.
    code: Option<String>,
    /// What went wrong, or why it was kept back.
    detail: Option<String>,
    /// How often it was handed to the messenger.
    attempts: i64,
    /// When it was posted.
    created_at: DateTime<Utc>,
    /// When it arrived, failed or was kept back.
    settled_at: Option<DateTime<Utc>>,
}

impl Delivery {
    fn new(delivery: outbox::Delivery, client: Option<ClientRef>) -> Self {
        Self {
            id: delivery.id,
            conversation_id: delivery.conversation_id,
            client,
            message_id: delivery.message_id,
            part: delivery.part,
            purpose: delivery.purpose.into(),
            text: delivery.text,
            state: delivery.state.into(),
            code: delivery.code,
            detail: delivery.detail,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            settled_at: delivery.settled_at,
        }
    }
}

/// Which deliveries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    /// Only those that have come this far; `failed` when absent.
    state: Option<DeliveryState>,
}

/// What became of what left by a channel, the newest first: what failed, unless asked for something else.
#[utoipa::path(get, path = "/api/v1/channels/{id}/deliveries", tag = "Channels",
    params(("id" = ChannelAccountId, Path), PageQuery, DeliveriesQuery),
    responses((status = 200, description = "Deliveries", body = PageOf<Delivery>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
    query: PageQuery,
    Params(filter): Params<DeliveriesQuery>,
) -> Result<Json<PageOf<Delivery>>> {
    let creator = caller.creator;
    let mut tx = hub.db.read(creator).await?;
    find(&mut tx, creator, id).await?;
    let state = filter.state.unwrap_or(DeliveryState::Failed).into();
    let listed = outbox::list(&mut tx, creator, Some(id), state, query.page()?).await?;
    let clients = clients_of(&mut tx, creator, listed.items.iter().map(|item| item.conversation_id)).await?;
    let view = |delivery: outbox::Delivery| {
        let client = clients.get(&delivery.conversation_id).cloned();
        Delivery::new(delivery, client)
    };
    Ok(Json(listed.map(view).into()))
}

/// Whose these conversations are.
async fn clients_of(
    tx: &mut Tx,
    creator: CreatorId,
    wanted: impl Iterator<Item = ConversationId>,
) -> Result<HashMap<ConversationId, ClientRef>> {
    let mut found = HashMap::new();
    for id in wanted {
        if found.contains_key(&id) {
            continue;
        }
        let client = conversations::get(tx, creator, id).await?.and_then(|found| found.client_id);
        if let Some(client) = client
            && let Some(client) = clients::get(tx, creator, client).await?
        {
            found.insert(id, ClientRef { id: client.id, display_name: client.display_name });
        }
    }
    Ok(found)
}
