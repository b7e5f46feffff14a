//! Channels: how people reach a creator, and what became of what was sent to and fro.

mod arrivals;
mod change;
mod connect;
mod deliveries;
mod list;
mod standing;
mod templates;
mod test_message;
mod view;

use coxswain_domain::{ChannelAccountId, CreatorId};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection},
};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use deliveries::DeliveryState;
pub(super) use view::{ChannelRef, chat_link};

use crate::{HubState, auth::Admin, messengers::MessengerError};

/// The endpoints about channels.
pub(super) fn router() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(connect::telegram))
        .routes(routes!(connect::whatsapp))
        .routes(routes!(list::get, change::change, change::remove))
        .routes(routes!(test_message::send))
        .routes(routes!(standing::get))
        .routes(routes!(templates::list))
        .routes(routes!(templates::sync))
        .routes(routes!(deliveries::list))
        .routes(routes!(arrivals::list))
        .routes(routes!(arrivals::get))
        .routes(routes!(arrivals::replay))
}

/// A messenger account of a creator. A widget is none.
async fn find(tx: &mut Tx, creator: CreatorId, id: ChannelAccountId) -> Result<(ChannelAccount, Connection)> {
    let account = channel_accounts::get(tx, creator, id).await?.ok_or_else(missing)?;
    let connection = connections::get(tx, creator, id).await?.ok_or_else(|| {
        Problem::conflict("not_a_messenger", "This channel is a widget. It is kept under channel accounts.")
    })?;
    Ok((account, connection))
}

fn missing() -> Problem {
    Problem::not_found("channel")
}

/// Notes what was done to a channel.
async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Admin,
    action: &'static str,
    id: ChannelAccountId,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}

/// What a provider's answer means to the caller.
fn refused(error: MessengerError) -> Problem {
    match error {
        MessengerError::Refused { detail, .. } => Problem::conflict("provider_refused", detail),
        MessengerError::Unreachable(why) => {
            tracing::warn!(%why, "a provider could not be reached");
            let mut problem = Problem::new(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "provider_unreachable",
                "The messenger's servers could not be reached. Nothing was changed. Try again in a moment.",
            );
            problem.retry_after = Some(5);
            problem
        }
        MessengerError::NotSetUp(what) => Problem::conflict("not_set_up", what),
    }
}

impl HubState {
    /// The messengers' adapters, or a problem that says there are none here.
    fn messengers(&self) -> Result<&dyn crate::messengers::Messengers> {
        self.messengers
            .as_deref()
            .ok_or_else(|| Problem::conflict("not_set_up", "This server is not set up to reach messengers."))
    }
}
