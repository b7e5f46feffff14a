use axum::{
    body::{Body, Bytes},
    extract::State,
    http::HeaderMap,
    response::Response,
};
use coxswain_domain::{ConversationId, CreatorId, conversation::ConversationEvent};
use coxswain_http::{
    Problem, Result,
    events::{self, Wanted},
};
use futures::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{presence::Presence, session::ClientSession, state::WidgetState, view::WidgetMessage};

/// The client's conversation as a stream: `message` when one was added or became final, `delta` when one grew,
/// `presence` at the beginning and when somebody else answers, is asked for, or writes.
#[utoipa::path(
    get, path = "/w/events", tag = "widget", security(("widget_session" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event the reader has; all when absent.")),
    responses(
        (status = 200, content_type = "text/event-stream", body = WidgetMessage,
            description = "Server-sent events. Those of `message` and `delta` have durable ids; `presence` has none."),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn stream(
    State(state): State<WidgetState>,
    client: ClientSession,
    headers: HeaderMap,
) -> Result<Response> {
    let (creator, conversation) = (client.creator(), client.session.conversation_id);
    let joined = state.live.join(conversation);
    let mut watch = Watch {
        // Joined before the first look, so that no change falls between.
        changes: state.live.join(conversation).events,
        state: state.clone(),
        creator,
        conversation,
        known: Presence::default(),
    };
    watch.known = watch.look().await?;
    let first = stream::iter([frame(watch.known)]);
    let wanted = Wanted { creator, conversation, after: events::last_event_id(&headers), until: None };
    let response = events::respond(state.db, state.live, joined, wanted, None, WidgetMessage::of);
    let (parts, said) = response.into_parts();
    let beside = watch.frames().map(Ok::<_, axum::Error>);
    let body = first.map(Ok).chain(with(said.into_data_stream(), beside));
    Ok(Response::from_parts(parts, Body::from_stream(body)))
}

/// Items of both as they come, until the main one ends.
fn with<T>(main: impl Stream<Item = T>, beside: impl Stream<Item = T>) -> impl Stream<Item = T> {
    let main = main.map(Some).chain(stream::iter([None]));
    stream::select(main, beside.map(Some))
        .take_while(|item| std::future::ready(item.is_some()))
        .filter_map(std::future::ready)
}

/// Looks out for who answers a conversation.
struct Watch {
    changes: Receiver<ConversationEvent>,
    state: WidgetState,
    creator: CreatorId,
    conversation: ConversationId,
    known: Presence,
}

impl Watch {
    async fn look(&self) -> Result<Presence> {
        let mut tx = self.state.db.read(self.creator).await?;
        Ok(Presence::read(&mut tx, self.creator, self.conversation).await?)
    }

    /// What the reader does not know yet, as it happens.
    fn frames(self) -> impl Stream<Item = Bytes> {
        stream::unfold(self, |mut watch| async {
            let frame = watch.next().await?;
            Some((frame, watch))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.changes.recv().await {
                Ok(ConversationEvent::Writing) => {
                    return Some(frame(Presence { writing: true, ..self.known }));
                }
                Ok(ConversationEvent::Changed) | Err(RecvError::Lagged(_)) => match self.look().await {
                    Ok(now) if now != self.known => {
                        self.known = now;
                        return Some(frame(now));
                    }
                    // The next change, or the reader's next visit, tells it.
                    Ok(_) | Err(_) => {}
                },
                Ok(ConversationEvent::Message { .. } | ConversationEvent::Delta { .. }) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Without an id: it is nothing to come back to.
fn frame(presence: Presence) -> Bytes {
    // Three switches always serialise.
    let data = serde_json::to_string(&presence).unwrap_or_default();
    Bytes::from(format!("event: presence\ndata: {data}\n\n"))
}
