//! The index in this process: an exact copy of what a creator may find. See ADR 0003.

use async_trait::async_trait;
use coxswain_domain::ports::{
    Candidate, IndexError, IndexPoint, IndexRef, SearchScope, TermWeight, VectorIndex,
};
use coxswain_domain::{CreatorId, VersionId};
use coxswain_store::Db;

use super::copies::{Content, Copies, store};

/// The index in this process.
///
/// Vectors and terms are written with the chunk's row, in its transaction, so there is nothing
/// to keep in step and nothing that could outlive a document.
pub struct EmbeddedIndex {
    copies: Copies,
}

impl EmbeddedIndex {
    /// An index over this store that keeps at most about `budget` bytes in memory. One creator's
    /// copy is kept even when it alone is larger.
    pub fn new(db: Db, budget: usize) -> Self {
        Self { copies: Copies::new(db, Content::Everything, budget) }
    }

    /// Bytes in memory, roughly, for the metrics.
    pub fn bytes(&self) -> usize {
        self.copies.bytes()
    }
}

#[async_trait]
impl VectorIndex for EmbeddedIndex {
    /// Nothing to do: vectors and terms were committed with their chunks.
    async fn upsert(&self, _: CreatorId, _: &IndexRef, _: Vec<IndexPoint>) -> Result<(), IndexError> {
        Ok(())
    }

    /// Nothing to do: what is gone from the store is gone with the next generation.
    async fn remove(&self, _: CreatorId, _: &IndexRef, _: &[VersionId]) -> Result<(), IndexError> {
        Ok(())
    }

    async fn clear(&self, creator: CreatorId, index: &IndexRef) -> Result<(), IndexError> {
        self.copies.forget((creator, index.id));
        Ok(())
    }

    async fn dense(
        &self,
        scope: &SearchScope,
        vector: &[f32],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        let dimension = scope.index.model.dimension;
        if vector.len() != dimension as usize {
            let length = vector.len();
            return Err(IndexError::Failed(format!(
                "a question's vector of {length} components, not {dimension}"
            )));
        }
        let (bases, vector) = (scope.bases.clone(), vector.to_vec());
        self.copies.with(scope, move |snapshot| snapshot.dense(&bases, &vector, k)).await
    }

    async fn lexical(
        &self,
        scope: &SearchScope,
        terms: &[TermWeight],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        let (bases, terms) = (scope.bases.clone(), terms.to_vec());
        self.copies.with(scope, move |snapshot| snapshot.lexical(&bases, &terms, k)).await
    }

    async fn check(&self) -> Result<(), IndexError> {
        self.copies.db.ping().await.map_err(store)
    }
}
