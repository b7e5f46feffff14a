//! Streams of events as server-sent events.

use std::{fmt::Write as _, time::Duration};

use async_stream::stream;
use axum::{
    BoxError,
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt};

use super::Event;

/// A silent stream says that it is alive this often, so that proxies keep it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Sends events as they come, each packet at once, and a comment where none come for a while.
pub fn sse<E>(events: impl Stream<Item = Result<Vec<Event>, E>> + Send + 'static) -> Response
where
    E: Into<BoxError> + Send + 'static,
{
    let body = Body::from_stream(stream! {
        let mut events = std::pin::pin!(events);
        loop {
            match tokio::time::timeout(KEEP_ALIVE, events.next()).await {
                Err(_) => yield Ok(Bytes::from_static(b": still here\n\n")),
                Ok(Some(Ok(packet))) => yield Ok(written(&packet)),
                Ok(Some(Err(error))) => { yield Err(error); return; }
                Ok(None) => return,
            }
        }
    });
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn written(packet: &[Event]) -> Bytes {
    let mut text = String::new();
    for Event { name, id, data } in packet {
        // JSON on one line holds no line break, so one data field is enough. Writing to a String cannot fail.
        let _ = writeln!(text, "event: {name}");
        if let Some(id) = id {
            let _ = writeln!(text, "id: {id}");
        }
        let _ = write!(text, "data: {data}\n\n");
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_as_browsers_read_it() {
        let message = Event::new("message", Some("4".into()), &"two\nlines");
        let end = Event::new("end", None, &serde_json::Map::new());
        let text = "event: message\nid: 4\ndata: \"two\\nlines\"\n\nevent: end\ndata: {}\n\n";
        assert_eq!(written(&[message, end]), text);
    }
}
