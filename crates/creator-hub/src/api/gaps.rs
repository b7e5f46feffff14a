//! Questions the knowledge did not cover.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, GapId};
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::gaps;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{HubState, auth::Reader};

/// A question the knowledge did not cover.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Gap {
    /// Its id.
    id: GapId,
    /// The question, as it was asked.
    question: String,
    /// Why it could not be answered.
    reason: String,
    /// When it was asked.
    created_at: DateTime<Utc>,
    /// Where it was asked.
    conversation_id: Option<ConversationId>,
}

/// The gaps, the newest first.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "Knowledge", params(PageQuery),
    responses((status = 200, description = "Gaps", body = PageOf<Gap>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<Gap>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = gaps::list(&mut tx, caller.creator, query.page()?).await?;
    let view = |gap: gaps::Gap| Gap {
        id: gap.id,
        question: gap.question,
        reason: gap.reason,
        created_at: gap.created_at,
        conversation_id: gap.conversation_id,
    };
    Ok(Json(listed.map(view).into()))
}
