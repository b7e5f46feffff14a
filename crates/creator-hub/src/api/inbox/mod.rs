//! The inbox: who is talking, who waits for a person, and what a person does about it.

mod events;
mod handle;
mod list;
mod notes;
mod read;
mod reply;
mod suggestion;
mod view;
mod writing;

use coxswain_domain::{ConversationId, CreatorId};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    conversations::{self, InboxEntry, InboxFilter},
    page::Page,
};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use events::{Part, follow};
pub(super) use view::InboxState;

use crate::{HubState, auth::Responder};

/// The endpoints of the inbox.
pub(super) fn router() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(events::events))
        .routes(routes!(read::get))
        .routes(routes!(handle::take_over))
        .routes(routes!(handle::hand_back))
        .routes(routes!(handle::assign))
        .routes(routes!(handle::close))
        .routes(routes!(handle::reopen))
        .routes(routes!(notes::list, notes::create))
        .routes(routes!(reply::reply))
        .routes(routes!(writing::writing))
        .routes(routes!(suggestion::suggest))
}

/// A client's conversation. One of the test chat is none, nor is one in which nothing was said yet.
async fn find(tx: &mut Tx, creator: CreatorId, id: ConversationId) -> Result<InboxEntry> {
    let filter = InboxFilter { conversation: Some(id), ..InboxFilter::default() };
    let found = conversations::inbox(tx, creator, &filter, Page { limit: 1, after: None }).await?;
    found.items.into_iter().next().ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::not_found("conversation")
}

/// Notes what was done to a conversation.
async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Responder,
    action: &'static str,
    id: ConversationId,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}
