//! What clients think of answers.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, MessageId};
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::feedback;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::Params;
use crate::{HubState, auth::Reader};

/// What a client thinks of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feedback {
    /// The answer.
    message_id: MessageId,
    /// Where it was given.
    conversation_id: ConversationId,
    /// What the answer says.
    text: String,
    /// Whether it helped.
    helpful: bool,
    /// Why, in their own words.
    reason: Option<String>,
    /// When they said so.
    created_at: DateTime<Utc>,
}

/// Which feedback is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedbackQuery {
    /// Only on answers that helped, or only on those that did not.
    helpful: Option<bool>,
}

/// What clients think of answers, the newest first.
#[utoipa::path(get, path = "/api/v1/feedback", tag = "Clients", params(PageQuery, FeedbackQuery),
    responses((status = 200, description = "Feedback", body = PageOf<Feedback>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
    Params(filter): Params<FeedbackQuery>,
) -> Result<Json<PageOf<Feedback>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = feedback::list(&mut tx, caller.creator, filter.helpful, query.page()?).await?;
    let view = |judged: feedback::Judged| Feedback {
        message_id: judged.feedback.message_id,
        conversation_id: judged.conversation_id,
        text: judged.text,
        helpful: judged.feedback.helpful,
        reason: judged.feedback.reason,
        created_at: judged.feedback.created_at,
    };
    Ok(Json(listed.map(view).into()))
}
