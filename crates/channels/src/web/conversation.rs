use axum::{
    extract::{Query, State},
    http::{HeaderName, StatusCode, header},
};
use coxswain_domain::ConversationId;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    attachments, consents, conversations, feedback,
    widget_sessions::{self, last_event},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    feedback::MessageFeedback, presence::Presence, session::ClientSession, state::WidgetState,
    view::WidgetMessage,
};

const LATEST: u32 = 50;

/// Which part of the conversation is wanted.
#[derive(Deserialize, IntoParams)]
pub(super) struct ConversationQuery {
    /// `before_cursor` of the answer before; the latest messages when absent.
    before: Option<String>,
}

/// What the client has agreed to.
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentState {
    /// Whether the coach may write first.
    check_ins: bool,
}

/// A conversation as the panel opens it.
#[derive(Serialize, ToSchema)]
pub(super) struct WidgetConversation {
    /// Its id.
    conversation_id: ConversationId,
    /// At most 50 messages, the newest last.
    messages: Vec<WidgetMessage>,
    /// Asks for the messages before these; null when there are none.
    before_cursor: Option<String>,
    /// What the client has agreed to.
    consent: ConsentState,
    /// Messages of the coach's side that the client has not seen.
    unread: i64,
    /// Who answers now.
    presence: Presence,
    /// What the client thinks of answers in this conversation.
    feedback: Vec<MessageFeedback>,
    /// The `Last-Event-ID` from which the event stream continues this answer; null before the first message.
    last_event_id: Option<String>,
}

/// The client's conversation.
#[utoipa::path(
    get, path = "/w/conversation", tag = "widget", params(ConversationQuery), security(("widget_session" = [])),
    responses(
        (status = 200, body = WidgetConversation),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn read(
    State(state): State<WidgetState>,
    client: ClientSession,
    Query(query): Query<ConversationQuery>,
) -> Result<([(HeaderName, &'static str); 1], Json<WidgetConversation>)> {
    let before = match query.before.as_deref().map(str::parse) {
        None => i64::MAX,
        Some(Ok(before)) => before,
        Some(Err(_)) => {
            return Err(Problem::invalid(
                "/before",
                "Use the before_cursor of the answer before, unchanged.",
            ));
        }
    };
    let (creator, session) = (client.creator(), &client.session);
    let mut tx = state.db.read(creator).await?;
    // The place first: what happens between the two looks is then told twice rather than never.
    let place = last_event(&mut tx, creator, session.conversation_id).await?;
    let messages =
        conversations::list_messages(&mut tx, creator, session.conversation_id, before, LATEST).await?;
    let consent = consents::open(&mut tx, creator, session.client_id, consents::CHECK_INS).await?;
    let unread = widget_sessions::unread(&mut tx, creator, session.conversation_id, session.seen_seq).await?;
    let presence = Presence::read(&mut tx, creator, session.conversation_id).await?;
    let judged = feedback::of_conversation(&mut tx, creator, session.conversation_id).await?;
    let first = messages.first().map_or(1, |(_, message)| message.seq);
    let places = (first, messages.last().map_or(0, |(_, message)| message.seq));
    let carried = attachments::of_messages(&mut tx, creator, session.conversation_id, places).await?;
    let answer = WidgetConversation {
        conversation_id: session.conversation_id,
        before_cursor: (first > 1).then(|| first.to_string()),
        messages: messages.iter().map(|(_, message)| WidgetMessage::carrying(message, &carried)).collect(),
        consent: ConsentState { check_ins: consent.is_some() },
        unread,
        presence,
        feedback: judged.into_iter().map(Into::into).collect(),
        last_event_id: place.map(|place| place.to_string()),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}

/// How far the client has read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// `seq` of the last message they saw.
    seq: i64,
}

/// Notes how far the client has read.
#[utoipa::path(
    post, path = "/w/seen", tag = "widget", request_body = Seen, security(("widget_session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem))
)]
pub(super) async fn seen(
    State(state): State<WidgetState>,
    client: ClientSession,
    Json(body): Json<Seen>,
) -> Result<StatusCode> {
    let mut tx = state.db.write(client.creator()).await?;
    widget_sessions::set_seen(&mut tx, client.creator(), client.session.id, body.seq).await?;
    client.touch(&mut tx, state.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
