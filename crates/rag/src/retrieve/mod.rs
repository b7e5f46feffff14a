//! Retrieval: from a question to the passages that may answer it, with their text and place.

mod attribution;
mod fuse;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use coxswain_domain::ports::{Candidate, EmbedError, Embedder, IndexError, SearchScope, VectorIndex};
use coxswain_domain::{ChunkId, CreatorId, DocumentId, KnowledgeBaseId};
use coxswain_store::chunks::{self, PassageRow};
use coxswain_store::{Db, StoreError, indexes};

pub use fuse::{Fused, fuse};

use crate::analyse;

/// Candidates asked of each search, at least. Fusion needs more than it returns: what one search
/// ranks low the other may lift.
const CANDIDATES: usize = 100;

/// Which searches take part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By vector.
    Dense,
    /// By words.
    Lexical,
    /// By both, fused.
    #[default]
    Hybrid,
}

/// What is asked, and where to look.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose knowledge.
    pub creator: CreatorId,
    /// The question, standing alone.
    pub text: String,
    /// Its vector, if the caller has it.
    pub vector: Option<Vec<f32>>,
    /// Only these knowledge bases; empty for all.
    pub bases: Vec<KnowledgeBaseId>,
    /// Which searches take part.
    pub mode: Mode,
    /// Most passages to return.
    pub top: usize,
    /// Documents the question names: where they hold something that fits, nothing else is returned.
    pub named: Vec<DocumentId>,
}

impl Query {
    /// A question over everything the creator's clients may be answered from.
    pub fn new(creator: CreatorId, text: impl Into<String>, top: usize) -> Self {
        let (bases, named) = (Vec::new(), Vec::new());
        Self { creator, text: text.into(), vector: None, bases, mode: Mode::default(), top, named }
    }
}

/// A question for what somebody said about a topic, who is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What is to be searched for.
    pub topic: String,
    /// Documents that name who is asked about, in their title or opening.
    pub documents: Vec<DocumentId>,
}

/// A passage that may answer.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Its text, its place and its document.
    pub row: PassageRow,
    /// How well it fits, 0 to 1; comparable for one question only.
    pub score: f32,
    /// Cosine similarity to the question, when the dense search found it.
    pub dense: Option<f32>,
    /// BM25, when the lexical search found it.
    pub lexical: Option<f32>,
}

/// Why nothing could be retrieved.
#[derive(Debug, thiserror::Error)]
pub enum RetrieveError {
    /// The relational store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The question could not be embedded.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Finds passages.
#[derive(Clone)]
pub struct Retriever {
    db: Db,
    embedder: Arc<dyn Embedder>,
    index: Arc<dyn VectorIndex>,
}

impl Retriever {
    /// A retriever over this store and index.
    pub fn new(db: Db, embedder: Arc<dyn Embedder>, index: Arc<dyn VectorIndex>) -> Self {
        Self { db, embedder, index }
    }

    /// The passages that fit best, best first; none when the creator has no knowledge yet.
    pub async fn retrieve(&self, query: &Query) -> Result<Vec<Passage>, RetrieveError> {
        let mut tx = self.db.glance(query.creator).await?;
        let index = indexes::active(&mut tx, query.creator).await?;
        drop(tx);
        let Some(index) = index else { return Ok(Vec::new()) };
        // Vectors of two models mean nothing to each other: until the new model's index answers,
        // words find passages, in the old one, which holds those of every chunk.
        let mode = if index.model == *self.embedder.model() { query.mode } else { Mode::Lexical };
        let query = &Query { mode, ..query.clone() };
        let scope =
            SearchScope { creator: query.creator, index: index.reference(), bases: query.bases.clone() };
        let (mut dense, mut lexical) =
            tokio::try_join!(self.dense(query, &scope), self.lexical(query, &scope))?;
        if !query.named.is_empty() {
            self.narrow(query, &mut dense, &mut lexical).await?;
        }
        let mut fused = match query.mode {
            Mode::Hybrid => fuse(&dense, &lexical),
            Mode::Dense => alone(&dense, |candidate| (Some(candidate.score), None)),
            Mode::Lexical => alone(&lexical, |candidate| (None, Some(candidate.score))),
        };
        fused.truncate(query.top);
        self.passages(query.creator, &fused).await
    }

    /// Leaves candidates of the named documents alone, if there are any. Before fusion, so that
    /// what is left is compared among itself.
    async fn narrow(
        &self,
        query: &Query,
        dense: &mut Vec<Candidate>,
        lexical: &mut Vec<Candidate>,
    ) -> Result<(), RetrieveError> {
        let mut ids: Vec<ChunkId> = dense.iter().chain(&*lexical).map(|candidate| candidate.chunk).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut tx = self.db.glance(query.creator).await?;
        let rows = chunks::passages(&mut tx, query.creator, &ids).await?;
        drop(tx);
        let named = rows.iter().filter(|row| query.named.contains(&row.document_id));
        let kept: HashSet<ChunkId> = named.map(|row| row.chunk_id).collect();
        if !kept.is_empty() {
            dense.retain(|candidate| kept.contains(&candidate.chunk));
            lexical.retain(|candidate| kept.contains(&candidate.chunk));
        }
        Ok(())
    }

    /// What a question asks of whom, where it has that form and a document names them.
    ///
    /// # Errors
    /// As of the store.
    pub async fn about(&self, creator: CreatorId, question: &str) -> Result<Option<About>, RetrieveError> {
        let Some(found) = attribution::of(question) else { return Ok(None) };
        let documents = attribution::documents(&self.db, creator, &found.name).await?;
        Ok((!documents.is_empty()).then_some(About { topic: found.topic, documents }))
    }

    async fn dense(&self, query: &Query, scope: &SearchScope) -> Result<Vec<Candidate>, RetrieveError> {
        if query.mode == Mode::Lexical {
            return Ok(Vec::new());
        }
        let embedded;
        let vector = if let Some(given) = &query.vector {
            given
        } else {
            embedded = self.embedder.embed_query(&query.text).await?;
            &embedded
        };
        Ok(self.index.dense(scope, vector, query.top.max(CANDIDATES)).await?)
    }

    async fn lexical(&self, query: &Query, scope: &SearchScope) -> Result<Vec<Candidate>, RetrieveError> {
        if query.mode == Mode::Dense {
            return Ok(Vec::new());
        }
        let terms = analyse::query_terms(&query.text);
        Ok(self.index.lexical(scope, &terms, query.top.max(CANDIDATES)).await?)
    }

    /// The text behind candidates, in their order. An index may lag behind the store; what the
    /// store no longer lets anyone find is left out here.
    async fn passages(&self, creator: CreatorId, fused: &[Fused]) -> Result<Vec<Passage>, RetrieveError> {
        if fused.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ChunkId> = fused.iter().map(|fused| fused.chunk).collect();
        let mut tx = self.db.glance(creator).await?;
        let rows = chunks::passages(&mut tx, creator, &ids).await?;
        drop(tx);
        let mut rows: HashMap<ChunkId, PassageRow> =
            rows.into_iter().map(|row| (row.chunk_id, row)).collect();
        let passage = |fused: &Fused| {
            let row = rows.remove(&fused.chunk)?;
            Some(Passage { row, score: fused.score, dense: fused.dense, lexical: fused.lexical })
        };
        Ok(fused.iter().filter_map(passage).collect())
    }
}

/// One search's candidates as they are, scored 0 to 1.
fn alone(found: &[Candidate], scores: impl Fn(&Candidate) -> (Option<f32>, Option<f32>)) -> Vec<Fused> {
    let best = found.first().map_or(1.0, |candidate| candidate.score).max(1.0);
    let fused = |candidate: &Candidate| {
        let (dense, lexical) = scores(candidate);
        Fused { chunk: candidate.chunk, score: (candidate.score / best).clamp(0.0, 1.0), dense, lexical }
    };
    found.iter().map(fused).collect()
}
