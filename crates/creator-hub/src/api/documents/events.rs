//! A stream of what happens to a creator's documents.
//!
//! This process's own changes are told at once. Those of other nodes, and any hint that was missed,
//! are found by looking at the database now and then. A document is sent whenever it looks different
//! from what this stream sent last; the event's id is the moment of its last change, so a reader that
//! comes back with `Last-Event-ID` gets every document that changed since.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use async_stream::stream;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, DocumentId};
use coxswain_http::Result;
use coxswain_store::{Engine, documents};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::DocumentView;
use crate::{HubState, auth::Reader};

/// How often the database is looked at, when this process says nothing.
const LOOK_ALONE: Duration = Duration::from_secs(5);
/// The same where other nodes may work.
const LOOK_TOGETHER: Duration = Duration::from_secs(1);
/// Changes by others may be committed this long after the moment they carry.
const LATE: chrono::Duration = chrono::Duration::seconds(5);
/// Hints gathered into one look.
const TOGETHER: Duration = Duration::from_millis(100);
/// Documents per look.
const BATCH: u32 = 200;

/// Follows the documents: `document` with the document whenever it changed, `document.deleted` with its id.
#[utoipa::path(get, path = "/api/v1/documents/events", tag = "Knowledge",
    responses((status = 200, description = "Events `document` and `document.deleted`", content_type = "text/event-stream", body = DocumentView)))]
pub(crate) async fn events(
    State(hub): State<HubState>,
    caller: Reader,
    headers: HeaderMap,
) -> Result<Response> {
    let since = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .and_then(DateTime::from_timestamp_micros)
        .unwrap_or_else(|| hub.clock.now());
    let hints = hub.progress.watch(caller.creator);
    let mut watcher = Watcher { creator: caller.creator, since, sent: HashMap::new(), hub };
    let every = match watcher.hub.db.engine() {
        Engine::Sqlite => LOOK_ALONE,
        Engine::Postgres => LOOK_TOGETHER,
    };
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
                    tracing::warn!(%error, "documents could not be followed");
                    return;
                }
            }
            hinted = gather(&mut hints, every).await;
        }
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

/// Waits for a hint, then takes along those that come right behind it.
async fn gather(hints: &mut Receiver<DocumentId>, every: Duration) -> Vec<DocumentId> {
    let mut hinted = Vec::new();
    let mut wait = every;
    while let Ok(Ok(id)) = tokio::time::timeout(wait, hints.recv()).await.map(|hint| match hint {
        Err(RecvError::Closed) => Err(()),
        Err(RecvError::Lagged(_)) => Ok(None),
        Ok(id) => Ok(Some(id)),
    }) {
        hinted.extend(id);
        wait = TOGETHER;
        if hinted.len() >= BATCH as usize {
            break;
        }
    }
    hinted.sort_unstable();
    hinted.dedup();
    hinted
}

struct Watcher {
    hub: HubState,
    creator: CreatorId,
    since: DateTime<Utc>,
    /// What was sent last of each document.
    sent: HashMap<DocumentId, DocumentView>,
}

impl Watcher {
    /// What is new since the last look.
    async fn look(&mut self, hinted: &[DocumentId]) -> coxswain_store::Result<Vec<Event>> {
        let mut tx = self.hub.db.read(self.creator).await?;
        let changed = documents::moving(&mut tx, self.creator, self.since - LATE, BATCH).await?;
        let mut found: Vec<DocumentView> = changed.into_iter().map(DocumentView::from).collect();
        let mut gone = Vec::new();
        for &id in hinted {
            match documents::get(&mut tx, self.creator, id).await? {
                Some(document) => found.push(document.into()),
                None => gone.push(id),
            }
        }
        for &id in self.sent.keys() {
            if !found.iter().any(|document| document.id == id)
                && !gone.contains(&id)
                && !documents::exists(&mut tx, self.creator, id).await?
            {
                gone.push(id);
            }
        }
        let mut events = Vec::new();
        for document in found {
            self.since = self.since.max(document.updated_at);
            if self.sent.get(&document.id) != Some(&document) {
                events.extend(event("document", document.updated_at, &document));
                self.sent.insert(document.id, document);
            }
        }
        for id in gone {
            self.sent.remove(&id);
            events.extend(event("document.deleted", self.since, &serde_json::json!({ "id": id })));
        }
        Ok(events)
    }
}

fn event(name: &str, at: DateTime<Utc>, data: &impl serde::Serialize) -> Option<Event> {
    Event::default().event(name).id(at.timestamp_micros().to_string()).json_data(data).ok()
}
