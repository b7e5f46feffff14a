//! Replies kept ready for use in the inbox.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::CannedReplyId;
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::canned_replies;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Checks, Id};
use crate::{
    HubState,
    auth::{Reader, Responder},
    idempotency::Key,
};

/// Characters its name may have.
const TITLE: usize = 100;
/// Characters it may have: what every messenger takes in one message.
const TEXT: usize = 4000;

/// A reply kept ready for use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CannedReply {
    /// Its id.
    id: CannedReplyId,
    /// What the team finds it by.
    title: String,
    /// What the client reads.
    text: String,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<canned_replies::CannedReply> for CannedReply {
    fn from(reply: canned_replies::CannedReply) -> Self {
        Self { id: reply.id, title: reply.title, text: reply.text, created_at: reply.created_at }
    }
}

/// The canned replies, the newest first.
#[utoipa::path(get, path = "/api/v1/canned-replies", tag = "Inbox", params(PageQuery),
    responses((status = 200, description = "Canned replies", body = PageOf<CannedReply>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<CannedReply>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = canned_replies::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(CannedReply::from).into()))
}

/// A new canned reply.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedReplyRequest {
    /// What the team finds it by.
    title: String,
    /// What the client reads.
    text: String,
}

/// Keeps a reply ready.
#[utoipa::path(post, path = "/api/v1/canned-replies", tag = "Inbox", request_body = CannedReplyRequest,
    responses((status = 201, description = "Made", body = CannedReply)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Responder,
    key: Key,
    Json(form): Json<CannedReplyRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "canned_replies.create", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let title = checks.text("/title", &form.title, TITLE);
    let text = checks.text("/text", &form.text, TEXT);
    checks.done()?;
    let now = hub.clock.now();
    let reply = canned_replies::CannedReply { id: CannedReplyId::new(now), title, text, created_at: now };
    let mut tx = hub.db.write(caller.creator).await?;
    canned_replies::insert(&mut tx, caller.creator, &reply).await?;
    request.commit(tx, now, StatusCode::CREATED, &CannedReply::from(reply)).await
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedReplyPatch {
    /// What the team finds it by.
    title: Option<String>,
    /// What the client reads.
    text: Option<String>,
}

/// Changes a canned reply. What was sent with it stays as it was.
#[utoipa::path(patch, path = "/api/v1/canned-replies/{id}", tag = "Inbox", params(("id" = CannedReplyId, Path)),
    request_body = CannedReplyPatch, responses((status = 200, description = "Changed", body = CannedReply)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<CannedReplyId>,
    Json(patch): Json<CannedReplyPatch>,
) -> Result<Json<CannedReply>> {
    let mut checks = Checks::default();
    let title = patch.title.as_deref().map(|title| checks.text("/title", title, TITLE));
    let text = patch.text.as_deref().map(|text| checks.text("/text", text, TEXT));
    checks.done()?;
    let mut tx = hub.db.write(caller.creator).await?;
    let changed =
        canned_replies::update(&mut tx, caller.creator, id, title.as_deref(), text.as_deref()).await?;
    tx.commit().await?;
    Ok(Json(changed.ok_or_else(missing)?.into()))
}

/// Deletes a canned reply.
#[utoipa::path(delete, path = "/api/v1/canned-replies/{id}", tag = "Inbox", params(("id" = CannedReplyId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<CannedReplyId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    if !canned_replies::delete(&mut tx, caller.creator, id).await? {
        return Err(missing());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn missing() -> Problem {
    Problem::not_found("canned reply")
}
