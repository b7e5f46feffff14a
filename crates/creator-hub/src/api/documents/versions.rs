//! The versions of a document, and trying a failed one again.

use axum::{extract::State, http::StatusCode};
use coxswain_domain::{DocumentId, document::Stage};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::documents::{self, FETCH_JOB, INGEST_JOB};

use super::{super::input::Id, DocumentView, read::find, view::VersionView};
use crate::{
    HubState,
    auth::{Editor, Reader},
};

/// The versions, the newest first.
#[utoipa::path(get, path = "/api/v1/documents/{id}/versions", tag = "Knowledge",
    params(("id" = DocumentId, Path), PageQuery),
    responses((status = 200, description = "Versions", body = PageOf<VersionView>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<DocumentId>,
    query: PageQuery,
) -> Result<Json<PageOf<VersionView>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    let listed = documents::list_versions(&mut tx, caller.creator, id, query.page()?).await?;
    Ok(Json(listed.map(VersionView::from).into()))
}

/// Reads a failed newest version again, from the start.
#[utoipa::path(post, path = "/api/v1/documents/{id}/retry", tag = "Knowledge", params(("id" = DocumentId, Path)),
    responses((status = 202, description = "Queued again", body = DocumentView)))]
pub(crate) async fn retry(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<DocumentId>,
) -> Result<(StatusCode, Json<DocumentView>)> {
    let (creator, now) = (caller.creator, hub.clock.now());
    let mut tx = hub.db.write(creator).await?;
    let document = find(&mut tx, creator, id).await?;
    let version = document.version.id;
    if document.version.stage != Stage::Failed
        || !documents::queue_again(&mut tx, now, creator, version).await?
    {
        return Err(Problem::conflict(
            "not_failed",
            "Only a version that could not be read can be tried again.",
        ));
    }
    let stored = documents::file(&mut tx, creator, version).await?.is_some();
    let job = if stored { INGEST_JOB } else { FETCH_JOB };
    documents::enqueue(&mut tx, now, creator, job, id, version).await?;
    let shown = find(&mut tx, creator, id).await?.into();
    tx.commit().await?;
    hub.progress.changed(creator, id);
    hub.work.wake();
    Ok((StatusCode::ACCEPTED, Json(shown)))
}
