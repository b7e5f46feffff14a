//! The original file, and its pages as pictures.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use coxswain_domain::{CreatorId, DocumentId, VersionId, document::DocumentKind};
use coxswain_http::{Problem, Result, download};
use coxswain_store::documents::{self, StoredFile};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use super::{
    super::input::{Id, Params},
    parts::wanted,
};
use crate::{HubState, PageError, auth::Reader};

const NOSNIFF: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// Which version is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// This version; the one that answers (or else the newest) when absent.
    version_id: Option<VersionId>,
}

/// The original file, as it was uploaded or fetched.
#[utoipa::path(get, path = "/api/v1/documents/{id}/file", tag = "Knowledge",
    params(("id" = DocumentId, Path), FileQuery),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>)))]
pub(crate) async fn original(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<DocumentId>,
    Params(query): Params<FileQuery>,
) -> Result<Response> {
    let (_, stored) = stored(&hub, caller.creator, id, query.version_id).await?;
    let file = hub
        .files
        .open_file(&stored.key)
        .await
        .map_err(|error| Problem::internal(&error))?
        .ok_or_else(|| Problem::not_found("file"))?;
    let mut response = Body::from_stream(ReaderStream::with_capacity(file, 64 << 10)).into_response();
    let headers = response.headers_mut();
    // Never as itself: an uploaded page must not run as a page of ours.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(stored.bytes));
    headers.insert(header::CONTENT_DISPOSITION, download::disposition(&stored.name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.extend([NOSNIFF]);
    Ok(response)
}

/// Which page is wanted, and how wide.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageImageQuery {
    /// Of this version; of the one that answers (or else the newest) when absent.
    version_id: Option<VersionId>,
    /// Pixels, 200 to 2000; 1000 when absent.
    width: Option<u32>,
}

/// A page of a PDF as a picture.
#[utoipa::path(get, path = "/api/v1/documents/{id}/pages/{page}", tag = "Knowledge",
    params(("id" = DocumentId, Path), ("page" = String, Path, description = "The page, from 1, as in `14.png`"), PageImageQuery),
    responses((status = 200, description = "The page", content_type = "image/png", body = Vec<u8>)))]
pub(crate) async fn page(
    State(hub): State<HubState>,
    caller: Reader,
    Path((id, page)): Path<(String, String)>,
    Params(query): Params<PageImageQuery>,
) -> Result<Response> {
    let id: DocumentId = id.parse().map_err(|_| Problem::not_found("document"))?;
    let page: u32 = page
        .strip_suffix(".png")
        .and_then(|page| page.parse().ok())
        .filter(|page| *page > 0)
        .ok_or_else(|| Problem::not_found("page"))?;
    let width = query.width.unwrap_or(1000);
    if !(200..=2000).contains(&width) {
        return Err(Problem::invalid("/width", "Use a width from 200 to 2000."));
    }
    let (version, stored) = stored(&hub, caller.creator, id, query.version_id).await?;
    if stored.kind != DocumentKind::Pdf {
        return Err(Problem::not_found("page: only PDF files have pages to show"));
    }
    let path = hub.files.path(&stored.key);
    let png = hub.pages.png(&path, page, width).await.map_err(|error| match error {
        PageError::NoSuchPage => Problem::not_found("page"),
        PageError::Failed(_) => {
            tracing::warn!(%error, %version, page, "a page could not be drawn");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "page_unavailable",
                "This page cannot be shown as a picture right now. Its text can.",
            )
        }
    })?;
    let mut response = png.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    // A version never changes, so neither do its pages.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    headers.extend([NOSNIFF]);
    Ok(response)
}

async fn stored(
    hub: &HubState,
    creator: CreatorId,
    document: DocumentId,
    version: Option<VersionId>,
) -> Result<(VersionId, StoredFile)> {
    let mut tx = hub.db.read(creator).await?;
    let version = wanted(&mut tx, creator, document, version).await?;
    let stored = documents::file(&mut tx, creator, version).await?;
    Ok((version, stored.ok_or_else(|| Problem::not_found("file"))?))
}
