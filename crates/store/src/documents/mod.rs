//! Documents and their versions.

mod parts;
mod removal;
mod versions;

use chrono::{DateTime, Utc};
use coxswain_domain::{
    CreatorId, DocumentId, FolderId, KnowledgeBaseId, VersionId,
    document::{DocumentKind, Stage},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use parts::{PartChunk, PartView, parts};
pub use removal::{REMOVE_VECTORS_JOB, RemoveVectorsPayload, Removed, names_file, remove, remove_base};
pub use versions::{
    FETCH_JOB, INGEST_JOB, NewVersion, StoredFile, VersionPayload, active_version, add_version, enqueue,
    fail_fetch, fetched, file, list_versions, queue_again, version,
};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
    sql::like,
};
use versions::VersionRow;

/// Why a version could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code.
    pub code: String,
    /// What happened, what is safe, what to do.
    pub sentence: String,
}

/// Something a version lost while the rest of it could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The page, from 1, where the format has pages.
    pub page: Option<u32>,
    /// What was lost and why.
    pub reason: String,
}

/// One version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// The document.
    pub document_id: DocumentId,
    /// From 1.
    pub number: i64,
    /// The name the file came with.
    pub file_name: String,
    /// What the file's name says it is.
    pub kind: DocumentKind,
    /// Size of the file.
    pub bytes: i64,
    /// How far its ingestion has come.
    pub stage: Stage,
    /// Pages read.
    pub pages_done: i64,
    /// Pages there are, once known.
    pub pages_total: Option<i64>,
    /// Chunks embedded.
    pub chunks_done: i64,
    /// Chunks there are, once known.
    pub chunks_total: Option<i64>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What it lost.
    pub warnings: Vec<Warning>,
    /// Where it is to be fetched from, if it was given by its address.
    pub source_url: Option<String>,
    /// Whether it is the one that answers questions.
    pub active: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it began to answer questions.
    pub activated_at: Option<DateTime<Utc>>,
}

/// A document with its newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The base it is in.
    pub knowledge_base_id: KnowledgeBaseId,
    /// The folder it is in.
    pub folder_id: Option<FolderId>,
    /// Its title.
    pub title: String,
    /// The format of its newest version.
    pub kind: DocumentKind,
    /// Whether answers may use it.
    pub enabled: bool,
    /// When its source was published: a date, `YYYY-MM-DD`.
    pub published_on: Option<String>,
    /// Where clients can read it.
    pub citation_url: Option<String>,
    /// The newest version.
    pub version: Version,
    /// How many versions there are.
    pub versions_count: i64,
    /// How often answers quoted it.
    pub times_quoted: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it or its ingestion last changed.
    pub updated_at: DateTime<Utc>,
}

/// A document to add.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Its id.
    pub id: DocumentId,
    /// The base it goes into; must be this creator's.
    pub knowledge_base_id: KnowledgeBaseId,
    /// The folder it goes into; must be in that base.
    pub folder_id: Option<FolderId>,
    /// Its title.
    pub title: String,
    /// Its format.
    pub kind: DocumentKind,
    /// Where clients can read it.
    pub citation_url: Option<String>,
}

/// Which documents are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this base.
    pub knowledge_base_id: Option<KnowledgeBaseId>,
    /// In this folder.
    pub folder_id: Option<FolderId>,
    /// Whose title holds this, whatever the case.
    pub title: Option<String>,
    /// Whose newest version has come so far.
    pub stage: Option<Stage>,
}

#[derive(sqlx::FromRow)]
struct Row {
    document_id: DocumentId,
    knowledge_base_id: KnowledgeBaseId,
    folder_id: Option<FolderId>,
    title: String,
    enabled: bool,
    published_on: Option<String>,
    citation_url: Option<String>,
    versions_count: i64,
    times_quoted: i64,
    document_created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[sqlx(flatten)]
    version: VersionRow,
}

impl TryFrom<Row> for Document {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let version: Version = row.version.try_into()?;
        Ok(Self {
            id: row.document_id,
            knowledge_base_id: row.knowledge_base_id,
            folder_id: row.folder_id,
            title: row.title,
            kind: version.kind,
            enabled: row.enabled,
            published_on: row.published_on,
            citation_url: row.citation_url,
            version,
            versions_count: row.versions_count,
            times_quoted: row.times_quoted,
            created_at: row.document_created_at,
            updated_at: row.updated_at,
        })
    }
}

macro_rules! select_documents {
    ($rest:literal) => {
        concat!(
            "SELECT documents.knowledge_base_id, documents.folder_id, documents.title, documents.enabled,
               documents.published_on, documents.citation_url, documents.times_quoted,
               documents.created_at AS document_created_at, documents.updated_at,
               (SELECT COUNT(*) FROM document_versions older WHERE older.document_id = documents.id) AS versions_count,
               document_versions.id, document_versions.document_id, document_versions.number, document_versions.file_name,
               document_versions.kind, document_versions.bytes, document_versions.stage, document_versions.pages_done,
               document_versions.pages_total, document_versions.chunks_done, document_versions.chunks_total,
               document_versions.failure, document_versions.warnings, document_versions.source_url,
               COALESCE(documents.active_version_id = document_versions.id, FALSE) AS active,
               document_versions.created_at, document_versions.activated_at
             FROM documents JOIN document_versions ON document_versions.document_id = documents.id
               AND document_versions.number =
                 (SELECT MAX(latest.number) FROM document_versions latest WHERE latest.document_id = documents.id) ",
            $rest
        )
    };
}

/// Adds a document; it has no version yet, and shows nowhere before it has one.
pub async fn insert(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, new: &NewDocument) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO documents (id, creator_id, knowledge_base_id, folder_id, title, kind, enabled, citation_url,
           times_quoted, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7, 0, $8, $8)",
        new.id,
        creator,
        new.knowledge_base_id,
        new.folder_id,
        &new.title,
        new.kind.name(),
        &new.citation_url,
        now,
    )?;
    Ok(())
}

/// One document of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: DocumentId) -> Result<Option<Document>> {
    let row = fetch_optional!(
        tx,
        Row,
        select_documents!("WHERE documents.creator_id = $1 AND documents.id = $2"),
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's documents, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, filter: &Filter, page: Page) -> Result<Listed<Document>> {
    let after = page.cursor();
    let title = filter.title.as_deref().map(|text| format!("%{}%", like(&text.to_lowercase())));
    let rows = fetch_all!(
        tx,
        Row,
        select_documents!(
            "WHERE documents.creator_id = $1 AND ($2 IS NULL OR documents.knowledge_base_id = $2)
               AND ($3 IS NULL OR documents.folder_id = $3)
               AND ($4 IS NULL OR LOWER(documents.title) LIKE $4 ESCAPE '!')
               AND ($5 IS NULL OR document_versions.stage = $5)
               AND (documents.created_at < $6 OR (documents.created_at = $6 AND documents.id < $7))
             ORDER BY documents.created_at DESC, documents.id DESC LIMIT $8"
        ),
        creator,
        filter.knowledge_base_id,
        filter.folder_id,
        title,
        filter.stage.map(Stage::name),
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Document>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Documents of a creator that changed after a moment, or whose newest version is being read; at most `limit`.
pub async fn moving(
    tx: &mut Tx,
    creator: CreatorId,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Document>> {
    let rows = fetch_all!(
        tx,
        Row,
        select_documents!(
            "WHERE documents.creator_id = $1
               AND (documents.updated_at > $2 OR document_versions.stage IN ('parsing', 'embedding'))
             ORDER BY documents.updated_at, documents.id LIMIT $3"
        ),
        creator,
        since,
        i64::from(limit),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Whether a document is (still) there.
pub async fn exists(tx: &mut Tx, creator: CreatorId, id: DocumentId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "SELECT id FROM documents WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    Ok(row.is_some())
}

/// Puts what a person may change in place. False: no such document.
pub async fn update(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    document: &Document,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE documents SET title = $1, enabled = $2, folder_id = $3, published_on = $4, citation_url = $5, updated_at = $6
         WHERE creator_id = $7 AND id = $8",
        &document.title,
        document.enabled,
        document.folder_id,
        &document.published_on,
        &document.citation_url,
        now,
        creator,
        document.id,
    )?;
    Ok(touched == 1)
}
