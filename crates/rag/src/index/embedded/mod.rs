//! The index in this process: an exact copy of what a creator may find, read through from the
//! relational store and brought up to date when the store's generation has moved on.
//!
//! Vectors and terms are written with the chunk's row, in its transaction, so there is nothing
//! to keep in step and nothing that could outlive a document. See ADR 0003.

mod lexicon;
mod shelves;
mod snapshot;

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_domain::ports::{
    Candidate, IndexError, IndexPoint, IndexRef, SearchScope, TermWeight, VectorIndex,
};
use coxswain_domain::{CreatorId, VersionId};
use coxswain_store::{Db, StoreError, chunks, indexes};

use shelves::{Shelf, Shelves};
use snapshot::Snapshot;

/// Slots above which a search leaves the asynchronous threads: it would hold one for a millisecond.
const INLINE_SLOTS: usize = 8_192;
/// Points read from the store at a time.
const PAGE: i64 = 1_024;

/// The index in this process.
pub struct EmbeddedIndex {
    db: Db,
    shelves: Shelves,
}

impl EmbeddedIndex {
    /// An index over this store that keeps at most about `budget` bytes in memory. One creator's
    /// copy is kept even when it alone is larger.
    pub fn new(db: Db, budget: usize) -> Self {
        Self { db, shelves: Shelves::new(budget) }
    }

    /// Bytes in memory, roughly, for the metrics.
    pub fn bytes(&self) -> usize {
        self.shelves.bytes()
    }

    /// The creator's copy, up to date.
    async fn shelf(&self, scope: &SearchScope) -> Result<Arc<Shelf>, IndexError> {
        let shelf = self.shelves.take((scope.creator, scope.index.id), scope.index.model.dimension);
        if shelf.snapshot.read().generation < scope.index.generation {
            // One reader refreshes; the others wait for it instead of reading the same rows.
            let _only = shelf.refreshing.lock().await;
            if shelf.snapshot.read().generation < scope.index.generation {
                self.refresh(scope, &shelf).await?;
                self.shelves.trim((scope.creator, scope.index.id));
            }
        }
        Ok(shelf)
    }

    async fn refresh(&self, scope: &SearchScope, shelf: &Arc<Shelf>) -> Result<(), IndexError> {
        let (creator, index) = (scope.creator, scope.index.id);
        let mut tx = self.db.read(creator).await.map_err(store)?;
        // Read first: a change that comes in between is then seen as one more generation.
        let generation = indexes::generation(&mut tx, creator, index).await.map_err(store)?;
        let findable = chunks::findable_versions(&mut tx, creator).await.map_err(store)?;
        let missing = shelf.snapshot.write().retain(&findable);
        for (version, base) in missing {
            let mut points = Vec::new();
            loop {
                let from = points.last().map_or(0, |point: &chunks::Point| point.ordinal + 1);
                let page =
                    chunks::points(&mut tx, creator, index, version, from, PAGE).await.map_err(store)?;
                let last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
                points.extend(page);
                if last {
                    break;
                }
            }
            let large = points.len() > INLINE_SLOTS / 16;
            let add = move |shelf: &Shelf| shelf.snapshot.write().append(version, base, &points);
            offload(large, shelf, add).await?.map_err(IndexError::Failed)?;
        }
        // An index that is gone meanwhile has nothing newer to offer.
        shelf.snapshot.write().generation = generation.unwrap_or(scope.index.generation);
        Ok(())
    }

    async fn search(
        &self,
        scope: &SearchScope,
        search: impl FnOnce(&Snapshot) -> Vec<Candidate> + Send + 'static,
    ) -> Result<Vec<Candidate>, IndexError> {
        let shelf = self.shelf(scope).await?;
        let large = shelf.snapshot.read().slots() > INLINE_SLOTS;
        offload(large, &shelf, move |shelf| search(&shelf.snapshot.read())).await
    }
}

/// Runs work on a shelf here, or on a thread for blocking work when it is large.
async fn offload<T: Send + 'static>(
    large: bool,
    shelf: &Arc<Shelf>,
    work: impl FnOnce(&Shelf) -> T + Send + 'static,
) -> Result<T, IndexError> {
    if !large {
        return Ok(work(shelf));
    }
    let shelf = Arc::clone(shelf);
    tokio::task::spawn_blocking(move || work(&shelf))
        .await
        .map_err(|error| IndexError::Failed(error.to_string()))
}

fn store(error: StoreError) -> IndexError {
    match error {
        StoreError::Unavailable(_) => IndexError::Unreachable(error.to_string()),
        other => IndexError::Failed(other.to_string()),
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
        self.shelves.forget((creator, index.id));
        Ok(())
    }

    async fn dense(
        &self,
        scope: &SearchScope,
        vector: &[f32],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        if vector.len() != scope.index.model.dimension as usize {
            return Err(IndexError::Failed(format!(
                "a question's vector of {} components, not {}",
                vector.len(),
                scope.index.model.dimension
            )));
        }
        let (bases, vector) = (scope.bases.clone(), vector.to_vec());
        self.search(scope, move |snapshot| snapshot.dense(&bases, &vector, k)).await
    }

    async fn lexical(
        &self,
        scope: &SearchScope,
        terms: &[TermWeight],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        let (bases, terms) = (scope.bases.clone(), terms.to_vec());
        self.search(scope, move |snapshot| snapshot.lexical(&bases, &terms, k)).await
    }

    async fn check(&self) -> Result<(), IndexError> {
        self.db.ping().await.map_err(store)
    }
}
