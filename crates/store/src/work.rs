//! Workers: they claim jobs, keep their leases and see them through.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use coxswain_domain::SharedClock;
use tokio::{
    sync::{Notify, Semaphore},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    Db, Result, StoreError, connections,
    jobs::{self, Job, Lease},
    node::Node,
};

/// How long a worker holds a job without a sign of life.
const LEASE: Duration = Duration::from_secs(10);
/// How often it gives one.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How often workers look for jobs that nobody announced: those of dead workers and other nodes.
const LOOK: Duration = Duration::from_secs(1);
/// How often a job may take its worker down before it is given up.
const DEATHS: i64 = 20;
/// First wait before a second try; doubled with each one.
const BACKOFF: Duration = Duration::from_secs(2);
/// The longest wait between two tries.
const MAX_BACKOFF: Duration = Duration::from_mins(10);

/// Why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may work later: try again, with backoff, up to the job's maximum.
    #[error("{0}")]
    Retry(String),
    /// It never will: give it up at once.
    #[error("{0}")]
    Fail(String),
    /// The lease went to another worker, which does the job now.
    #[error("the lease was lost")]
    Lost,
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self::Retry(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}

/// Does the jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The kind of job, as in `ingest.v1`.
    fn kind(&self) -> &'static str;

    /// How many may run at once in this process.
    fn concurrency(&self) -> usize;

    /// Does the job. It marks the job done itself, by [`finish`] in the transaction that makes the
    /// effect durable, so that a crash neither loses nor repeats it. May be dropped at any await
    /// (lost lease, shutdown) and begun again.
    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError>;

    /// Tells whoever waits that the job was given up. Runs before the job is buried.
    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError>;
}

/// Marks the job done in the transaction of its effect, or [`JobError::Lost`]: then do not commit.
pub async fn finish(
    tx: &mut crate::Tx,
    now: chrono::DateTime<chrono::Utc>,
    job: &Job,
    worker: Uuid,
) -> Result<(), JobError> {
    if jobs::finish(tx, now, job.id, worker).await? { Ok(()) } else { Err(JobError::Lost) }
}

/// The workers of this process. Cheap to clone.
#[derive(Clone)]
pub struct Work(Arc<Inner>);

struct Inner {
    db: Db,
    clock: SharedClock,
    node: Node,
    worker: Uuid,
    handlers: HashMap<&'static str, Arc<dyn Handler>>,
    wake: Notify,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What a look for jobs found.
enum Found {
    /// Some were claimed, and there may be more.
    Claimed,
    /// None is due before that long.
    DueIn(Duration),
    /// None that is due soon.
    Nothing,
}

/// A kind of job, and how many of it may still begin.
struct Line {
    handler: Arc<dyn Handler>,
    slots: Arc<Semaphore>,
}

impl Line {
    fn of(handler: &Arc<dyn Handler>) -> Self {
        let slots = Arc::new(Semaphore::new(handler.concurrency().max(1)));
        Self { handler: Arc::clone(handler), slots }
    }
}

impl Work {
    /// Workers for these handlers; nothing runs before [`Work::start`].
    pub fn new(db: Db, clock: SharedClock, handlers: Vec<Arc<dyn Handler>>) -> Self {
        Self::on(Node::passing(), db, clock, handlers)
    }

    /// As [`Work::new`], on a node that outlives this process: what its former life held is claimed again at once.
    pub fn on(node: Node, db: Db, clock: SharedClock, handlers: Vec<Arc<dyn Handler>>) -> Self {
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self(Arc::new(Inner {
            db,
            clock,
            worker: node.worker(),
            node,
            handlers,
            wake: Notify::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Begins to claim jobs.
    pub fn start(&self) {
        self.0.tasks.spawn(Arc::clone(&self.0).claim_loop());
    }

    /// The lease under which this process may hold a job it enqueues.
    pub fn lease(&self) -> Lease {
        self.0.lease()
    }

    /// Does a job this process holds since it was enqueued. Call it after the commit.
    pub fn take(&self, job: Job) {
        if let Some(handler) = self.0.handlers.get(job.kind.as_str()) {
            let (this, handler) = (Arc::clone(&self.0), Arc::clone(handler));
            self.0.tasks.spawn(async move {
                Arc::clone(&this).see_through(handler, job).await;
                this.wake.notify_waiters();
            });
        }
    }

    /// Says that a job was enqueued. Call it after the commit.
    pub fn wake(&self) {
        self.0.wake.notify_waiters();
    }

    /// Stops claiming, gives running jobs `grace` to end, and gives the rest back untried.
    pub async fn shut_down(&self, grace: Duration) {
        self.0.tasks.close();
        self.0.wake.notify_waiters();
        let grace = async {
            tokio::time::sleep(grace).await;
            self.0.stop.cancel();
        };
        // Closing the tracker ended the claim loop; `stop` drops the running jobs when the grace is over.
        tokio::select! {
            () = self.0.tasks.wait() => {}
            () = grace => self.0.tasks.wait().await,
        }
    }
}

impl Inner {
    fn lease(&self) -> Lease {
        Lease {
            worker: self.worker,
            length: chrono::Duration::from_std(LEASE).unwrap_or(chrono::Duration::MAX),
        }
    }

    /// Claims what is due, one look for all kinds: a loop for each would ask the database as often as there are kinds.
    async fn claim_loop(self: Arc<Self>) {
        if let Err(error) = self.bury_former_life().await {
            tracing::warn!(%error, "what this node held before could not be freed; its leases will run out");
        }
        let lines: Vec<Line> = self.handlers.values().map(Line::of).collect();
        let (mut orphans, mut next_look) = (true, Instant::now() + LOOK);
        while !self.tasks.is_closed() {
            // Listen before looking, or a job enqueued in between would wait for the next look.
            let woken = self.wake.notified();
            let due = match self.claim_due(&lines, orphans).await {
                Ok(Found::Claimed) => continue,
                Ok(Found::DueIn(wait)) => Instant::now() + wait,
                Ok(Found::Nothing) => next_look,
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be claimed");
                    next_look
                }
            };
            // Whether woken or not, what is due decides.
            let _ = tokio::time::timeout_at(next_look.min(due), woken).await;
            orphans = Instant::now() >= next_look;
            if orphans {
                next_look = Instant::now() + LOOK;
            }
        }
    }

    /// Frees what a former life of this node held: it is dead, and its leases would only run out.
    async fn bury_former_life(&self) -> Result<()> {
        let Some(lives) = self.node.lives() else { return Ok(()) };
        let mut tx = self.db.system().await?;
        let jobs = jobs::end_leases(&mut tx, self.clock.now(), lives, self.worker).await?;
        connections::end_polls(&mut tx, lives, self.worker).await?;
        tx.commit().await?;
        if jobs > 0 {
            tracing::info!(jobs, "a former life of this node died over jobs; they are begun again");
        }
        Ok(())
    }

    /// Claims at most one job of each kind that is due and has room. Jobs of dead workers are looked for now and
    /// then only (`orphans`).
    async fn claim_due(self: &Arc<Self>, lines: &[Line], orphans: bool) -> Result<Found> {
        let now = self.clock.now();
        // Most looks find nothing: a reader's glance keeps them off the one writer of SQLite.
        let mut tx = self.db.system_glance().await?;
        let waiting = jobs::waiting(&mut tx, now, now + LOOK).await?;
        let next = waiting.iter().filter_map(|waiting| waiting.next).min();
        let mut due: Vec<_> =
            waiting.into_iter().filter(|waiting| waiting.is_due).map(|waiting| waiting.kind).collect();
        if orphans {
            due.extend(jobs::orphaned(&mut tx, now).await?);
        }
        drop(tx);
        let mut found = Found::Nothing;
        for line in lines.iter().filter(|line| due.iter().any(|kind| kind == line.handler.kind())) {
            // Whoever frees a slot wakes this loop.
            let Ok(slot) = Arc::clone(&line.slots).try_acquire_owned() else { continue };
            let Some(job) = self.claim(line.handler.kind()).await? else { continue };
            let (this, handler) = (Arc::clone(self), Arc::clone(&line.handler));
            self.tasks.spawn(async move {
                Arc::clone(&this).see_through(handler, job).await;
                drop(slot);
                // The next job of this lane may be waiting, or one of this kind for the slot.
                this.wake.notify_waiters();
            });
            found = Found::Claimed;
        }
        if let (Found::Nothing, Some(next)) = (&found, next) {
            // A millisecond more: the clock is finer than the timer.
            let wait = (next - self.clock.now()).to_std().unwrap_or_default();
            found = Found::DueIn(wait + Duration::from_millis(1));
        }
        Ok(found)
    }

    async fn claim(&self, kind: &str) -> Result<Option<Job>> {
        let mut tx = self.db.system().await?;
        let job = jobs::claim(&mut tx, self.clock.now(), kind, self.lease()).await?;
        tx.commit().await?;
        Ok(job)
    }

    async fn see_through(self: Arc<Self>, handler: Arc<dyn Handler>, job: Job) {
        let outcome = tokio::select! {
            outcome = attempt(&*handler, &job, self.worker) => outcome,
            () = self.hold(&job) => Err(JobError::Lost),
            () = self.stop.cancelled() => {
                self.give_back(&job).await;
                return;
            }
        };
        let error = match outcome {
            Ok(()) => return,
            Err(JobError::Lost) => {
                tracing::warn!(job = %job.id, kind = job.kind, "the lease was lost");
                return;
            }
            Err(error) => error,
        };
        if let Err(error) = self.put_off(&*handler, &job, error).await {
            // The lease runs out and the job is claimed again.
            tracing::error!(%error, job = %job.id, kind = job.kind, "a failed job could not be put off");
        }
    }

    /// Extends the lease until it is lost.
    async fn hold(&self, job: &Job) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let extended = async {
                let mut tx = self.db.system().await?;
                let held = jobs::extend(&mut tx, self.clock.now(), job.id, self.lease()).await?;
                tx.commit().await?;
                Ok::<_, StoreError>(held)
            };
            match extended.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, job = %job.id, "a lease could not be extended"),
            }
        }
    }

    async fn give_back(&self, job: &Job) {
        let released = async {
            let mut tx = self.db.system().await?;
            jobs::release(&mut tx, job.id, self.worker).await?;
            tx.commit().await
        };
        if let Err(error) = released.await {
            tracing::warn!(%error, job = %job.id, "a job could not be given back; its lease will run out");
        }
    }

    /// Schedules the next try, or gives the job up.
    async fn put_off(&self, handler: &dyn Handler, job: &Job, error: JobError) -> Result<()> {
        let text = error.to_string();
        let last = job.tries() >= job.max_attempts || matches!(error, JobError::Fail(_));
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.tries(), last, error = text, "a job failed");
        if last {
            handler.gave_up(job, &text).await?;
        }
        let now = self.clock.now();
        let mut tx = self.db.system().await?;
        if last {
            jobs::bury(&mut tx, now, job.id, self.worker, &text).await?;
        } else {
            let wait = chrono::Duration::from_std(backoff(job.tries())).unwrap_or(chrono::Duration::MAX);
            jobs::retry(&mut tx, job.id, self.worker, now + wait, &text).await?;
        }
        tx.commit().await
    }
}

/// Does the job, unless it has taken its worker down too often.
async fn attempt(handler: &dyn Handler, job: &Job, worker: Uuid) -> Result<(), JobError> {
    if job.deaths >= DEATHS {
        return Err(JobError::Fail(format!("its worker died {} times", job.deaths)));
    }
    handler.run(job, worker).await
}

/// The wait after the given number of tries.
fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX).min(16);
    BACKOFF.saturating_mul(1 << doublings).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_apart_and_stay_bounded() {
        assert_eq!(backoff(1), Duration::from_secs(2));
        assert_eq!(backoff(4), Duration::from_secs(16));
        assert_eq!(backoff(1_000), MAX_BACKOFF);
    }
}
