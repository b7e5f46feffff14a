//! Indexes: one embedding model over a creator's chunks, and which of them answers.
//!
//! A creator has one active index. To change the model, another is built beside it and takes
//! over when every chunk that may be found has its vector.

use chrono::{DateTime, Utc};
use coxswain_domain::ports::{EmbeddingModel, IndexRef};
use coxswain_domain::{ChunkId, CreatorId, DocumentId, IndexId, KnowledgeBaseId, VersionId};

use crate::error::known;
use crate::{Result, Tx};

/// Whether an index answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// It answers.
    Active,
    /// It is being built beside the one that answers.
    Building,
}

impl IndexState {
    const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Building => "building",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Building].into_iter().find(|state| state.name() == name)
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
    index(row)
}

/// Tells readers that what may be found has changed. Call it in the transaction of the change.
pub async fn touch(tx: &mut Tx, creator: CreatorId) -> Result<()> {
    execute!(tx, "UPDATE indexes SET generation = generation + 1 WHERE creator_id = $1", creator)?;
    Ok(())
}

/// A chunk that may be found but has no vector in an index yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unembedded {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its knowledge base.
    pub knowledge_base_id: KnowledgeBaseId,
    /// Its document.
    pub document_id: DocumentId,
    /// Its version.
    pub version_id: VersionId,
    /// The heading above it.
    pub heading: Option<String>,
    /// Its text.
    pub text: String,
    /// Its analysed terms, separated by spaces.
    pub terms: String,
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
        "SELECT c.id AS chunk_id, c.knowledge_base_id, c.document_id, c.version_id, c.heading, c.text, c.terms
         FROM documents d JOIN chunks c ON c.version_id = d.active_version_id
         WHERE d.creator_id = $1 AND c.creator_id = $1
           AND NOT EXISTS (SELECT 1 FROM chunk_embeddings e WHERE e.index_id = $2 AND e.chunk_id = c.id)
         ORDER BY c.version_id, c.ordinal LIMIT $3",
        creator,
        index,
        limit,
    )
}

/// Lets an index answer in place of the one that does, if every chunk that may be found has its
/// vector. The former index and its vectors are gone then. Says whether it happened.
pub async fn activate(tx: &mut Tx, creator: CreatorId, index: IndexId, now: DateTime<Utc>) -> Result<bool> {
    if !unembedded(tx, creator, index, 1).await?.is_empty() {
        return Ok(false);
    }
    execute!(
        tx,
        "DELETE FROM indexes WHERE creator_id = $1 AND state = 'active' AND id <> $2",
        creator,
        index,
    )?;
    let changed = execute!(
        tx,
        "UPDATE indexes SET state = 'active', activated_at = $3, generation = generation + 1
         WHERE creator_id = $1 AND id = $2",
        creator,
        index,
        now,
    )?;
    Ok(changed > 0)
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
