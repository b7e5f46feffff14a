//! Copies in memory of what creators may find, read through from the relational store and
//! brought up to date when the store's generation has moved on.

mod lexicon;
mod shelves;
mod snapshot;

use std::sync::Arc;

use coxswain_domain::ports::{IndexError, SearchScope};
use coxswain_domain::{ChunkId, KnowledgeBaseId, VersionId};
use coxswain_store::chunks::{self, Point};
use coxswain_store::{Db, StoreError, Tx, indexes};

pub(super) use shelves::Shelf;
use shelves::Shelves;
pub(super) use snapshot::Snapshot;

/// Slots above which work leaves the asynchronous threads: it would hold one for a millisecond.
const INLINE_SLOTS: usize = 8_192;
/// Points above which adding them leaves the asynchronous threads.
const INLINE_POINTS: usize = 512;
/// Points read from the store at a time.
const PAGE: i64 = 1_024;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Vectors and words: it can be searched.
    Everything,
    /// Words alone: it knows how often each occurs.
    Words,
}

/// Copies of creators' knowledge, within a memory budget.
pub(super) struct Copies {
    pub(super) db: Db,
    content: Content,
    shelves: Shelves,
}

impl Copies {
    /// Copies from this store that take at most about `budget` bytes. One creator's copy is kept
    /// even when it alone is larger.
    pub(super) fn new(db: Db, content: Content, budget: usize) -> Self {
        Self { db, content, shelves: Shelves::new(budget) }
    }

    pub(super) fn bytes(&self) -> usize {
        self.shelves.bytes()
    }

    pub(super) fn forget(&self, scope: (coxswain_domain::CreatorId, coxswain_domain::IndexId)) {
        self.shelves.forget(scope);
    }

    /// Runs `work` on the creator's copy, up to date; on a thread for blocking work when it is large.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        scope: &SearchScope,
        work: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<T, IndexError> {
        let held = self.current(scope).await?;
        let large = held.snapshot.read().slots() > INLINE_SLOTS;
        offload(large, &held, move |held| work(&held.snapshot.read())).await
    }

    async fn current(&self, scope: &SearchScope) -> Result<Arc<Shelf>, IndexError> {
        let key = (scope.creator, scope.index.id);
        let dimension = match self.content {
            Content::Everything => scope.index.model.dimension,
            Content::Words => 0,
        };
        let held = self.shelves.take(key, dimension);
        if held.snapshot.read().generation < scope.index.generation {
            // One reader refreshes; the others wait for it instead of reading the same rows.
            let _only = held.refreshing.lock().await;
            if held.snapshot.read().generation < scope.index.generation {
                self.refresh(scope, &held).await?;
                self.shelves.trim(key);
            }
        }
        Ok(held)
    }

    async fn refresh(&self, scope: &SearchScope, held: &Arc<Shelf>) -> Result<(), IndexError> {
        let mut tx = self.db.read(scope.creator).await.map_err(store)?;
        // Read first: a change that comes in between is then seen as one more generation.
        let generation = indexes::generation(&mut tx, scope.creator, scope.index.id).await.map_err(store)?;
        let findable = chunks::findable_versions(&mut tx, scope.creator).await.map_err(store)?;
        let missing = held.snapshot.write().retain(&findable);
        for (version, base) in missing {
            let points = match self.content {
                Content::Everything => points(&mut tx, scope, version).await,
                Content::Words => words(&mut tx, scope, version).await,
            };
            self.add(held, version, base, points.map_err(store)?).await?;
        }
        // An index that is gone meanwhile has nothing newer to offer.
        held.snapshot.write().generation = generation.unwrap_or(scope.index.generation);
        Ok(())
    }

    async fn add(
        &self,
        held: &Arc<Shelf>,
        version: VersionId,
        base: KnowledgeBaseId,
        points: Vec<Point>,
    ) -> Result<(), IndexError> {
        let large = points.len() > INLINE_POINTS;
        let add = move |held: &Shelf| held.snapshot.write().append(version, base, &points);
        offload(large, held, add).await?.map_err(IndexError::Failed)
    }
}

/// A version's chunks with their vectors.
async fn points(tx: &mut Tx, scope: &SearchScope, version: VersionId) -> Result<Vec<Point>, StoreError> {
    let mut points: Vec<Point> = Vec::new();
    loop {
        let from = points.last().map_or(0, |point| point.ordinal + 1);
        let page = chunks::points(tx, scope.creator, scope.index.id, version, from, PAGE).await?;
        let last = i64::try_from(page.len()).is_ok_and(|length| length < PAGE);
        points.extend(page);
        if last {
            return Ok(points);
        }
    }
}

/// A version's chunks as far as counting words needs them.
async fn words(tx: &mut Tx, scope: &SearchScope, version: VersionId) -> Result<Vec<Point>, StoreError> {
    let terms = chunks::terms(tx, scope.creator, version).await?;
    let point =
        |(ordinal, terms)| Point { chunk: ChunkId(uuid::Uuid::nil()), ordinal, terms, vector: Vec::new() };
    Ok((0..).zip(terms).map(point).collect())
}

/// Runs work on a shelf here, or on a thread for blocking work when it is large.
async fn offload<T: Send + 'static>(
    large: bool,
    held: &Arc<Shelf>,
    work: impl FnOnce(&Shelf) -> T + Send + 'static,
) -> Result<T, IndexError> {
    if !large {
        return Ok(work(held));
    }
    let held = Arc::clone(held);
    tokio::task::spawn_blocking(move || work(&held))
        .await
        .map_err(|error| IndexError::Failed(error.to_string()))
}

/// What a failure of the store means for who asked an index.
pub(super) fn store(error: StoreError) -> IndexError {
    match error {
        StoreError::Unavailable(_) => IndexError::Unreachable(error.to_string()),
        other => IndexError::Failed(other.to_string()),
    }
}
