//! What came in: one inbox row after the other becomes what it means, once.

mod account;
mod commands;
mod content;
mod elsewhere;
mod media;
mod news;
mod visit;

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_store::{
    StoreError, channel_accounts, connections,
    connections::Connection,
    inbox::{self, INBOX_JOB, InboxPayload, Received, State},
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

use super::{
    Road,
    arrival::{Arrival, Content},
    messenger::Messenger,
};
pub(super) use visit::phone;
use visit::{Done, Visit};

/// Rows worked on at once in one process.
const CONCURRENCY: usize = 32;

/// Something that came, and where.
struct Come {
    row: Received,
    connection: Connection,
    /// Whether the creator has the account switched on.
    enabled: bool,
    /// Whether nobody answers by `WhatsApp` at all.
    switched_off: bool,
    arrival: Arrival,
}

/// Handles the rows of the inbox.
pub(super) struct Arrive(pub(super) Road);

#[async_trait]
impl Handler for Arrive {
    fn kind(&self) -> &'static str {
        INBOX_JOB
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: InboxPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut tx = self.0.db.read(job.creator).await?;
        let row = inbox::get(&mut tx, job.creator, payload.inbox_id).await?;
        let (connection, account) = match &row {
            Some(row) => (
                connections::get(&mut tx, job.creator, row.account).await?,
                channel_accounts::get(&mut tx, job.creator, row.account).await?,
            ),
            None => (None, None),
        };
        let enabled = account.is_some_and(|account| account.enabled);
        let switched_off = match &connection {
            Some(connection) => self.0.is_switched_off(&mut tx, job.creator, connection.kind).await?,
            None => false,
        };
        drop(tx);
        let Some(row) = row.filter(|row| row.state == State::Waiting) else {
            return self.settle(job, worker, None, Done::default()).await;
        };
        let Some(connection) = connection else {
            let done = Done::ignored("the account is not connected any more");
            return self.settle(job, worker, Some(&row), done).await;
        };
        let Some(messenger) = self.0.messenger(connection.kind).map(Arc::clone) else {
            return Err(JobError::Fail(format!("nothing here reads {}", connection.kind.name())));
        };
        match messenger.read(&connection, &row.raw) {
            Ok(arrival) => {
                let come = Come { row, connection, enabled, switched_off, arrival };
                self.handle(job, worker, &come, messenger).await
            }
            Err(unreadable) => {
                tracing::warn!(inbox = %row.id, error = %unreadable, "what a messenger brought cannot be read");
                let done = Done::of(State::Unreadable, unreadable.0);
                self.settle(job, worker, Some(&row), done).await
            }
        }
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let Ok(payload) = serde_json::from_value::<InboxPayload>(job.payload.clone()) else { return Ok(()) };
        let mut tx = self.0.db.write(job.creator).await?;
        let now = self.0.clock.now();
        inbox::settle(&mut tx, now, job.creator, payload.inbox_id, (State::Failed, Some(error)), None)
            .await?;
        tx.commit().await
    }
}

impl Arrive {
    /// Carries out what an arrival means, in the transaction that settles its row and its job.
    async fn handle(
        &self,
        job: &Job,
        worker: Uuid,
        come: &Come,
        messenger: Arc<dyn Messenger>,
    ) -> Result<(), JobError> {
        let (mut problem, mut stored) = (None, None);
        if let Content::Media(file) = &come.arrival.content {
            // Fetched before anything is held: it takes its time, and providers forget files.
            let Some(_place) = self.0.0.fetches.take(come.row.account) else {
                return self.0.postpone(job, worker, self.0.crowded()).await;
            };
            match media::keep(&self.0, come, &*messenger, file).await {
                Ok(kept) => stored = Some(kept),
                Err(why) => problem = Some(why),
            }
        }
        let mut tx = self.0.db.write(job.creator).await?;
        let mut visit = Visit::new(&self.0, &mut tx, come);
        visit.done.problem = problem;
        visit.stored = stored;
        content::handle(&mut visit).await?;
        let done = visit.done;
        self.finish(&mut tx, job, worker, Some(&come.row), &done).await?;
        tx.commit().await?;
        done.follow(&self.0, &come.connection, messenger).await;
        Ok(())
    }

    async fn settle(
        &self,
        job: &Job,
        worker: Uuid,
        row: Option<&Received>,
        done: Done,
    ) -> Result<(), JobError> {
        let mut tx = self.0.db.write(job.creator).await?;
        self.finish(&mut tx, job, worker, row, &done).await?;
        Ok(tx.commit().await?)
    }

    async fn finish(
        &self,
        tx: &mut coxswain_store::Tx,
        job: &Job,
        worker: Uuid,
        row: Option<&Received>,
        done: &Done,
    ) -> Result<(), JobError> {
        let now = self.0.clock.now();
        if let Some(row) = row {
            let outcome = (done.state, done.problem.as_deref());
            inbox::settle(tx, now, job.creator, row.id, outcome, done.conversation).await?;
            metrics::counter!("coxswain_received_total", "state" => done.state.name()).increment(1);
        }
        work::finish(tx, now, job, worker).await
    }
}
