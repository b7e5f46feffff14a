//! A stream of what happens in the inbox.
//!
//! What this process is told of is looked at at once; what other nodes did is found by looking at the
//! latest conversations now and then. A conversation is sent whenever it looks different from what this
//! stream saw last. The event's id is the moment something was last said there, so a reader that comes
//! back with `Last-Event-ID` gets every conversation in which something was said since.

use std::{collections::HashMap, time::Duration};

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, MemberId};
use coxswain_http::{
    Result,
    events::{self, Event, Watcher},
};
use coxswain_store::{
    StoreError,
    conversations::{self, InboxFilter},
    page::Page,
};
use futures::Stream;

use super::view::{InboxConversation, InboxState, view};
use crate::{HubState, auth::Listener};

/// Conversations per look: those where something happened last.
const BATCH: u32 = 100;

/// Follows the inbox: `conversation` with the conversation whenever it changed, a new message included.
#[utoipa::path(get, path = "/api/v1/inbox/events", tag = "Inbox",
    responses((status = 200, description = "Events `conversation`", content_type = "text/event-stream", body = InboxConversation)))]
pub(crate) async fn events(
    State(hub): State<HubState>,
    caller: Listener,
    headers: HeaderMap,
) -> Result<Response> {
    let told = follow(hub, caller.creator, events::last_moment(&headers), Part::default()).await?;
    Ok(events::sse(told))
}

/// What happens in a part of the inbox after a moment; from now on without one.
pub(in crate::api) async fn follow(
    hub: HubState,
    creator: CreatorId,
    since: Option<DateTime<Utc>>,
    part: Part,
) -> Result<impl Stream<Item = Result<Vec<Event>, StoreError>> + Send + 'static> {
    let since = since.unwrap_or_else(|| hub.clock.now());
    let (hints, engine) = (hub.live.watch(), hub.db.engine());
    Ok(events::follow(Desk { creator, since, part, sent: None, hub }, hints, engine).await?)
}

/// Which conversations a reader wants to be told of.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::api) struct Part {
    /// Of this state.
    pub(in crate::api) state: Option<InboxState>,
    /// On this channel.
    pub(in crate::api) channel: Option<ChannelAccountId>,
    /// That this member looks after.
    pub(in crate::api) assigned_to: Option<MemberId>,
}

impl Part {
    fn holds(&self, conversation: &InboxConversation) -> bool {
        let here = |channel| conversation.channel.as_ref().is_some_and(|found| found.id == channel);
        let theirs = |member| conversation.assigned_to.as_ref().is_some_and(|found| found.id == member);
        self.state.is_none_or(|state| conversation.is(state))
            && self.channel.is_none_or(here)
            && self.assigned_to.is_none_or(theirs)
    }
}

/// A creator's inbox, as one reader knows it.
struct Desk {
    hub: HubState,
    creator: CreatorId,
    since: DateTime<Utc>,
    part: Part,
    /// What was sent last of each conversation, or needed no sending; `None` before the first look.
    sent: Option<HashMap<ConversationId, InboxConversation>>,
}

impl Watcher for Desk {
    type Hint = ConversationId;
    const TOGETHER: Duration = Duration::from_millis(250);

    async fn look(&mut self, hinted: &[ConversationId]) -> coxswain_store::Result<Vec<Event>> {
        let mut tx = self.hub.db.read(self.creator).await?;
        let page = Page { limit: BATCH, after: None };
        let mut found =
            conversations::inbox(&mut tx, self.creator, &InboxFilter::default(), page).await?.items;
        let far: Vec<_> = hinted.iter().filter(|id| !found.iter().any(|entry| entry.id == **id)).collect();
        for &id in far {
            let filter = InboxFilter { conversation: Some(id), ..InboxFilter::default() };
            let page = Page { limit: 1, after: None };
            // One of another creator, or of the test chat, is not found.
            found.extend(conversations::inbox(&mut tx, self.creator, &filter, page).await?.items);
        }
        let found = view(&mut tx, self.creator, found).await?;
        drop(tx);
        let known = self.sent.take();
        let mut sent = HashMap::with_capacity(found.len());
        let mut events = Vec::new();
        for conversation in found.into_iter().rev() {
            let before = known.as_ref().and_then(|known| known.get(&conversation.id));
            let news = match &known {
                Some(_) => before != Some(&conversation),
                None => conversation.updated_at > self.since,
            };
            // One that leaves the part is told once more, as it is now.
            let wanted = self.part.holds(&conversation) || before.is_some_and(|was| self.part.holds(was));
            if news && wanted {
                let id = conversation.updated_at.timestamp_micros().to_string();
                events.push(Event::new("conversation", Some(id), &conversation));
            }
            sent.insert(conversation.id, conversation);
        }
        self.sent = Some(sent);
        Ok(events)
    }
}
