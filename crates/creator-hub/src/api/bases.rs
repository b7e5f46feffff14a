//! Knowledge bases.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::KnowledgeBaseId;
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    bases, documents,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    documents::discard_files,
    input::{Checks, Id},
};
use crate::{
    HubState,
    auth::{Editor, Reader},
    idempotency::Key,
};

/// A knowledge base.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnowledgeBase {
    /// Its id.
    id: KnowledgeBaseId,
    /// Its name, unique for the creator.
    name: String,
    /// What is in it.
    description: String,
    /// How many documents it holds.
    documents: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<bases::KnowledgeBase> for KnowledgeBase {
    fn from(base: bases::KnowledgeBase) -> Self {
        Self {
            id: base.id,
            name: base.name,
            description: base.description,
            documents: base.documents,
            created_at: base.created_at,
        }
    }
}

/// The bases, the newest first.
#[utoipa::path(get, path = "/api/v1/knowledge-bases", tag = "Knowledge", params(PageQuery),
    responses((status = 200, description = "Bases", body = PageOf<KnowledgeBase>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<KnowledgeBase>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = bases::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(KnowledgeBase::from).into()))
}

/// A new base.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeBaseRequest {
    /// Its name, unique for the creator whatever the case.
    name: String,
    /// What is in it.
    description: Option<String>,
}

/// Makes a base.
#[utoipa::path(post, path = "/api/v1/knowledge-bases", tag = "Knowledge", request_body = KnowledgeBaseRequest,
    responses((status = 201, description = "Made", body = KnowledgeBase)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Editor,
    key: Key,
    Json(form): Json<KnowledgeBaseRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "knowledge_bases.create", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let name = checks.text("/name", &form.name, 100);
    let description = described(&mut checks, form.description.as_deref().unwrap_or_default());
    checks.done()?;
    let now = hub.clock.now();
    let base = bases::KnowledgeBase {
        id: KnowledgeBaseId::new(now),
        name,
        description,
        documents: 0,
        created_at: now,
    };
    let mut tx = hub.db.write(caller.creator).await?;
    if !bases::insert(&mut tx, caller.creator, &base).await? {
        return Err(name_taken());
    }
    request.commit(tx, now, StatusCode::CREATED, &KnowledgeBase::from(base)).await
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeBasePatch {
    /// Its name.
    name: Option<String>,
    /// What is in it.
    description: Option<String>,
}

/// Renames or describes a base.
#[utoipa::path(patch, path = "/api/v1/knowledge-bases/{id}", tag = "Knowledge",
    params(("id" = KnowledgeBaseId, Path)), request_body = KnowledgeBasePatch,
    responses((status = 200, description = "Changed", body = KnowledgeBase)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<KnowledgeBaseId>,
    Json(patch): Json<KnowledgeBasePatch>,
) -> Result<Json<KnowledgeBase>> {
    let mut tx = hub.db.write(caller.creator).await?;
    let mut base = find(&mut tx, caller.creator, id).await?;
    let mut checks = Checks::default();
    if let Some(name) = &patch.name {
        base.name = checks.text("/name", name, 100);
    }
    if let Some(text) = &patch.description {
        base.description = described(&mut checks, text);
    }
    checks.done()?;
    if bases::name_taken(&mut tx, caller.creator, id, &base.name).await? {
        return Err(name_taken());
    }
    bases::update(&mut tx, caller.creator, id, &base.name, &base.description).await?;
    tx.commit().await?;
    Ok(Json(base.into()))
}

/// Deletes a base with everything in it: documents, files, text, vectors, and what old answers quoted.
#[utoipa::path(delete, path = "/api/v1/knowledge-bases/{id}", tag = "Knowledge",
    params(("id" = KnowledgeBaseId, Path)), responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<KnowledgeBaseId>,
) -> Result<StatusCode> {
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    let base = find(&mut tx, caller.creator, id).await?;
    let removed = documents::remove_base(&mut tx, now, caller.creator, id).await?;
    bases::delete(&mut tx, caller.creator, id).await?;
    let entry = NewEntry {
        actor: &caller.actor,
        action: "knowledge_base.deleted",
        subject: Some(id.to_string()),
        detail: json!({ "name": base.name, "documents": removed.titles.len() }),
    };
    audit::record(&mut tx, now, caller.creator, entry).await?;
    tx.commit().await?;
    discard_files(&hub, &removed.files).await;
    for document in removed.documents {
        hub.progress.changed(caller.creator, document);
    }
    hub.work.wake();
    Ok(StatusCode::NO_CONTENT)
}

/// The base, if it is this creator's.
pub(super) async fn find(
    tx: &mut Tx,
    creator: coxswain_domain::CreatorId,
    id: KnowledgeBaseId,
) -> Result<bases::KnowledgeBase> {
    bases::get(tx, creator, id).await?.ok_or_else(|| Problem::not_found("knowledge base"))
}

fn described(checks: &mut Checks, text: &str) -> String {
    checks.that(text.chars().count() <= 1000, "/description", "Use at most 1000 characters.");
    text.trim().to_owned()
}

fn name_taken() -> Problem {
    Problem::conflict("name_taken", "You have a knowledge base of this name already. Choose another name.")
}
