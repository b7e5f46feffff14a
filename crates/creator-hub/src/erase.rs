//! The job that deletes the files of a client who was erased.

use async_trait::async_trait;
use coxswain_domain::SharedClock;
use coxswain_store::{
    Db, StoreError,
    erasure::{ERASE_FILES_JOB, EraseFilesPayload},
    files::Files,
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

/// Deletes files of clients. It comes again until the disk has let go of all of them.
pub struct EraseFiles {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// The folder of clients' files.
    pub media: Files,
}

#[async_trait]
impl Handler for EraseFiles {
    fn kind(&self) -> &'static str {
        ERASE_FILES_JOB
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: EraseFilesPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mine = format!("{}/", job.creator);
        for key in payload.keys.iter().filter(|key| key.starts_with(&mine)) {
            self.media.delete(key).await.map_err(|error| JobError::Retry(format!("{key}: {error}")))?;
        }
        let now = self.clock.now();
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, now, job, worker).await?;
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        tracing::error!(job = %job.id, error, "files of a client who was erased could not be deleted");
        Ok(())
    }
}
