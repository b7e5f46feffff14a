use axum::{extract::State, http::HeaderMap, response::Response};
use coxswain_http::{
    Problem,
    events::{self, Wanted},
};

use super::{session::ClientSession, state::WidgetState, view::WidgetMessage};

/// The client's conversation as a stream: `message` when one was added or became final, `delta` when one grew.
#[utoipa::path(
    get, path = "/w/events", tag = "widget", security(("widget_session" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event the reader has; all when absent.")),
    responses(
        (status = 200, description = "Server-sent events with durable ids.", content_type = "text/event-stream", body = WidgetMessage),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn stream(
    State(state): State<WidgetState>,
    client: ClientSession,
    headers: HeaderMap,
) -> Response {
    let conversation = client.session.conversation_id;
    let joined = state.live.join(conversation);
    let wanted = Wanted {
        creator: client.creator(),
        conversation,
        after: events::last_event_id(&headers),
        until: None,
    };
    events::respond(state.db, state.live, joined, wanted, None, WidgetMessage::of)
}
