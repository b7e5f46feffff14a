//! A stream of what happens to a creator's documents.
//!
//! This process's own changes are told at once. Those of other nodes, and any hint that was missed,
//! are found by looking at the database now and then. A document is sent whenever it looks different
//! from what this stream sent last; the event's id is the moment of its last change, so a reader that
//! comes back with `Last-Event-ID` gets every document that changed since.

use std::{collections::HashMap, time::Duration};

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, DocumentId};
use coxswain_http::{
    Result,
    events::{self, Event, Watcher},
};
use coxswain_store::documents;

use super::DocumentView;
use crate::{HubState, auth::Reader};

/// Changes by others may be committed this long after the moment they carry.
const LATE: chrono::Duration = chrono::Duration::seconds(5);
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
    let since = events::last_moment(&headers).unwrap_or_else(|| hub.clock.now());
    let (hints, engine) = (hub.progress.watch(caller.creator), hub.db.engine());
    let shelf = Shelf { creator: caller.creator, since, sent: HashMap::new(), hub };
    Ok(events::sse(events::follow(shelf, hints, engine).await?))
}

/// A creator's documents, as one reader knows them.
struct Shelf {
    hub: HubState,
    creator: CreatorId,
    since: DateTime<Utc>,
    /// What was sent last of each document.
    sent: HashMap<DocumentId, DocumentView>,
}

impl Watcher for Shelf {
    type Hint = DocumentId;
    const TOGETHER: Duration = Duration::from_millis(100);

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
                events.push(event("document", document.updated_at, &document));
                self.sent.insert(document.id, document);
            }
        }
        for id in gone {
            self.sent.remove(&id);
            events.push(event("document.deleted", self.since, &serde_json::json!({ "id": id })));
        }
        Ok(events)
    }
}

fn event(name: &'static str, at: DateTime<Utc>, data: &impl serde::Serialize) -> Event {
    Event::new(name, Some(at.timestamp_micros().to_string()), data)
}
