//! Versions of documents: added, fetched, queued to be read.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    CreatorId, DocumentId, VersionId,
    document::{DocumentKind, Stage},
};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::{Failure, Version, Warning};
use crate::{
    Result, StoreError, Tx,
    error::known,
    jobs::{self, NewJob},
    page::{Cursor, Listed, Page},
};

/// The kind of the job that reads a version. Its payload is a [`VersionPayload`], its lane the document.
pub const INGEST_JOB: &str = "ingest.v1";
/// The kind of the job that fetches a version from its address. Payload and lane as of [`INGEST_JOB`].
pub const FETCH_JOB: &str = "fetch.v1";
/// Times a version's job is tried; each crash of the process counts as one.
const ATTEMPTS: u32 = 20;

/// What the jobs about one version need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPayload {
    /// The version.
    pub version_id: VersionId,
}

/// A file as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where the files keep it.
    pub key: String,
    /// The name it came with.
    pub name: String,
    /// What its name says it is.
    pub kind: DocumentKind,
    /// Its size.
    pub bytes: i64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
}

/// A version to add.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Its id.
    pub id: VersionId,
    /// The document; must be this creator's.
    pub document_id: DocumentId,
    /// Its file; empty (no bytes, no key) for one that is still to be fetched.
    pub file: StoredFile,
    /// Where it is to be fetched from.
    pub source_url: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct VersionRow {
    id: VersionId,
    document_id: DocumentId,
    number: i64,
    file_name: String,
    kind: String,
    bytes: i64,
    stage: String,
    pages_done: i64,
    pages_total: Option<i64>,
    chunks_done: i64,
    chunks_total: Option<i64>,
    failure: Option<Json<Failure>>,
    warnings: Json<Vec<Warning>>,
    source_url: Option<String>,
    active: bool,
    created_at: DateTime<Utc>,
    activated_at: Option<DateTime<Utc>>,
}

impl TryFrom<VersionRow> for Version {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            document_id: row.document_id,
            number: row.number,
            file_name: row.file_name,
            kind: known(DocumentKind::from_name(&row.kind), "document kind", &row.kind)?,
            bytes: row.bytes,
            stage: known(Stage::from_name(&row.stage), "stage", &row.stage)?,
            pages_done: row.pages_done,
            pages_total: row.pages_total,
            chunks_done: row.chunks_done,
            chunks_total: row.chunks_total,
            failure: row.failure.map(|failure| failure.0),
            warnings: row.warnings.0,
            source_url: row.source_url,
            active: row.active,
            created_at: row.created_at,
            activated_at: row.activated_at,
        })
    }
}

macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT document_versions.id, document_id, number, file_name, document_versions.kind, bytes, stage, pages_done,
               pages_total, chunks_done, chunks_total, failure, warnings, source_url,
               COALESCE(documents.active_version_id = document_versions.id, FALSE) AS active,
               document_versions.created_at, activated_at
             FROM document_versions JOIN documents ON documents.id = document_versions.document_id ",
            $rest
        )
    };
}

/// Adds the next version of a document; its number.
pub async fn add_version(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: &NewVersion,
) -> Result<i64> {
    // Touching the document first makes two uploads of one document queue here, so that each gets its own number.
    execute!(
        tx,
        "UPDATE documents SET updated_at = $1, kind = $2 WHERE creator_id = $3 AND id = $4",
        now,
        new.file.kind.name(),
        creator,
        new.document_id,
    )?;
    let (number,) = fetch_one!(
        tx,
        (i64,),
        "INSERT INTO document_versions (id, creator_id, document_id, number, file_key, file_name, kind, bytes, sha256,
           source_url, stage, pages_done, chunks_done, warnings, created_at)
         SELECT $1, $2, $3, COALESCE(MAX(number), 0) + 1, $4, $5, $6, $7, $8, $9, 'queued', 0, 0, $10, $11
         FROM document_versions WHERE document_id = $3
         RETURNING number",
        new.id,
        creator,
        new.document_id,
        &new.file.key,
        &new.file.name,
        new.file.kind.name(),
        new.file.bytes,
        &new.file.sha256,
        &new.source_url,
        Json(Vec::<Warning>::new()),
        now,
    )?;
    Ok(number)
}

/// Enqueues [`INGEST_JOB`] or [`FETCH_JOB`] for a version.
pub async fn enqueue(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    kind: &'static str,
    document: DocumentId,
    version: VersionId,
) -> Result<()> {
    let payload = serde_json::to_value(VersionPayload { version_id: version })
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let job = NewJob { creator, kind, payload, lane: document.0, run_at: now, max_attempts: ATTEMPTS };
    jobs::enqueue(tx, now, job).await?;
    Ok(())
}

/// One version of a creator.
pub async fn version(tx: &mut Tx, creator: CreatorId, id: VersionId) -> Result<Option<Version>> {
    let row = fetch_optional!(
        tx,
        VersionRow,
        select_versions!("WHERE document_versions.creator_id = $1 AND document_versions.id = $2"),
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The version of a document that answers questions, if one does yet.
pub async fn active_version(
    tx: &mut Tx,
    creator: CreatorId,
    document: DocumentId,
) -> Result<Option<VersionId>> {
    let row = fetch_optional!(
        tx,
        (Option<VersionId>,),
        "SELECT active_version_id FROM documents WHERE creator_id = $1 AND id = $2",
        creator,
        document,
    )?;
    Ok(row.and_then(|(version,)| version))
}

/// A document's versions, the newest first.
pub async fn list_versions(
    tx: &mut Tx,
    creator: CreatorId,
    document: DocumentId,
    page: Page,
) -> Result<Listed<Version>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        VersionRow,
        select_versions!(
            "WHERE document_versions.creator_id = $1 AND document_id = $2
               AND (document_versions.created_at < $3 OR (document_versions.created_at = $3 AND document_versions.id < $4))
             ORDER BY document_versions.created_at DESC, document_versions.id DESC LIMIT $5"
        ),
        creator,
        document,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Version>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// The stored file of a version; `None` where nothing was fetched yet, too.
pub async fn file(tx: &mut Tx, creator: CreatorId, id: VersionId) -> Result<Option<StoredFile>> {
    let row = fetch_optional!(
        tx,
        (String, String, String, i64, Vec<u8>),
        "SELECT file_key, file_name, kind, bytes, sha256 FROM document_versions
         WHERE creator_id = $1 AND id = $2 AND file_key <> ''",
        creator,
        id,
    )?;
    row.map(|(key, name, kind, bytes, sha256)| {
        let kind = known(DocumentKind::from_name(&kind), "document kind", &kind)?;
        Ok(StoredFile { key, name, kind, bytes, sha256 })
    })
    .transpose()
}

/// Notes the file that was fetched for a version. False: no such version (any more).
pub async fn fetched(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: VersionId,
    file: &StoredFile,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE document_versions SET file_key = $1, file_name = $2, kind = $3, bytes = $4, sha256 = $5
         WHERE creator_id = $6 AND id = $7",
        &file.key,
        &file.name,
        file.kind.name(),
        file.bytes,
        &file.sha256,
        creator,
        id,
    )?;
    touch(tx, now, creator, id).await?;
    Ok(touched == 1)
}

/// Gives up on fetching a version.
pub async fn fail_fetch(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: VersionId,
    failure: &Failure,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE document_versions SET stage = 'failed', failure = $1 WHERE creator_id = $2 AND id = $3",
        Json(failure),
        creator,
        id,
    )?;
    touch(tx, now, creator, id).await
}

/// Puts a failed version back to the start. False: it has not failed.
pub async fn queue_again(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: VersionId) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE document_versions SET stage = 'queued', failure = NULL, warnings = $1, pages_done = 0, pages_total = NULL,
           chunks_done = 0, chunks_total = NULL
         WHERE creator_id = $2 AND id = $3 AND stage = 'failed'",
        Json(Vec::<Warning>::new()),
        creator,
        id,
    )?;
    touch(tx, now, creator, id).await?;
    Ok(touched == 1)
}

async fn touch(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: VersionId) -> Result<()> {
    execute!(
        tx,
        "UPDATE documents SET updated_at = $1 WHERE creator_id = $2
           AND id = (SELECT document_id FROM document_versions WHERE document_versions.id = $3)",
        now,
        creator,
        id,
    )?;
    Ok(())
}
