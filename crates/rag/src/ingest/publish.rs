//! Makes outside indexes hold what may be found.

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_domain::{
    CreatorId, SharedClock,
    ports::{IndexPoint, VectorIndex},
};
use coxswain_store::{
    Db, StoreError, chunks,
    documents::VersionPayload,
    indexes::{self, Index, PUBLISH_JOB},
    ingestion::{self, Ingestion},
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

use super::Stop;

/// Points handed to an outside index in one go.
const POINTS: i64 = 512;

/// Hands a version's points to every index the creator has, unless its document is switched off.
///
/// An index of another model gets its words: until the new model's index answers, the old one is
/// searched by words.
pub(super) async fn publish(
    db: &Db,
    to: &dyn VectorIndex,
    creator: CreatorId,
    ingestion: &Ingestion,
) -> Result<(), Stop> {
    if !ingestion.enabled {
        return Ok(());
    }
    let mut tx = db.read(creator).await?;
    let indexes = indexes::list(&mut tx, creator).await?;
    drop(tx);
    for index in &indexes {
        upsert(db, to, creator, ingestion, index).await?;
    }
    Ok(())
}

/// Hands a version's points to one index.
pub(super) async fn upsert(
    db: &Db,
    to: &dyn VectorIndex,
    creator: CreatorId,
    ingestion: &Ingestion,
    index: &Index,
) -> Result<(), Stop> {
    let mut from = 0;
    loop {
        let mut tx = db.read(creator).await?;
        let rows = chunks::points(&mut tx, creator, index.id, ingestion.version, from, POINTS).await?;
        drop(tx);
        let Some(last) = rows.last() else { return Ok(()) };
        from = last.ordinal + 1;
        let points = rows.into_iter().map(|row| IndexPoint {
            chunk: row.chunk,
            document: ingestion.document,
            version: ingestion.version,
            base: ingestion.base,
            vector: row.vector,
            terms: row.terms.split_whitespace().map(str::to_owned).collect(),
        });
        to.upsert(creator, &index.reference(), points.collect()).await?;
    }
}

/// Does the jobs that switching a document on or off leaves behind. It looks at what is so now, so
/// that jobs may come late or twice.
#[derive(Clone)]
pub struct Publish {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// The index.
    pub index: Arc<dyn VectorIndex>,
}

impl Publish {
    async fn follow(&self, job: &Job) -> Result<(), Stop> {
        let payload: VersionPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| Stop::Later(error.to_string()))?;
        let version = payload.version_id;
        let mut tx = self.db.read(job.creator).await?;
        let found = ingestion::ingestion(&mut tx, job.creator, version).await?;
        let findable = chunks::findable_versions(&mut tx, job.creator).await?;
        let indexes = indexes::list(&mut tx, job.creator).await?;
        drop(tx);
        match found {
            Some(found) if findable.iter().any(|(findable, _)| *findable == version) => {
                publish(&self.db, &*self.index, job.creator, &found).await
            }
            _ => {
                for index in indexes {
                    self.index.remove(job.creator, &index.reference(), &[version]).await?;
                }
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Handler for Publish {
    fn kind(&self) -> &'static str {
        PUBLISH_JOB
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        self.follow(job).await.map_err(|stop| JobError::Retry(stop.to_string()))?;
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        tracing::error!(creator = %job.creator, error, "an index does not follow a document that was switched; `coxswain reindex` mends it");
        Ok(())
    }
}
