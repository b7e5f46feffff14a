//! The way of a version from a file to something that answers: parsed, embedded, activated.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChunkId, CreatorId, DocumentId, IndexId, KnowledgeBaseId, VersionId,
    document::{DocumentKind, Part, Stage},
};
use sqlx::types::Json;

use crate::{
    Result, Tx,
    documents::{Failure, Warning},
    error::known,
    indexes,
};

/// What a reader of files needs to know of a version.
#[derive(Clone, Debug)]
pub struct Ingestion {
    /// The version.
    pub version: VersionId,
    /// Its document.
    pub document: DocumentId,
    /// Its knowledge base.
    pub base: KnowledgeBaseId,
    /// The format.
    pub kind: DocumentKind,
    /// Where the file lies, relative to the folder of files.
    pub file_key: String,
    /// The name it was uploaded under.
    pub file_name: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether answers may use its document.
    pub enabled: bool,
}

type Row = (VersionId, DocumentId, KnowledgeBaseId, String, String, String, String, bool);

/// The version, unless it or its document was deleted.
pub async fn ingestion(tx: &mut Tx, creator: CreatorId, version: VersionId) -> Result<Option<Ingestion>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT v.id, v.document_id, d.knowledge_base_id, v.kind, v.file_key, v.file_name, v.stage, d.enabled
         FROM document_versions v JOIN documents d ON d.id = v.document_id
         WHERE v.creator_id = $1 AND v.id = $2",
        creator,
        version,
    )?;
    let Some((version, document, base, kind, file_key, file_name, stage, enabled)) = row else {
        return Ok(None);
    };
    Ok(Some(Ingestion {
        version,
        document,
        base,
        kind: known(DocumentKind::from_name(&kind), "document kind", &kind)?,
        file_key,
        file_name,
        stage: known(Stage::from_name(&stage), "stage", &stage)?,
        enabled,
    }))
}

/// The document of a base whose newest file has this name, if there is one: the same file again is a new version.
pub async fn document_of_file(
    tx: &mut Tx,
    creator: CreatorId,
    base: KnowledgeBaseId,
    file_name: &str,
) -> Result<Option<DocumentId>> {
    let row = fetch_optional!(
        tx,
        (DocumentId,),
        "SELECT d.id FROM documents d JOIN document_versions v ON v.document_id = d.id
         WHERE d.creator_id = $1 AND d.knowledge_base_id = $2 AND v.file_name = $3 ORDER BY v.created_at DESC LIMIT 1",
        creator,
        base,
        file_name,
    )?;
    Ok(row.map(|(id,)| id))
}

/// Begins to read a version from its first page: what an earlier try left behind is dropped.
pub async fn begin_parsing(tx: &mut Tx, creator: CreatorId, version: VersionId) -> Result<()> {
    execute!(tx, "DELETE FROM chunks WHERE creator_id = $1 AND version_id = $2", creator, version)?;
    execute!(tx, "DELETE FROM document_parts WHERE creator_id = $1 AND version_id = $2", creator, version)?;
    execute!(
        tx,
        "UPDATE document_versions SET stage = 'parsing', pages_done = 0, pages_total = NULL, chunks_done = 0,
           chunks_total = NULL, failure = NULL
         WHERE creator_id = $1 AND id = $2",
        creator,
        version,
    )?;
    Ok(())
}

/// Keeps the parts that were read, numbered from `first`.
pub async fn add_parts(
    tx: &mut Tx,
    creator: CreatorId,
    version: VersionId,
    first: i64,
    parts: &[Part],
) -> Result<()> {
    for (number, part) in (first..).zip(parts) {
        execute!(
            tx,
            "INSERT INTO document_parts (version_id, number, creator_id, page, heading, start_ms, end_ms, text)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            version,
            number,
            creator,
            part.page.map(i64::from),
            part.heading.as_deref(),
            part.start_ms.map(u64::cast_signed),
            part.end_ms.map(u64::cast_signed),
            &part.text,
        )?;
    }
    Ok(())
}

/// Says how many pages were read, of how many.
pub async fn set_pages(
    tx: &mut Tx,
    creator: CreatorId,
    version: VersionId,
    done: u32,
    total: Option<u32>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE document_versions SET pages_done = $1, pages_total = $2 WHERE creator_id = $3 AND id = $4",
        i64::from(done),
        total.map(i64::from),
        creator,
        version,
    )?;
    Ok(())
}

/// The whole text is kept: goes on to embedding. `warnings` is what the portal shows.
pub async fn begin_embedding(
    tx: &mut Tx,
    creator: CreatorId,
    version: VersionId,
    pages: u32,
    warnings: &[Warning],
) -> Result<()> {
    execute!(
        tx,
        "UPDATE document_versions SET stage = 'embedding', pages_done = $1, pages_total = $1, warnings = $2,
           chunks_total = (SELECT COUNT(*) FROM chunks WHERE chunks.version_id = document_versions.id)
         WHERE creator_id = $3 AND id = $4",
        i64::from(pages),
        Json(warnings),
        creator,
        version,
    )?;
    Ok(())
}

/// Says how many more chunks have their vectors now.
pub async fn add_chunks_done(tx: &mut Tx, creator: CreatorId, version: VersionId, more: usize) -> Result<()> {
    execute!(
        tx,
        "UPDATE document_versions SET chunks_done = chunks_done + $1 WHERE creator_id = $2 AND id = $3",
        i64::try_from(more).unwrap_or(i64::MAX),
        creator,
        version,
    )?;
    Ok(())
}

/// A chunk of a version that has no vector yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// The heading above it.
    pub heading: Option<String>,
    /// Its text.
    pub text: String,
    /// Hash of what is embedded.
    pub text_hash: Vec<u8>,
}

/// Chunks of a version without a vector in an index, in order, at most `limit`.
pub async fn waiting(
    tx: &mut Tx,
    creator: CreatorId,
    index: IndexId,
    version: VersionId,
    limit: i64,
) -> Result<Vec<Waiting>> {
    fetch_all!(
        tx,
        Waiting,
        "SELECT c.id AS chunk_id, c.heading, c.text, c.text_hash FROM chunks c
         WHERE c.creator_id = $1 AND c.version_id = $2
           AND NOT EXISTS (SELECT 1 FROM chunk_embeddings e WHERE e.index_id = $3 AND e.chunk_id = c.id)
         ORDER BY c.ordinal LIMIT $4",
        creator,
        version,
        index,
        limit,
    )
}

/// The version cannot be read: says why, for a person. What was active stays active.
pub async fn fail(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    version: VersionId,
    failure: &Failure,
) -> Result<()> {
    execute!(tx, "DELETE FROM chunks WHERE creator_id = $1 AND version_id = $2", creator, version)?;
    execute!(tx, "DELETE FROM document_parts WHERE creator_id = $1 AND version_id = $2", creator, version)?;
    execute!(
        tx,
        "UPDATE document_versions SET stage = 'failed', failure = $1 WHERE creator_id = $2 AND id = $3",
        Json(failure),
        creator,
        version,
    )?;
    execute!(
        tx,
        "UPDATE documents SET updated_at = $1 WHERE creator_id = $2
           AND id = (SELECT document_id FROM document_versions WHERE document_versions.id = $3)",
        now,
        creator,
        version,
    )?;
    Ok(())
}

/// Lets a version answer in place of the one that did. The others' chunks and vectors go; their text
/// stays, for who looks at an older version. The versions whose vectors an outside index must forget.
pub async fn activate(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    ingestion: &Ingestion,
) -> Result<Vec<VersionId>> {
    let former = fetch_all!(
        tx,
        (VersionId,),
        "SELECT DISTINCT version_id FROM chunks WHERE creator_id = $1 AND document_id = $2 AND version_id <> $3",
        creator,
        ingestion.document,
        ingestion.version,
    )?;
    execute!(
        tx,
        "DELETE FROM chunks WHERE creator_id = $1 AND document_id = $2 AND version_id <> $3",
        creator,
        ingestion.document,
        ingestion.version,
    )?;
    execute!(
        tx,
        "UPDATE documents SET active_version_id = $1, kind = $2, updated_at = $3 WHERE creator_id = $4 AND id = $5",
        ingestion.version,
        ingestion.kind.name(),
        now,
        creator,
        ingestion.document,
    )?;
    execute!(
        tx,
        "UPDATE document_versions SET stage = 'ready', chunks_done = COALESCE(chunks_total, 0), activated_at = $1
         WHERE creator_id = $2 AND id = $3",
        now,
        creator,
        ingestion.version,
    )?;
    indexes::touch(tx, creator).await?;
    Ok(former.into_iter().map(|(version,)| version).collect())
}
