//! How documents and versions are shown.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    DocumentId, FolderId, KnowledgeBaseId, VersionId,
    document::{DocumentKind, Stage},
};
use coxswain_store::documents::{Document, Version};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a version could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Failure {
    /// Stable code.
    code: String,
    /// What happened, what is safe, what to do.
    sentence: String,
}

/// Something a version lost while the rest of it could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ParseWarning {
    /// The page, from 1, where the format has pages.
    page: Option<u32>,
    /// What was lost and why.
    reason: String,
}

/// One version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DocumentVersion)]
pub(crate) struct VersionView {
    /// Its id.
    id: VersionId,
    /// From 1.
    number: i64,
    /// The name the file came with.
    file_name: String,
    /// Size of the file; 0 before it was fetched.
    bytes: i64,
    /// How far its ingestion has come.
    stage: Stage,
    /// Pages read.
    pages_done: i64,
    /// Pages there are, once known.
    pages_total: Option<i64>,
    /// Chunks embedded.
    chunks_done: i64,
    /// Chunks there are, once known.
    chunks_total: Option<i64>,
    /// Why it failed, if it did.
    failure: Option<Failure>,
    /// What it lost.
    warnings: Vec<ParseWarning>,
    /// Where it was fetched from, if it was given by its address.
    source_url: Option<String>,
    /// Whether it is the one that answers questions.
    active: bool,
    /// When it was added.
    created_at: DateTime<Utc>,
    /// When it began to answer questions.
    activated_at: Option<DateTime<Utc>>,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        let failure =
            version.failure.map(|failure| Failure { code: failure.code, sentence: failure.sentence });
        let warnings = version
            .warnings
            .into_iter()
            .map(|warning| ParseWarning { page: warning.page, reason: warning.reason })
            .collect();
        Self {
            id: version.id,
            number: version.number,
            file_name: version.file_name,
            bytes: version.bytes,
            stage: version.stage,
            pages_done: version.pages_done,
            pages_total: version.pages_total,
            chunks_done: version.chunks_done,
            chunks_total: version.chunks_total,
            failure,
            warnings,
            source_url: version.source_url,
            active: version.active,
            created_at: version.created_at,
            activated_at: version.activated_at,
        }
    }
}

/// A document with its newest version. While that is being read, the one before still answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct DocumentView {
    /// Its id.
    pub(super) id: DocumentId,
    /// The base it is in.
    knowledge_base_id: KnowledgeBaseId,
    /// The folder it is in; null at the top.
    folder_id: Option<FolderId>,
    /// Its title.
    title: String,
    /// The format of its newest version.
    kind: DocumentKind,
    /// Whether answers may use it.
    enabled: bool,
    /// When its source was published, `YYYY-MM-DD`.
    published_on: Option<String>,
    /// Where clients can read it.
    citation_url: Option<String>,
    /// The newest version.
    version: VersionView,
    /// How many versions there are.
    versions_count: i64,
    /// How often answers quoted it.
    times_quoted: i64,
    /// When it was added.
    created_at: DateTime<Utc>,
    /// When it or its ingestion last changed.
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            knowledge_base_id: document.knowledge_base_id,
            folder_id: document.folder_id,
            title: document.title,
            kind: document.kind,
            enabled: document.enabled,
            published_on: document.published_on,
            citation_url: document.citation_url,
            version: document.version.into(),
            versions_count: document.versions_count,
            times_quoted: document.times_quoted,
            created_at: document.created_at,
            updated_at: document.updated_at,
        }
    }
}
