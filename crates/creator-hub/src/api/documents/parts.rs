//! A document's text as the engine sees it.

use axum::extract::State;
use coxswain_domain::{ChunkId, CreatorId, DocumentId, VersionId};
use coxswain_http::{Json, PageOf, Problem, Result};
use coxswain_store::{
    Tx,
    documents::{self, PartView},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::input::{Id, Params},
    read::find,
};
use crate::{HubState, auth::Reader};

/// Where in its part a chunk lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartChunk {
    /// The chunk.
    id: ChunkId,
    /// First UTF-16 unit of the part's text.
    start: i64,
    /// The UTF-16 unit after its last.
    end: i64,
}

/// A stretch of a document with one place to cite: a page, a section or a time span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Part {
    /// Its number in the version.
    number: i64,
    /// Page or slide, from 1.
    page: Option<i64>,
    /// The nearest heading.
    heading: Option<String>,
    /// Start in milliseconds, for transcripts.
    start_ms: Option<i64>,
    /// Its text.
    text: String,
    /// The chunks cut from it.
    chunks: Vec<PartChunk>,
}

impl From<PartView> for Part {
    fn from(part: PartView) -> Self {
        let chunks = part.chunks.iter();
        Self {
            number: part.number,
            page: part.page,
            heading: part.heading,
            start_ms: part.start_ms,
            chunks: chunks
                .map(|chunk| PartChunk { id: chunk.id, start: chunk.start, end: chunk.end })
                .collect(),
            text: part.text,
        }
    }
}

/// Which parts are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartsQuery {
    /// Of this version; of the one that answers (or else the newest) when absent.
    version_id: Option<VersionId>,
    /// Parts at most, 1 to 100; 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before: the number of its last part.
    cursor: Option<i64>,
}

/// The text of a version in order, with its chunks marked.
#[utoipa::path(get, path = "/api/v1/documents/{id}/parts", tag = "Knowledge",
    params(("id" = DocumentId, Path), PartsQuery),
    responses((status = 200, description = "Parts", body = PageOf<Part>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<DocumentId>,
    Params(query): Params<PartsQuery>,
) -> Result<Json<PageOf<Part>>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("/limit", "Use a limit from 1 to 100."));
    }
    let mut tx = hub.db.read(caller.creator).await?;
    let version = wanted(&mut tx, caller.creator, id, query.version_id).await?;
    let (parts, more) = documents::parts(&mut tx, caller.creator, version, query.cursor, limit).await?;
    let next_cursor = parts.last().filter(|_| more).map(|part| part.number.to_string());
    Ok(Json(PageOf { items: parts.into_iter().map(Part::from).collect(), next_cursor }))
}

/// The version a reader wants to see: the one named, else the one that answers, else the newest.
pub(super) async fn wanted(
    tx: &mut Tx,
    creator: CreatorId,
    document: DocumentId,
    version: Option<VersionId>,
) -> Result<VersionId> {
    let newest = find(tx, creator, document).await?.version;
    if let Some(id) = version {
        let found = documents::version(tx, creator, id).await?;
        return found
            .filter(|found| found.document_id == document)
            .map(|found| found.id)
            .ok_or_else(|| Problem::not_found("version"));
    }
    let active = documents::active_version(tx, creator, document).await?;
    Ok(active.unwrap_or(newest.id))
}
