//! The models in use, and what they were used for.

use axum::extract::State;
use chrono::Duration;
use coxswain_http::{Json, Result};
use coxswain_store::usage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ChatModelStatus, EmbeddingStatus, HubState, auth::Reader};

/// What was used in the last 30 days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// Tokens the model read.
    prompt_tokens: i64,
    /// Tokens it wrote.
    completion_tokens: i64,
    /// Answers it wrote.
    answers: i64,
}

/// The models in use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Models {
    /// Writes the answers.
    chat: ChatModelStatus,
    /// Finds the passages.
    embedding: EmbeddingStatus,
    /// What the last 30 days took.
    usage: Usage,
}

/// The models in use, how they are, and what the last 30 days took.
#[utoipa::path(get, path = "/api/v1/models", tag = "Home",
    responses((status = 200, description = "Models", body = Models)))]
pub(crate) async fn models(State(hub): State<HubState>, caller: Reader) -> Result<Json<Models>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let total = usage::total(&mut tx, caller.creator, hub.clock.now() - Duration::days(30)).await?;
    drop(tx);
    let (chat, embedding) = hub.health.models().await;
    let usage = Usage {
        prompt_tokens: total.prompt_tokens,
        completion_tokens: total.completion_tokens,
        answers: total.answers,
    };
    Ok(Json(Models { chat, embedding, usage }))
}
