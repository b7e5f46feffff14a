//! Asking a question, and why it was answered as it was.
//!
//! This is the path an answer's cost is measured on: one transaction takes the question in, and the
//! stream that carries the answer never asks the database for what this process already has.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ConversationId, KnowledgeBaseId, MessageId,
    answer::AnswerTrace,
    conversation::{ConversationKind, Message},
};
use coxswain_http::{
    Json, Problem, Result,
    events::{self, Position, Wanted},
};
use coxswain_store::{
    StoreError, Tx, bases,
    conversations::{self, Accepted, Conversation, NewQuestion},
    traces,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Checks, Id};
use crate::{
    HubState,
    auth::{Chatter, Listener},
    idempotency::Key,
};

/// Characters a question may have.
const QUESTION: usize = 4000;
/// Characters of the first question that become the conversation's title.
const TITLE: usize = 80;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageRequest {
    /// What is asked.
    text: String,
    /// Where; a new conversation when absent. May be an id the caller made, for a conversation that does not exist yet.
    conversation_id: Option<ConversationId>,
    /// Answer a new conversation from these bases only; from all when absent or empty.
    #[serde(default)]
    knowledge_base_ids: Vec<KnowledgeBaseId>,
}

/// A question that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "they are names on the wire")]
pub(crate) struct Asked {
    /// Where.
    conversation_id: ConversationId,
    /// The question.
    message_id: MessageId,
    /// The message that will hold the answer.
    reply_id: MessageId,
}

/// Asks a question, as a client would. With `Accept: text/event-stream` the answer comes as it is
/// written: `message` events with the question and the (empty, then finished) answer, `delta` events with
/// its words, and `end`. Otherwise 202 at once; follow the conversation's events.
#[utoipa::path(post, path = "/api/v1/messages", tag = "Chat", request_body = MessageRequest,
    responses(
        (status = 202, description = "Taken in; the answer follows", body = Asked),
        (status = 200, description = "The turn as it happens", content_type = "text/event-stream", body = Message),
    ))]
pub(crate) async fn ask(
    State(hub): State<HubState>,
    caller: Chatter,
    key: Key,
    headers: HeaderMap,
    Json(form): Json<MessageRequest>,
) -> Result<Response> {
    let mut checks = Checks::default();
    let text = checks.text("/text", &form.text, QUESTION);
    checks.done()?;
    let (creator, now) = (caller.creator, hub.clock.now());
    let id = form.conversation_id.unwrap_or_else(|| ConversationId::new(now));
    // Joined before anything happens, so that nothing is missed.
    let joined = hub.live.join(id);
    let mut tx = hub.db.write(creator).await?;
    let question = NewQuestion {
        conversation: id,
        kind: ConversationKind::Test,
        text: &text,
        client_message_id: key.as_uuid(),
    };
    let lease = Some(hub.work.lease());
    let mut accepted = Err(StoreError::Dangling);
    if form.conversation_id.is_some() {
        accepted = conversations::accept_message(&mut tx, now, creator, question, lease).await;
    }
    if matches!(accepted, Err(StoreError::Dangling)) {
        begin(&mut tx, now, &caller, id, &text, &form).await?;
        accepted = conversations::accept_message(&mut tx, now, creator, question, lease).await;
    }
    let accepted = accepted?;
    tx.commit().await?;
    let Accepted { question, reply, job, repeated } = accepted;
    if !repeated {
        events::announce(&hub.live, id, question.clone());
        events::announce(&hub.live, id, reply.clone());
    }
    match job {
        Some(job) => hub.work.take(job),
        None => hub.work.wake(),
    }
    if !wants_stream(&headers) {
        let asked = Asked { conversation_id: id, message_id: question.1.id, reply_id: reply.1.id };
        return Ok((StatusCode::ACCEPTED, Json(asked)).into_response());
    }
    let wanted = Wanted {
        creator,
        conversation: id,
        after: Position { place: question.0.saturating_sub(1), offset: 0 },
        until: Some(reply.1.id),
    };
    let known = Some(vec![question, reply]);
    Ok(events::respond(hub.db.clone(), hub.live.clone(), joined, wanted, known, Message::clone))
}

/// Begins the conversation.
async fn begin(
    tx: &mut Tx,
    now: DateTime<Utc>,
    caller: &Chatter,
    id: ConversationId,
    text: &str,
    form: &MessageRequest,
) -> Result<()> {
    let creator = caller.creator;
    for (index, base) in form.knowledge_base_ids.iter().enumerate() {
        if bases::get(tx, creator, *base).await?.is_none() {
            let pointer = format!("/knowledge_base_ids/{index}");
            return Err(Problem::invalid(&pointer, "There is no such knowledge base."));
        }
    }
    let new = Conversation {
        id,
        kind: ConversationKind::Test,
        client_id: None,
        channel_account_id: None,
        member_id: caller.member(),
        title: text.chars().take(TITLE).collect(),
        knowledge_base_ids: form.knowledge_base_ids.clone(),
        created_at: now,
        updated_at: now,
    };
    if conversations::create(tx, creator, &new).await? {
        return Ok(());
    }
    // The id is taken: by one of this creator's clients, or by another creator.
    match conversations::get(tx, creator, id).await? {
        Some(_) => Err(Problem::conflict(
            "client_conversation",
            "This conversation belongs to a client. Ask in a conversation of your own.",
        )),
        None => Err(Problem::not_found("conversation")),
    }
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"))
}

/// Why an answer is what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Why(AnswerTrace);

/// Why an answer is what it is: what was searched for, what was found, what was dropped, how long it took.
#[utoipa::path(get, path = "/api/v1/messages/{id}/why", tag = "Chat", params(("id" = MessageId, Path)),
    responses((status = 200, description = "Why", body = Why)))]
pub(crate) async fn why(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<MessageId>,
) -> Result<Json<Why>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let trace = traces::get(&mut tx, caller.creator, id).await?;
    Ok(Json(Why(trace.ok_or_else(|| Problem::not_found("explanation"))?)))
}
