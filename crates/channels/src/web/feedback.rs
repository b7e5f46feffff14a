//! What clients think of answers.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use coxswain_domain::MessageId;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::feedback::{self, Feedback};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{session::ClientSession, state::WidgetState};

/// In UTF-16 units.
const LONGEST_REASON: usize = 1_000;

/// What the client thinks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFeedback {
    /// Whether the answer helped.
    helpful: bool,
    /// Why, in their own words; at most 1,000 UTF-16 units.
    #[serde(default)]
    reason: Option<String>,
}

/// What the client thinks of a message.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageFeedback {
    /// The message.
    message_id: MessageId,
    /// Whether it helped.
    helpful: bool,
}

impl From<Feedback> for MessageFeedback {
    fn from(feedback: Feedback) -> Self {
        Self { message_id: feedback.message_id, helpful: feedback.helpful }
    }
}

/// Keeps what the client thinks of an answer; the latest opinion counts.
#[utoipa::path(
    post, path = "/w/messages/{id}/feedback", tag = "widget", request_body = NewFeedback,
    params(("id" = MessageId, Path, description = "The answer.")), security(("widget_session" = [])),
    responses(
        (status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "There is no such finished answer in the client's conversation.", body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn give(
    State(state): State<WidgetState>,
    client: ClientSession,
    Path(id): Path<String>,
    Json(body): Json<NewFeedback>,
) -> Result<StatusCode> {
    let message_id = id.parse().map_err(|_| unknown())?;
    let reason = body.reason.map(|reason| reason.replace('\0', "").trim().to_owned());
    let reason = reason.filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.encode_utf16().count() > LONGEST_REASON) {
        return Err(Problem::invalid("/reason", format!("Use at most {LONGEST_REASON} characters.")));
    }
    let (now, creator) = (state.clock.now(), client.creator());
    let given = Feedback { message_id, helpful: body.helpful, reason, created_at: now };
    let mut tx = state.db.write(creator).await?;
    let kept = feedback::give(&mut tx, creator, client.session.conversation_id, &given).await?;
    client.touch(&mut tx, now).await?;
    tx.commit().await?;
    if kept { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}

fn unknown() -> Problem {
    Problem::not_found("answer")
}
