//! Finding documents.

use axum::extract::State;
use coxswain_domain::{CreatorId, DocumentId, FolderId, KnowledgeBaseId, document::Stage};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    documents::{self, Document, Filter},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::input::{Id, Params},
    DocumentView,
};
use crate::{HubState, auth::Reader};

/// Which documents are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentsQuery {
    /// In this base.
    knowledge_base_id: Option<KnowledgeBaseId>,
    /// In this folder.
    folder_id: Option<FolderId>,
    /// Whose title holds this.
    q: Option<String>,
    /// Whose newest version has come so far.
    stage: Option<Stage>,
}

/// The documents, the newest first.
#[utoipa::path(get, path = "/api/v1/documents", tag = "Knowledge", params(PageQuery, DocumentsQuery),
    responses((status = 200, description = "Documents", body = PageOf<DocumentView>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
    Params(wanted): Params<DocumentsQuery>,
) -> Result<Json<PageOf<DocumentView>>> {
    let filter = Filter {
        knowledge_base_id: wanted.knowledge_base_id,
        folder_id: wanted.folder_id,
        title: wanted.q.filter(|text| !text.trim().is_empty()),
        stage: wanted.stage,
    };
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = documents::list(&mut tx, caller.creator, &filter, query.page()?).await?;
    Ok(Json(listed.map(DocumentView::from).into()))
}

/// One document.
#[utoipa::path(get, path = "/api/v1/documents/{id}", tag = "Knowledge", params(("id" = DocumentId, Path)),
    responses((status = 200, description = "The document", body = DocumentView)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<DocumentId>,
) -> Result<Json<DocumentView>> {
    let mut tx = hub.db.read(caller.creator).await?;
    Ok(Json(find(&mut tx, caller.creator, id).await?.into()))
}

/// The document, if it is this creator's.
pub(super) async fn find(tx: &mut Tx, creator: CreatorId, id: DocumentId) -> Result<Document> {
    documents::get(tx, creator, id).await?.ok_or_else(|| Problem::not_found("document"))
}
