//! The port to an index that finds chunks by vector and by words.

use async_trait::async_trait;

use super::EmbeddingModel;
use crate::{ChunkId, CreatorId, DocumentId, IndexId, KnowledgeBaseId, VersionId};

/// One of a creator's indexes, as the relational store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRef {
    /// Its id.
    pub id: IndexId,
    /// The model that makes its vectors.
    pub model: EmbeddingModel,
    /// Grows with every change of what may be found. An engine that keeps a copy brings it up to this one.
    pub generation: i64,
}

/// Which chunks may be found: those of one creator's index, active and switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchScope {
    /// The creator.
    pub creator: CreatorId,
    /// The index.
    pub index: IndexRef,
    /// Only these knowledge bases; empty for all.
    pub bases: Vec<KnowledgeBaseId>,
}

/// One term of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct TermWeight {
    /// The analysed term.
    pub term: String,
    /// How often the question holds it.
    pub weight: f32,
}

/// A chunk as an index keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexPoint {
    /// The chunk.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// Its version.
    pub version: VersionId,
    /// Its knowledge base.
    pub base: KnowledgeBaseId,
    /// Its unit vector; empty where the index has none yet, and words alone may find the chunk.
    pub vector: Vec<f32>,
    /// Its analysed terms, in order, with repeats.
    pub terms: Vec<String>,
}

/// A chunk an index found; higher scores are better. Scores of the two searches do not compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The chunk.
    pub chunk: ChunkId,
    /// Cosine similarity, or BM25.
    pub score: f32,
}

/// Why an index could not be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The engine or its store cannot be reached: retry.
    #[error("the index is not reachable: {0}")]
    Unreachable(String),
    /// It answered with something we cannot use.
    #[error("the index failed: {0}")]
    Failed(String),
}

/// An index over chunks. The relational store stays the truth: an index can be rebuilt from it,
/// and what it finds is checked against it before anyone sees it.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// Makes points findable. Idempotent. Durable when it returns.
    async fn upsert(
        &self,
        creator: CreatorId,
        index: &IndexRef,
        points: Vec<IndexPoint>,
    ) -> Result<(), IndexError>;

    /// Forgets versions entirely. Idempotent. Durable when it returns.
    async fn remove(
        &self,
        creator: CreatorId,
        index: &IndexRef,
        versions: &[VersionId],
    ) -> Result<(), IndexError>;

    /// Forgets all a creator has in an index. Idempotent. Durable when it returns.
    async fn clear(&self, creator: CreatorId, index: &IndexRef) -> Result<(), IndexError>;

    /// The `k` chunks nearest to a unit vector, best first.
    async fn dense(
        &self,
        scope: &SearchScope,
        vector: &[f32],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError>;

    /// The `k` chunks that match the terms best by BM25 over the creator's own chunks, best first.
    async fn lexical(
        &self,
        scope: &SearchScope,
        terms: &[TermWeight],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError>;

    /// Whether the engine can be used.
    async fn check(&self) -> Result<(), IndexError>;
}
