//! Ingestion: a stored file becomes text, chunks and vectors, and then answers.
//!
//! Each step commits what it has, so that a crash costs the step and not the document: text and
//! chunks are read anew (seconds), vectors that were kept are kept. Only the last transaction lets
//! the version answer, in place of the one before it.

mod embed;
mod forget;
mod publish;
mod read;
mod reindex;

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_domain::{
    CreatorId, SharedClock, VersionId,
    document::Stage,
    ports::{EmbedError, Embedder, IndexError, VectorIndex},
};
use coxswain_store::{
    Db, StoreError,
    documents::{Failure, INGEST_JOB, REMOVE_VECTORS_JOB, RemoveVectorsPayload, VersionPayload},
    files::Files,
    indexes::Index,
    ingestion::{self, Ingestion},
    jobs::{self, Job, NewJob},
    progress::Progress,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

pub use forget::Forget;
pub use publish::Publish;
pub use reindex::Reindex;

use crate::{chunk::Chunker, parse::Parser};

/// Documents read at once: while one waits for its reader, another keeps the embedding sessions busy.
const CONCURRENCY: usize = 2;
/// Times the job is tried that makes an outside index forget.
const FORGET_ATTEMPTS: u32 = 20;

/// What ingestion works with.
#[derive(Clone)]
pub struct Ingest {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// The uploaded files.
    pub files: Files,
    /// Reads files in a child process.
    pub parser: Parser,
    /// Cuts text into chunks.
    pub chunker: Arc<Chunker>,
    /// Makes vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Finds them again.
    pub index: Arc<dyn VectorIndex>,
    /// Tells who watches.
    pub progress: Progress,
}

/// Why a step of ingestion stopped.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// The document is the cause: tell the person, do not try again.
    #[error("{}", .0.sentence)]
    Document(Failure),
    /// Something else is: try again.
    #[error("{0}")]
    Later(String),
    /// The document was deleted meanwhile: nothing is left to do.
    #[error("the document was deleted")]
    Deleted,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Dangling => Self::Deleted,
            other => {
                let JobError::Retry(text) = JobError::from(other) else {
                    return Self::Later("the lease was lost".into());
                };
                Self::Later(text)
            }
        }
    }
}

impl From<EmbedError> for Stop {
    fn from(error: EmbedError) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<IndexError> for Stop {
    fn from(error: IndexError) -> Self {
        Self::Later(error.to_string())
    }
}

impl Ingest {
    async fn ingest(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: VersionPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut tx = self.db.read(job.creator).await?;
        let found = ingestion::ingestion(&mut tx, job.creator, payload.version_id).await?;
        drop(tx);
        let Some(ingestion) = found else { return self.done(job, worker).await };
        let outcome = match self.steps(job.creator, &ingestion).await {
            Ok(index) => self.activate(job, worker, &ingestion, &index).await,
            Err(Stop::Document(failure)) => self.reject(job, worker, &ingestion, &failure).await,
            Err(Stop::Deleted) => self.deleted(job, worker, ingestion.version).await,
            Err(Stop::Later(error)) => Err(JobError::Retry(error)),
        };
        self.progress.changed(job.creator, ingestion.document);
        outcome
    }

    async fn steps(&self, creator: CreatorId, ingestion: &Ingestion) -> Result<Index, Stop> {
        if matches!(ingestion.stage, Stage::Queued | Stage::Parsing | Stage::Failed) {
            read::read(self, creator, ingestion).await?;
        }
        embed::embed(self, creator, ingestion).await
    }

    /// Lets the version answer. From this commit on, and not before, the former one no longer does.
    async fn activate(
        &self,
        job: &Job,
        worker: Uuid,
        ingestion: &Ingestion,
        index: &Index,
    ) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut tx = self.db.write(job.creator).await?;
        let former = ingestion::activate(&mut tx, now, job.creator, ingestion).await?;
        if !former.is_empty() {
            let payload = serde_json::to_value(RemoveVectorsPayload { version_ids: former })
                .map_err(|error| JobError::Fail(error.to_string()))?;
            let forget = NewJob {
                creator: job.creator,
                kind: REMOVE_VECTORS_JOB,
                payload,
                lane: index.id.0,
                run_at: now,
                max_attempts: FORGET_ATTEMPTS,
            };
            jobs::enqueue(&mut tx, now, forget).await?;
        }
        work::finish(&mut tx, now, job, worker).await?;
        tx.commit().await?;
        tracing::info!(document = %ingestion.document, version = %ingestion.version, "a version answers now");
        Ok(())
    }

    async fn reject(
        &self,
        job: &Job,
        worker: Uuid,
        ingestion: &Ingestion,
        failure: &Failure,
    ) -> Result<(), JobError> {
        tracing::info!(version = %ingestion.version, code = failure.code, "a document could not be read");
        let now = self.clock.now();
        let mut tx = self.db.write(job.creator).await?;
        ingestion::fail(&mut tx, now, job.creator, ingestion.version, failure).await?;
        work::finish(&mut tx, now, job, worker).await?;
        Ok(tx.commit().await?)
    }

    /// A row was gone: the document's, or that of an index another one has replaced.
    async fn deleted(&self, job: &Job, worker: Uuid, version: VersionId) -> Result<(), JobError> {
        let mut tx = self.db.read(job.creator).await?;
        let there = ingestion::ingestion(&mut tx, job.creator, version).await?.is_some();
        drop(tx);
        if there {
            return Err(JobError::Retry("the index was replaced meanwhile".into()));
        }
        self.done(job, worker).await
    }

    async fn done(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let mut tx = self.db.write(job.creator).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl Handler for Ingest {
    fn kind(&self) -> &'static str {
        INGEST_JOB
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        self.ingest(job, worker).await
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let Ok(payload) = serde_json::from_value::<VersionPayload>(job.payload.clone()) else {
            return Ok(());
        };
        let mut tx = self.db.write(job.creator).await?;
        let Some(ingestion) = ingestion::ingestion(&mut tx, job.creator, payload.version_id).await? else {
            return Ok(());
        };
        let failure = Failure {
            code: "gave_up".into(),
            sentence: format!(
                "Reading was tried {} times and failed each time: {error}. The file is kept; try again.",
                job.attempts
            ),
        };
        ingestion::fail(&mut tx, self.clock.now(), job.creator, payload.version_id, &failure).await?;
        tx.commit().await?;
        self.progress.changed(job.creator, ingestion.document);
        Ok(())
    }
}
