//! Folders within a knowledge base.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{CreatorId, FolderId, KnowledgeBaseId};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{Tx, folders};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    bases,
    input::{Checks, Given, Id},
};
use crate::{
    HubState,
    auth::{Editor, Reader},
    idempotency::Key,
};

/// A folder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Folder {
    /// Its id.
    id: FolderId,
    /// The base it is in.
    knowledge_base_id: KnowledgeBaseId,
    /// The folder it is in; null at the top.
    parent_id: Option<FolderId>,
    /// Its name.
    name: String,
}

impl From<folders::Folder> for Folder {
    fn from(folder: folders::Folder) -> Self {
        Self {
            id: folder.id,
            knowledge_base_id: folder.knowledge_base_id,
            parent_id: folder.parent_id,
            name: folder.name,
        }
    }
}

/// The folders of a base, at every depth, the newest first.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{id}/folders", tag = "Knowledge",
    params(("id" = KnowledgeBaseId, Path), PageQuery),
    responses((status = 200, description = "Folders", body = PageOf<Folder>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<KnowledgeBaseId>,
    query: PageQuery,
) -> Result<Json<PageOf<Folder>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    bases::find(&mut tx, caller.creator, id).await?;
    let listed = folders::list(&mut tx, caller.creator, id, query.page()?).await?;
    Ok(Json(listed.map(Folder::from).into()))
}

/// A new folder.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderRequest {
    /// Its name.
    name: String,
    /// The folder it goes into; null or absent for the top.
    parent_id: Option<FolderId>,
}

/// Makes a folder.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{id}/folders", tag = "Knowledge",
    params(("id" = KnowledgeBaseId, Path)), request_body = FolderRequest,
    responses((status = 201, description = "Made", body = Folder)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<KnowledgeBaseId>,
    key: Key,
    Json(form): Json<FolderRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "folders.create", &(id, &form))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let name = checks.text("/name", &form.name, 100);
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    bases::find(&mut tx, caller.creator, id).await?;
    checks.done()?;
    if let Some(parent) = form.parent_id {
        in_base(&mut tx, caller.creator, parent, id, "/parent_id").await?;
    }
    let folder = folders::Folder {
        id: FolderId::new(now),
        knowledge_base_id: id,
        parent_id: form.parent_id,
        name,
        created_at: now,
    };
    folders::insert(&mut tx, caller.creator, &folder).await?;
    request.commit(tx, now, StatusCode::CREATED, &Folder::from(folder)).await
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderPatch {
    /// Its name.
    name: Option<String>,
    /// The folder it goes into; null for the top.
    #[serde(default)]
    #[schema(value_type = Option<FolderId>)]
    parent_id: Given<FolderId>,
}

/// Renames or moves a folder.
#[utoipa::path(patch, path = "/api/v1/folders/{id}", tag = "Knowledge", params(("id" = FolderId, Path)),
    request_body = FolderPatch, responses((status = 200, description = "Changed", body = Folder)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<FolderId>,
    Json(patch): Json<FolderPatch>,
) -> Result<Json<Folder>> {
    let mut tx = hub.db.write(caller.creator).await?;
    let mut folder =
        folders::get(&mut tx, caller.creator, id).await?.ok_or_else(|| Problem::not_found("folder"))?;
    let mut checks = Checks::default();
    if let Some(name) = &patch.name {
        folder.name = checks.text("/name", name, 100);
    }
    checks.done()?;
    if let Given::To(parent) = patch.parent_id {
        if let Some(parent) = parent {
            in_base(&mut tx, caller.creator, parent, folder.knowledge_base_id, "/parent_id").await?;
            if folders::within(&mut tx, caller.creator, parent, id).await? {
                return Err(Problem::invalid("/parent_id", "A folder cannot go into itself."));
            }
        }
        folder.parent_id = parent;
    }
    folders::update(&mut tx, caller.creator, &folder).await?;
    tx.commit().await?;
    Ok(Json(folder.into()))
}

/// Deletes a folder with the folders in it. Its documents stay, at the top of the base.
#[utoipa::path(delete, path = "/api/v1/folders/{id}", tag = "Knowledge", params(("id" = FolderId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<FolderId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    if !folders::delete(&mut tx, caller.creator, id).await? {
        return Err(Problem::not_found("folder"));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a folder that is not in this base (or not this creator's).
pub(super) async fn in_base(
    tx: &mut Tx,
    creator: CreatorId,
    folder: FolderId,
    base: KnowledgeBaseId,
    pointer: &str,
) -> Result<()> {
    let found = folders::get(tx, creator, folder).await?;
    if found.is_some_and(|found| found.knowledge_base_id == base) {
        return Ok(());
    }
    Err(Problem::invalid(pointer, "There is no such folder in this knowledge base."))
}
