//! A stream of what happens in the inbox.
//!
//! What this process is told of is looked at at once; what other nodes did is found by looking at the
//! latest conversations now and then. A conversation is sent whenever it looks different from what this
//! stream saw last. The event's id is the moment something was last said there, so a reader that comes
//! back with `Last-Event-ID` gets every conversation in which something was said since.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use async_stream::stream;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId};
use coxswain_http::Result;
use coxswain_store::{
    Engine,
    conversations::{self, InboxFilter},
    page::Page,
};
use tokio::sync::broadcast::Receiver;

use super::view::{InboxConversation, view};
use crate::{HubState, auth::Listener};

/// How often the database is looked at, when this process says nothing.
const LOOK_ALONE: Duration = Duration::from_secs(5);
/// The same where other nodes may work.
const LOOK_TOGETHER: Duration = Duration::from_secs(1);
/// Hints gathered into one look: a busy inbox is looked at a few times a second, not at every word.
const TOGETHER: Duration = Duration::from_millis(250);
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
    let since = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .and_then(DateTime::from_timestamp_micros)
        .unwrap_or_else(|| hub.clock.now());
    let hints = hub.live.watch();
    let every = match hub.db.engine() {
        Engine::Sqlite => LOOK_ALONE,
        Engine::Postgres => LOOK_TOGETHER,
    };
    let mut watcher = Watcher { creator: caller.creator, since, sent: None, hub };
    let events = stream! {
        let mut hints = hints;
        let mut hinted = Vec::new();
        loop {
            match watcher.look(&hinted).await {
                Ok(events) => for event in events {
                    yield Ok::<_, Infallible>(event);
                },
                // The reader comes back with its Last-Event-ID.
                Err(error) => {
                    tracing::warn!(%error, "the inbox could not be followed");
                    return;
                }
            }
            hinted = gather(&mut hints, every).await;
        }
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Waits for a hint, then a little for those right behind it, so that one look serves them all.
async fn gather(hints: &mut Receiver<ConversationId>, every: Duration) -> Vec<ConversationId> {
    let Ok(Ok(first)) = tokio::time::timeout(every, hints.recv()).await else {
        // Nothing, or more than could be kept: the look at the latest conversations finds it.
        return Vec::new();
    };
    tokio::time::sleep(TOGETHER).await;
    let mut hinted = vec![first];
    while let Ok(next) = hints.try_recv() {
        hinted.push(next);
    }
    hinted.sort_unstable();
    hinted.dedup();
    hinted
}

struct Watcher {
    hub: HubState,
    creator: CreatorId,
    since: DateTime<Utc>,
    /// What was sent last of each conversation, or needed no sending; `None` before the first look.
    sent: Option<HashMap<ConversationId, InboxConversation>>,
}

impl Watcher {
    /// What is new since the last look, the oldest first.
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
            let news = match &known {
                Some(known) => known.get(&conversation.id) != Some(&conversation),
                None => conversation.updated_at > self.since,
            };
            if news {
                let id = conversation.updated_at.timestamp_micros().to_string();
                events.extend(Event::default().event("conversation").id(id).json_data(&conversation));
            }
            sent.insert(conversation.id, conversation);
        }
        self.sent = Some(sent);
        Ok(events)
    }
}
