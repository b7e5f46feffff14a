//! Following what is not one conversation: looked at when there is a hint, and now and then without one.

use std::time::Duration;

use async_stream::stream;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use coxswain_store::{Engine, StoreError};
use futures::Stream;
use tokio::sync::broadcast::Receiver;

use super::Event;

/// How often a watcher looks, when this process says nothing.
const LOOK_ALONE: Duration = Duration::from_secs(5);
/// The same where other nodes may work.
const LOOK_TOGETHER: Duration = Duration::from_secs(1);

/// Looks at something, and knows what its reader was told of it.
pub trait Watcher: Send + 'static {
    /// What this process says may be different now.
    type Hint: Clone + Ord + Send + 'static;
    /// Hints gathered into one look: what is busy is looked at a few times a second, not at every change.
    const TOGETHER: Duration;

    /// What is new since the last look, the oldest first. A hint may be about anything, another creator's too.
    fn look(&mut self, hinted: &[Self::Hint]) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;
}

/// What a watcher finds, in packets: at once where this process hints at it, and in time where other nodes did it.
///
/// Looks once before it returns: whatever happens from then on is told. Take `hints` before. The stream ends when
/// the database cannot be read: the reader comes back with its place.
pub async fn follow<W: Watcher>(
    mut watcher: W,
    mut hints: Receiver<W::Hint>,
    engine: Engine,
) -> Result<impl Stream<Item = Result<Vec<Event>, StoreError>> + Send, StoreError> {
    let every = match engine {
        Engine::Sqlite => LOOK_ALONE,
        Engine::Postgres => LOOK_TOGETHER,
    };
    let mut found = Ok(watcher.look(&[]).await?);
    Ok(stream! {
        loop {
            match found {
                Ok(packet) if packet.is_empty() => {}
                Ok(packet) => yield Ok(packet),
                Err(error) => {
                    tracing::warn!(%error, "what happens could not be followed");
                    yield Err(error);
                    return;
                }
            }
            let hinted = gather(&mut hints, every, W::TOGETHER).await;
            found = watcher.look(&hinted).await;
        }
    })
}

/// Waits for a hint, then a little for those right behind it, so that one look serves them all.
async fn gather<H: Clone + Ord>(hints: &mut Receiver<H>, every: Duration, together: Duration) -> Vec<H> {
    let Ok(Ok(first)) = tokio::time::timeout(every, hints.recv()).await else {
        // Nothing, or more than could be kept: the look at what happened last finds it.
        return Vec::new();
    };
    tokio::time::sleep(together).await;
    let mut hinted = vec![first];
    while let Ok(next) = hints.try_recv() {
        hinted.push(next);
    }
    hinted.sort_unstable();
    hinted.dedup();
    hinted
}

/// The moment an event's id stands for, where moments are the ids: microseconds since 1970.
pub fn moment(id: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(id.parse().ok()?)
}

/// The moment in a request's `Last-Event-ID`.
pub fn last_moment(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    moment(headers.get("last-event-id")?.to_str().ok()?)
}
