//! What happens, as streams of events that a reader can come back to: [`conversation`] is one conversation, first
//! what the database holds and then what happens live, and [`follow`] anything else that is worth looking at.
//! [`sse`] sends such a stream as server-sent events.
//!
//! Ids are durable. A conversation's `message` event has the id `<place>`, a `delta` has `<place>.<offset>`, where
//! the place is the message's in the conversation's event log and the offset the UTF-16 length of its text
//! so far. A reader that comes back with `Last-Event-ID` gets what it missed, and nothing twice
//! but a message's own newer state.

mod follow;
mod sse;
mod wire;

use async_stream::stream;
use axum::{http::HeaderMap, response::Response};
use coxswain_domain::{
    ConversationId, CreatorId, MessageId,
    conversation::{ConversationEvent, Message, MessageStatus},
};
use coxswain_store::{
    Db, StoreError, conversations,
    live::{Growing, Joined, Live},
};
use futures::Stream;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::broadcast::error::TryRecvError;

pub use follow::{Watcher, follow, last_moment, moment};
pub use sse::sse;
use wire::Frames;
pub use wire::Position;

/// Events that may leave in one packet.
const PACKET: usize = 256;

/// Something that happened, as readers are told of it.
#[derive(Clone, Debug)]
pub struct Event {
    /// What kind of thing.
    pub name: &'static str,
    /// Where to come back to after it; none where there is nothing to come back to.
    pub id: Option<String>,
    /// What it is about, as JSON on one line.
    pub data: Box<RawValue>,
}

impl Event {
    /// An event with this data. Our own types always serialise.
    pub fn new(name: &'static str, id: Option<String>, data: &impl Serialize) -> Self {
        Self { name, id, data: to_raw_value(data).unwrap_or_default() }
    }
}

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

/// Streams a conversation as server-sent events: [`conversation`] with [`sse`].
pub fn respond<V: Serialize + Send + 'static>(
    db: Db,
    live: Live,
    joined: Joined,
    wanted: Wanted,
    known: Option<Vec<(i64, Message)>>,
    view: fn(&Message) -> V,
) -> Response {
    sse(conversation(db, live, joined, wanted, known, view))
}

/// What happens in a conversation, in packets. `view` is how this surface shows a message.
///
/// Join the conversation (`joined`) before what should be seen happens; `known` are events already
/// at hand, which saves the first look at the database. Ends early when the database cannot be read: the reader
/// comes back with its place.
pub fn conversation<V: Serialize + Send + 'static>(
    db: Db,
    live: Live,
    mut joined: Joined,
    wanted: Wanted,
    mut known: Option<Vec<(i64, Message)>>,
    view: fn(&Message) -> V,
) -> impl Stream<Item = Result<Vec<Event>, StoreError>> + Send {
    live.look_out(&db, wanted.creator, wanted.conversation);
    stream! {
        let mut out = Frames::new(wanted.after, wanted.until, view);
        let mut look = true;
        loop {
            if look {
                let events = match known.take() {
                    Some(events) => Ok(events),
                    None => read(&db, &wanted, out.place()).await,
                };
                match events {
                    Ok(events) => replay(&mut out, &events, joined.growing.take()),
                    Err(error) => { yield Err(error); return; }
                }
            }
            let packet = out.take();
            if !packet.is_empty() {
                yield Ok(packet);
            }
            if out.ended() {
                return;
            }
            look = match next(&mut joined, &mut out).await {
                Next::Sent => false,
                Next::Behind => {
                    joined = live.join(wanted.conversation);
                    true
                }
            };
        }
    }
}

enum Next {
    /// What came was written.
    Sent,
    /// Events were missed, or happened elsewhere: the database has to be read again.
    Behind,
}

/// Waits for the next live event and takes along what is ready behind it.
async fn next<V: Serialize>(joined: &mut Joined, out: &mut Frames<V>) -> Next {
    let Ok(mut event) = joined.events.recv().await else {
        return Next::Behind;
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
