//! A conversation as a stream of server-sent events: first what the database holds, then what happens live.
//!
//! Ids are durable. A `message` event has the id `<place>`, a `delta` has `<place>.<offset>`, where the
//! place is the message's in the conversation's event log and the offset the UTF-16 length of its text
//! so far. A reader that comes back with `Last-Event-ID` gets what it missed, and nothing twice
//! but a message's own newer state.

mod wire;

use std::time::Duration;

use async_stream::stream;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId,
    conversation::{ConversationEvent, Message, MessageStatus},
};
use coxswain_store::{
    Db, Engine, StoreError, conversations,
    live::{Growing, Joined, Live},
};
use futures::Stream;
use serde::Serialize;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use wire::Frames;
pub use wire::Position;

/// A silent stream says that it is alive this often, so that proxies keep it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Without a bus between nodes, what another node wrote is looked for this often.
const OTHER_NODES: Duration = Duration::from_secs(1);
/// Events that may leave in one packet.
const PACKET: usize = 256;

/// Where a stream begins and ends.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose conversation it is.
    pub creator: CreatorId,
    /// The conversation.
    pub conversation: ConversationId,
    /// What the reader has already.
    pub after: Position,
    /// Ends the stream, with an `end` event, once this message is final.
    pub until: Option<MessageId>,
}

/// What the reader has already, from its `Last-Event-ID` header.
pub fn last_event_id(headers: &HeaderMap) -> Position {
    headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// Streams a conversation. `view` is how this surface shows a message.
///
/// Join the conversation (`joined`) before what should be seen happens; `known` are events already
/// at hand, which saves the first look at the database.
pub fn respond<V: Serialize + Send + 'static>(
    db: Db,
    live: Live,
    joined: Joined,
    wanted: Wanted,
    known: Option<Vec<(i64, Message)>>,
    view: fn(&Message) -> V,
) -> Response {
    let body = Body::from_stream(frames(db, live, joined, wanted, known, view));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn frames<V: Serialize + Send + 'static>(
    db: Db,
    live: Live,
    mut joined: Joined,
    wanted: Wanted,
    mut known: Option<Vec<(i64, Message)>>,
    view: fn(&Message) -> V,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    let patience = if db.engine() == Engine::Postgres { OTHER_NODES } else { KEEP_ALIVE };
    stream! {
        let mut out = Frames::new(wanted.after, wanted.until, view);
        let mut look = true;
        let mut silent = Duration::ZERO;
        loop {
            if look {
                let events = match known.take() {
                    Some(events) => Ok(events),
                    None => read(&db, &wanted, out.place()).await,
                };
                match events {
                    Ok(events) => replay(&mut out, &events, joined.growing.take()),
                    // The reader comes back with its Last-Event-ID.
                    Err(error) => { yield Err(error); return; }
                }
            }
            if let Some(packet) = out.take() {
                silent = Duration::ZERO;
                yield Ok(packet);
            }
            if out.ended() {
                return;
            }
            look = match next(&mut joined, &mut out, patience).await {
                Next::Sent => false,
                Next::Silence => {
                    silent += patience;
                    if silent >= KEEP_ALIVE {
                        out.keep_alive();
                    }
                    db.engine() == Engine::Postgres
                }
                Next::Behind => {
                    joined = live.join(wanted.conversation);
                    true
                }
            };
        }
    }
}

enum Next {
    /// Something was written.
    Sent,
    /// Nothing came for a while.
    Silence,
    /// Events were missed: the database has to be read again.
    Behind,
}

/// Waits for the next live event and takes along what is ready behind it.
async fn next<V: Serialize>(joined: &mut Joined, out: &mut Frames<V>, patience: Duration) -> Next {
    let mut event = match tokio::time::timeout(patience, joined.events.recv()).await {
        Err(_) | Ok(Err(RecvError::Closed)) => return Next::Silence,
        Ok(Err(RecvError::Lagged(_))) => return Next::Behind,
        Ok(Ok(event)) => event,
    };
    for _ in 0..PACKET {
        if !out.live(&event) {
            return Next::Behind;
        }
        if out.ended() {
            return Next::Sent;
        }
        event = match joined.events.try_recv() {
            Ok(event) => event,
            Err(TryRecvError::Lagged(_)) => return Next::Behind,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Next::Sent,
        };
    }
    if out.live(&event) { Next::Sent } else { Next::Behind }
}

/// All events after a place.
async fn read(db: &Db, wanted: &Wanted, after: i64) -> Result<Vec<(i64, Message)>, StoreError> {
    const BATCH: u32 = 200;
    let mut tx = db.read(wanted.creator).await?;
    let mut events = Vec::new();
    loop {
        let from = events.last().map_or(after, |(place, _): &(i64, Message)| *place);
        let batch =
            conversations::events_after(&mut tx, wanted.creator, wanted.conversation, from, BATCH).await?;
        let full = batch.len() == BATCH as usize;
        events.extend(batch);
        if !full {
            return Ok(events);
        }
    }
}

/// Writes what was read, each message once, and what is growing at this moment.
fn replay<V: Serialize>(out: &mut Frames<V>, events: &[(i64, Message)], growing: Option<Growing>) {
    for index in 0..events.len() {
        let (place, message) = &events[index];
        let again = events[index + 1..].iter().any(|(_, later)| later.id == message.id);
        if again {
            continue;
        }
        match growing
            .as_ref()
            .filter(|growing| growing.message_id == message.id && message.status == MessageStatus::Streaming)
        {
            // This process's memory is ahead of the database.
            Some(growing) => out.message(*place, &Message { text: growing.text.clone(), ..message.clone() }),
            None => out.message(*place, message),
        }
    }
    if let Some(growing) = growing {
        out.catch_up(growing.seq, growing.message_id, &growing.text);
    }
}

/// The live form of an event just written to the database.
pub fn announce(live: &Live, conversation: ConversationId, event: (i64, Message)) {
    live.publish(conversation, ConversationEvent::Message { seq: event.0, message: Box::new(event.1) });
}
