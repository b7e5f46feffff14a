//! Brings a creator to the index of the configured embedding model. See ADR 0006.

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_domain::{
    ChunkId, CreatorId, SharedClock,
    ports::{Embedder, VectorIndex},
};
use coxswain_store::{
    Db, StoreError, chunks,
    indexes::{self, Index, IndexState, REINDEX_JOB, ReindexPayload},
    ingestion,
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

use super::{Stop, publish};
use crate::chunk::Chunker;

/// Chunks embedded and kept in one go, as in ingestion.
const BATCH: i64 = 256;

/// Builds the index of the embedder's model beside the one that answers, lets it answer, and
/// forgets the others.
///
/// Vectors are kept batch by batch: a job that is begun again embeds only what has none. The
/// same job repairs: where the right index answers already, it fills what is missing and hands
/// everything to the outside engine again.
#[derive(Clone)]
pub struct Reindex {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// Says what is embedded for a chunk.
    pub chunker: Arc<Chunker>,
    /// Makes vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Finds them again.
    pub index: Arc<dyn VectorIndex>,
}

impl Reindex {
    /// Enqueues a job for each creator whose index is of another model, unless one is waiting.
    /// How many were enqueued.
    ///
    /// # Errors
    /// As of the store.
    pub async fn enqueue_outdated(&self) -> Result<usize, StoreError> {
        let mut tx = self.db.system().await?;
        let creators = indexes::outdated(&mut tx, self.embedder.model()).await?;
        for creator in &creators {
            tx.act_for(*creator).await?;
            indexes::enqueue_reindex(&mut tx, self.clock.now(), *creator, ReindexPayload::default()).await?;
        }
        tx.commit().await?;
        if !creators.is_empty() {
            let model = &self.embedder.model().name;
            tracing::info!(
                creators = creators.len(),
                model,
                "the embedding model changed; indexes are rebuilt"
            );
        }
        Ok(creators.len())
    }

    async fn build(&self, creator: CreatorId, clear: bool) -> Result<(), Stop> {
        let mut tx = self.db.write(creator).await?;
        let index = indexes::ensure(&mut tx, creator, self.embedder.model(), self.clock.now()).await?;
        tx.commit().await?;
        if clear {
            self.index.clear(creator, &index.reference()).await?;
        }
        loop {
            self.fill(creator, &index).await?;
            self.publish(creator, &index).await?;
            let mut tx = self.db.write(creator).await?;
            // False where a document began to answer meanwhile, on a node with another model.
            if indexes::activate(&mut tx, creator, index.id, self.clock.now()).await? {
                tx.commit().await?;
                tracing::info!(%creator, model = index.model.name, "an index answers now");
                return Ok(());
            }
        }
    }

    /// Embeds the chunks that have no vector in this index.
    async fn fill(&self, creator: CreatorId, index: &Index) -> Result<(), Stop> {
        loop {
            let mut tx = self.db.read(creator).await?;
            let waiting = indexes::unembedded(&mut tx, creator, index.id, BATCH).await?;
            let left = indexes::unembedded_count(&mut tx, creator, index.id).await?;
            drop(tx);
            if waiting.is_empty() {
                return Ok(());
            }
            tracing::info!(%creator, model = index.model.name, left, "embedding");
            let mut texts = Vec::with_capacity(waiting.len());
            for chunk in &waiting {
                texts.push(self.chunker.embedded(chunk.heading.as_deref(), &chunk.text)?);
            }
            let vectors = self.embedder.embed_passages(texts).await?;
            metrics::counter!("coxswain_reindex_chunks_total").increment(vectors.len() as u64);
            let kept = waiting.into_iter().map(|chunk| chunk.chunk_id).zip(vectors);
            match self.keep(creator, index, kept.collect()).await {
                // A document of the batch was deleted or replaced meanwhile: look again.
                Ok(()) | Err(StoreError::Dangling) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn keep(
        &self,
        creator: CreatorId,
        index: &Index,
        vectors: Vec<(ChunkId, Vec<f32>)>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(creator).await?;
        if indexes::generation(&mut tx, creator, index.id).await?.is_none() {
            return Err(StoreError::Corrupt("the index that is built was deleted".into()));
        }
        for (chunk, vector) in &vectors {
            chunks::put_vector(&mut tx, creator, index.id, *chunk, vector).await?;
        }
        tx.commit().await
    }

    /// Hands everything that may be found to the engine.
    async fn publish(&self, creator: CreatorId, index: &Index) -> Result<(), Stop> {
        let mut tx = self.db.read(creator).await?;
        let findable = chunks::findable_versions(&mut tx, creator).await?;
        drop(tx);
        for (version, _) in findable {
            let mut tx = self.db.read(creator).await?;
            let found = ingestion::ingestion(&mut tx, creator, version).await?;
            drop(tx);
            if let Some(found) = found {
                publish::upsert(&self.db, &*self.index, creator, &found, index).await?;
            }
            // What was deleted or replaced while it was handed over must not stay there.
            let mut tx = self.db.read(creator).await?;
            let there = !chunks::terms(&mut tx, creator, version).await?.is_empty();
            drop(tx);
            if !there {
                self.index.remove(creator, &index.reference(), &[version]).await?;
            }
        }
        Ok(())
    }

    /// Forgets the indexes that no longer answer, outside first: their rows say what is left to do.
    async fn forget(&self, creator: CreatorId) -> Result<(), Stop> {
        let mut tx = self.db.read(creator).await?;
        let all = indexes::list(&mut tx, creator).await?;
        drop(tx);
        for former in all.iter().filter(|index| index.state == IndexState::Former) {
            self.index.clear(creator, &former.reference()).await?;
            let mut tx = self.db.write(creator).await?;
            indexes::delete_former(&mut tx, creator, former.id).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Handler for Reindex {
    fn kind(&self) -> &'static str {
        REINDEX_JOB
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: ReindexPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let built = async {
            self.build(job.creator, payload.clear).await?;
            self.forget(job.creator).await
        };
        built.await.map_err(|stop| JobError::Retry(stop.to_string()))?;
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        tracing::error!(creator = %job.creator, error, "an index could not be rebuilt; questions are answered by words until `coxswain reindex` succeeds");
        Ok(())
    }
}
