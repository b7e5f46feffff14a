//! Makes indexes forget versions whose rows are gone.

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_domain::{SharedClock, ports::VectorIndex};
use coxswain_store::{
    Db, StoreError,
    documents::{REMOVE_VECTORS_JOB, RemoveVectorsPayload},
    indexes,
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

/// Does the jobs that deletions and new versions leave behind. Answers are safe before it has run:
/// what an index finds is looked up among the rows that answer.
#[derive(Clone)]
pub struct Forget {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// The index.
    pub index: Arc<dyn VectorIndex>,
}

#[async_trait]
impl Handler for Forget {
    fn kind(&self) -> &'static str {
        REMOVE_VECTORS_JOB
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: RemoveVectorsPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut tx = self.db.read(job.creator).await?;
        let indexes = indexes::list(&mut tx, job.creator).await?;
        drop(tx);
        for index in indexes {
            self.index
                .remove(job.creator, &index.reference(), &payload.version_ids)
                .await
                .map_err(|error| JobError::Retry(error.to_string()))?;
        }
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        tracing::error!(creator = %job.creator, error, "an index keeps vectors of deleted versions; they are never shown");
        Ok(())
    }
}
