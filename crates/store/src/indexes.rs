//! Indexes: one embedding model over a creator's chunks, and which of them answers.
//!
//! A creator has one active index. To change the model, another is built beside it and takes
//! over when every chunk that may be found has its vector. See ADR 0006.

use chrono::{DateTime, Utc};
use coxswain_domain::ports::{EmbeddingModel, IndexRef};
use coxswain_domain::{ChunkId, CreatorId, DocumentId, IndexId, VersionId};
use serde::{Deserialize, Serialize};

use crate::documents::VersionPayload;
use crate::error::known;
use crate::jobs::{self, NewJob};
use crate::{Result, StoreError, Tx};

/// The kind of the job that brings a creator to the index of the embedder's model. Its payload is a
/// [`ReindexPayload`], its lane the creator.
pub const REINDEX_JOB: &str = "reindex.v1";
/// The kind of the job that makes an outside index hold a version if, and only if, it may be found.
/// Its payload is a [`VersionPayload`], its lane the document.
pub const PUBLISH_JOB: &str = "publish.v1";
/// Times these jobs are tried; each crash of the process counts as one.
const ATTEMPTS: u32 = 20;

/// What the job that builds an index needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReindexPayload {
    /// Whether an outside engine forgets what it holds first.
    pub clear: bool,
}

/// Whether an index answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// It answers.
    Active,
    /// It is being built beside the one that answers.
    Building,
    /// Another answers now; an outside engine is about to forget it.
    Former,
}

impl IndexState {
    const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Building => "building",
            Self::Former => "former",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Building, Self::Former].into_iter().find(|state| state.name() == name)
    }
}

/// One embedding model over a creator's chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its id.
    pub id: IndexId,
    /// The model that makes its vectors, and their dimension.
    pub model: EmbeddingModel,
    /// Whether it answers.
    pub state: IndexState,
    /// Grows with every change of what may be found.
    pub generation: i64,
}

impl Index {
    /// This index as the port to an engine names it.
    pub fn reference(&self) -> IndexRef {
        IndexRef { id: self.id, model: self.model.clone(), generation: self.generation }
    }
}

type Row = (IndexId, String, i64, String, i64);

fn index((id, name, dimension, state, generation): Row) -> Result<Index> {
    let dimension = known(u32::try_from(dimension).ok(), "dimension", &dimension.to_string())?;
    let state = known(IndexState::from_name(&state), "index state", &state)?;
    Ok(Index { id, model: EmbeddingModel { name, dimension }, state, generation })
}

/// The index that answers, if the creator has one.
pub async fn active(tx: &mut Tx, creator: CreatorId) -> Result<Option<Index>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, model, dimension, state, generation FROM indexes WHERE creator_id = $1 AND state = 'active'",
        creator,
    )?;
    row.map(index).transpose()
}

/// All indexes of a creator, oldest first.
pub async fn list(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Index>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, model, dimension, state, generation FROM indexes WHERE creator_id = $1 ORDER BY created_at, id",
        creator,
    )?;
    rows.into_iter().map(index).collect()
}

/// The creator's index of this model, made if there is none: active when it is the first,
/// otherwise to be built beside the active one.
pub async fn ensure(
    tx: &mut Tx,
    creator: CreatorId,
    model: &EmbeddingModel,
    now: DateTime<Utc>,
) -> Result<Index> {
    let state = match active(tx, creator).await? {
        Some(found) if found.model == *model => return Ok(found),
        Some(_) => IndexState::Building,
        None => IndexState::Active,
    };
    execute!(
        tx,
        "INSERT INTO indexes (id, creator_id, model, dimension, state, generation, created_at, activated_at)
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7) ON CONFLICT DO NOTHING",
        IndexId::new(now),
        creator,
        &model.name,
        i64::from(model.dimension),
        state.name(),
        now,
        (state == IndexState::Active).then_some(now),
    )?;
    let row = fetch_one!(
        tx,
        Row,
        "SELECT id, model, dimension, state, generation FROM indexes WHERE creator_id = $1 AND model = $2",
        creator,
        &model.name,
    )?;
    let found = index(row)?;
    if found.model.dimension == model.dimension {
        return Ok(found);
    }
    // Vectors of two lengths in one index could never be compared.
    let (name, was, is) = (&model.name, found.model.dimension, model.dimension);
    Err(StoreError::Corrupt(format!(
        "an index of the model {name} with {was} components, which now makes {is}"
    )))
}

/// Tells readers that what may be found has changed. Call it in the transaction of the change.
pub async fn touch(tx: &mut Tx, creator: CreatorId) -> Result<()> {
    execute!(tx, "UPDATE indexes SET generation = generation + 1 WHERE creator_id = $1", creator)?;
    Ok(())
}

/// Tells readers that a document was switched on or off, or moved, and has an outside index follow.
/// Call it in the transaction of the change.
pub async fn switched(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    document: DocumentId,
    version: VersionId,
) -> Result<()> {
    touch(tx, creator).await?;
    let payload = serde_json::to_value(VersionPayload { version_id: version })
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let job =
        NewJob { creator, kind: PUBLISH_JOB, payload, lane: document.0, run_at: now, max_attempts: ATTEMPTS };
    jobs::enqueue(tx, now, job).await?;
    Ok(())
}

/// Creators for whom not this model's index answers alone, and no job is waiting to change that.
/// System transaction.
pub async fn outdated(tx: &mut Tx, model: &EmbeddingModel) -> Result<Vec<CreatorId>> {
    let rows = fetch_all!(
        tx,
        (CreatorId,),
        "SELECT DISTINCT creator_id FROM indexes
         WHERE (model <> $1 OR state <> 'active') AND NOT EXISTS (
           SELECT 1 FROM jobs WHERE jobs.creator_id = indexes.creator_id AND jobs.kind = $2
             AND jobs.state IN ('ready', 'running'))
         ORDER BY creator_id",
        &model.name,
        REINDEX_JOB,
    )?;
    Ok(rows.into_iter().map(|(creator,)| creator).collect())
}

/// Enqueues [`REINDEX_JOB`].
pub async fn enqueue_reindex(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    payload: ReindexPayload,
) -> Result<()> {
    let payload = serde_json::to_value(payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let job =
        NewJob { creator, kind: REINDEX_JOB, payload, lane: creator.0, run_at: now, max_attempts: ATTEMPTS };
    jobs::enqueue(tx, now, job).await?;
    Ok(())
}

/// Whether a [`REINDEX_JOB`] of a creator is waiting or running.
pub async fn reindexing(tx: &mut Tx, creator: CreatorId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT CAST(1 AS BIGINT) FROM jobs
         WHERE creator_id = $1 AND kind = $2 AND state IN ('ready', 'running') LIMIT 1",
        creator,
        REINDEX_JOB,
    )?;
    Ok(row.is_some())
}

/// A chunk that may be found but has no vector in an index yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unembedded {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// The heading above it.
    pub heading: Option<String>,
    /// Its text.
    pub text: String,
}

/// Chunks of active versions without a vector in this index, at most `limit`.
pub async fn unembedded(
    tx: &mut Tx,
    creator: CreatorId,
    index: IndexId,
    limit: i64,
) -> Result<Vec<Unembedded>> {
    fetch_all!(
        tx,
        Unembedded,
        "SELECT c.id AS chunk_id, c.heading, c.text
         FROM documents d JOIN chunks c ON c.version_id = d.active_version_id
         WHERE d.creator_id = $1 AND c.creator_id = $1
           AND NOT EXISTS (SELECT 1 FROM chunk_embeddings e WHERE e.index_id = $2 AND e.chunk_id = c.id)
         ORDER BY c.version_id, c.ordinal LIMIT $3",
        creator,
        index,
        limit,
    )
}

/// How many chunks of active versions have no vector in this index.
pub async fn unembedded_count(tx: &mut Tx, creator: CreatorId, index: IndexId) -> Result<i64> {
    let (count,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM documents d JOIN chunks c ON c.version_id = d.active_version_id
         WHERE d.creator_id = $1 AND c.creator_id = $1
           AND NOT EXISTS (SELECT 1 FROM chunk_embeddings e WHERE e.index_id = $2 AND e.chunk_id = c.id)",
        creator,
        index,
    )?;
    Ok(count)
}

/// Lets an index answer in place of the one that does, if every chunk that may be found has its
/// vector. Every other index is a former one from then on. Says whether it happened.
pub async fn activate(tx: &mut Tx, creator: CreatorId, index: IndexId, now: DateTime<Utc>) -> Result<bool> {
    if !unembedded(tx, creator, index, 1).await?.is_empty() {
        return Ok(false);
    }
    let changed = execute!(
        tx,
        "UPDATE indexes SET state = 'active', activated_at = $3, generation = generation + 1
         WHERE creator_id = $1 AND id = $2",
        creator,
        index,
        now,
    )?;
    if changed == 0 {
        return Ok(false);
    }
    execute!(tx, "UPDATE indexes SET state = 'former' WHERE creator_id = $1 AND id <> $2", creator, index)?;
    Ok(true)
}

/// Deletes a former index with its vectors.
pub async fn delete_former(tx: &mut Tx, creator: CreatorId, index: IndexId) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM indexes WHERE creator_id = $1 AND id = $2 AND state = 'former'",
        creator,
        index,
    )?;
    Ok(())
}

/// The generation of an index; nothing when it is gone.
pub async fn generation(tx: &mut Tx, creator: CreatorId, index: IndexId) -> Result<Option<i64>> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT generation FROM indexes WHERE creator_id = $1 AND id = $2",
        creator,
        index,
    )?;
    Ok(row.map(|(generation,)| generation))
}
