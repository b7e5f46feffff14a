//! What the engine would say.

use axum::{extract::State, http::StatusCode};
use coxswain_domain::{
    ConversationId,
    citation::Citation,
    conversation::{Author, Message},
};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{conversations, creators};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::{HubState, api::input::Id, auth::Responder, suggest::Occasion};

/// Messages the engine is told of the past, at most.
const HISTORY: u32 = 10;

/// What the engine would say. Nobody has been told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    /// What it says.
    text: String,
    /// The knowledge does not cover the question.
    abstained: bool,
    /// What its statements stand on.
    citations: Vec<Citation>,
}

/// Has the engine suggest a reply to what the client wrote last. Nothing is sent.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/suggestion", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "A reply to send, or not", body = Suggestion)))]
pub(crate) async fn suggest(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
) -> Result<Json<Suggestion>> {
    let creator = caller.creator;
    let mut tx = hub.db.read(creator).await?;
    find(&mut tx, creator, id).await?;
    let bases = conversations::get(&mut tx, creator, id)
        .await?
        .map_or_else(Vec::new, |found| found.knowledge_base_ids);
    let settings = creators::get(&mut tx, creator).await?.ok_or_else(Problem::unauthenticated)?.settings;
    let past = conversations::history(&mut tx, creator, id, i64::MAX, HISTORY).await?;
    drop(tx);
    let (question, history) = last_words(past).ok_or_else(|| {
        Problem::conflict("nothing_asked", "The client has not written anything the engine could reply to.")
    })?;
    let suggest = hub
        .suggest
        .as_ref()
        .ok_or_else(|| Problem::conflict("not_set_up", "This server is not set up to suggest replies."))?;
    let occasion = Occasion { creator, bases, question, history, settings };
    let suggestion = suggest.suggest(&occasion).await.map_err(|error| {
        tracing::warn!(%error, "no reply could be suggested");
        let mut problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_suggestion",
            "The engine could not suggest a reply right now. Try again in a moment.",
        );
        problem.retry_after = Some(5);
        problem
    })?;
    let crate::suggest::Suggestion { text, abstained, citations } = suggestion;
    Ok(Json(Suggestion { text, abstained, citations }))
}

/// What the client wrote since somebody last answered, as one question, and what was said before it.
fn last_words(mut past: Vec<Message>) -> Option<(String, Vec<Message>)> {
    let last = past.iter().rposition(|message| message.author == Author::Client)?;
    let first = past[..last]
        .iter()
        .rposition(|message| message.author != Author::Client)
        .map_or(0, |before| before + 1);
    let asked: Vec<String> = past.drain(first..).take(last + 1 - first).map(|message| message.text).collect();
    Some((asked.join("\n"), past))
}
