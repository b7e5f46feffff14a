//! Durable jobs with leases.
//!
//! A job is enqueued in the transaction that causes it. A worker claims it for a while and
//! extends its lease as long as it works; when the worker dies the lease runs out and another
//! claims the job again. Jobs of one lane run strictly one after the other, oldest first.

use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{CreatorId, JobId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use uuid::{Builder, Uuid};

use crate::{Result, Tx};

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Whose job it is.
    pub creator: CreatorId,
    /// Name and version of the payload, as in `ingest.v1`.
    pub kind: &'static str,
    /// What the handler needs to know.
    pub payload: Value,
    /// Jobs of one lane run one after the other.
    pub lane: Uuid,
    /// Not before.
    pub run_at: DateTime<Utc>,
    /// Times it may be tried.
    pub max_attempts: u32,
}

/// A worker's hold on a job.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// The worker process.
    pub worker: Uuid,
    /// How long it holds without being extended.
    pub length: Duration,
}

/// A job as a worker holds it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose job it is.
    pub creator: CreatorId,
    /// Name and version of the payload.
    pub kind: String,
    /// What the handler needs to know.
    pub payload: Value,
    /// How often it was begun, this time included.
    pub attempts: i64,
    /// How often its worker died over it: begun, and never heard of again.
    pub deaths: i64,
    /// Times it may be tried.
    pub max_attempts: i64,
}

impl Job {
    /// Tries so far, this one included: a worker that died over it says nothing about the job.
    pub const fn tries(&self) -> i64 {
        self.attempts - self.deaths
    }
}

/// Jobs of one kind and state, for the metrics.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Depth {
    /// Name and version of the payload.
    pub kind: String,
    /// `ready`, `running` or `dead`.
    pub state: String,
    /// How many.
    pub jobs: i64,
    /// When the oldest of them was enqueued.
    pub oldest_at: DateTime<Utc>,
}

/// Jobs of one kind that wait, as a look finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Name and version of the payload.
    pub kind: String,
    /// Whether one seems due; [`claim`] decides.
    pub is_due: bool,
    /// When the next one that is not yet due will be, if that is within the look.
    pub next: Option<DateTime<Utc>>,
}

type Row = (JobId, CreatorId, String, Json<Value>, i64, i64, i64);

fn job((id, creator, kind, Json(payload), attempts, deaths, max_attempts): Row) -> Job {
    Job { id, creator, kind, payload, attempts, deaths, max_attempts }
}

/// A lane for what has no id of its own: the same one for the same bytes.
pub(crate) fn lane(of: &[&[u8]]) -> Uuid {
    let digest = of.iter().fold(Sha256::new(), Digest::chain_update).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// Adds a job for any worker to claim.
pub async fn enqueue(tx: &mut Tx, now: DateTime<Utc>, new: NewJob) -> Result<JobId> {
    let id = JobId::new(now);
    execute!(
        tx,
        "INSERT INTO jobs (id, creator_id, kind, payload, lane, state, run_at, attempts, max_attempts, created_at)
         VALUES ($1, $2, $3, $4, $5, 'ready', $6, 0, $7, $8)",
        id,
        new.creator,
        new.kind,
        Json(&new.payload),
        new.lane,
        new.run_at,
        i64::from(new.max_attempts),
        now,
    )?;
    Ok(id)
}

/// Adds a job that the calling process holds already, which saves the claim when it will do the job itself at
/// once, unless a job of the same lane waits or runs: then (`None`) any worker claims it in its turn.
pub async fn enqueue_held(tx: &mut Tx, now: DateTime<Utc>, new: NewJob, lease: Lease) -> Result<Option<Job>> {
    let id = JobId::new(now);
    let (state,) = fetch_one!(
        tx,
        (String,),
        "INSERT INTO jobs (id, creator_id, kind, payload, lane, run_at, max_attempts, created_at, state, attempts, leased_by, leased_until)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8,
           CASE WHEN lane.jobs = 0 THEN 'running' ELSE 'ready' END, CASE WHEN lane.jobs = 0 THEN 1 ELSE 0 END,
           CASE WHEN lane.jobs = 0 THEN $9 END, CASE WHEN lane.jobs = 0 THEN $10 END
         FROM (SELECT COUNT(*) AS jobs FROM jobs WHERE jobs.lane = $5 AND state IN ('ready', 'running')) lane
         RETURNING state",
        id,
        new.creator,
        new.kind,
        Json(&new.payload),
        new.lane,
        new.run_at,
        i64::from(new.max_attempts),
        now,
        lease.worker,
        now + lease.length,
    )?;
    let job = || Job {
        id,
        creator: new.creator,
        kind: new.kind.to_owned(),
        payload: new.payload,
        attempts: 1,
        deaths: 0,
        max_attempts: i64::from(new.max_attempts),
    };
    Ok((state == "running").then(job))
}

macro_rules! claim_sql {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1,
               deaths = deaths + CASE WHEN state = 'running' THEN 1 ELSE 0 END, leased_by = $1, leased_until = $2
             WHERE id = (
               SELECT due.id FROM jobs due
               WHERE due.kind = $3
                 AND ((due.state = 'ready' AND due.run_at <= $4) OR (due.state = 'running' AND due.leased_until <= $4))
                 AND NOT EXISTS (
                   SELECT 1 FROM jobs other
                   WHERE other.lane = due.lane AND other.id <> due.id
                     AND (other.state = 'running'
                       OR (due.state = 'ready' AND other.state = 'ready' AND other.id < due.id)))
               ORDER BY due.run_at, due.id LIMIT 1 ",
            $lock,
            ")
             RETURNING id, creator_id, kind, payload, attempts, deaths, max_attempts"
        )
    };
}

/// Claims the next due job of one kind: one that waits, or one whose worker's lease ran out. System transaction.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, kind: &str, lease: Lease) -> Result<Option<Job>> {
    let sql = tx.skip_locked(claim_sql!(""), claim_sql!("FOR UPDATE SKIP LOCKED"));
    let row = fetch_optional!(tx, Row, sql, lease.worker, now + lease.length, kind, now)?;
    Ok(row.map(job))
}

/// The kinds of which a job waits that is due now or will be by `horizon`. System transaction.
pub async fn waiting(tx: &mut Tx, now: DateTime<Utc>, horizon: DateTime<Utc>) -> Result<Vec<Waiting>> {
    let kinds = fetch_all!(
        tx,
        (String, DateTime<Utc>, Option<DateTime<Utc>>),
        "SELECT kind, MIN(run_at), MIN(CASE WHEN run_at > $1 THEN run_at END) FROM jobs
         WHERE state = 'ready' AND run_at <= $2 GROUP BY kind",
        now,
        horizon,
    )?;
    let waiting = |(kind, first, next)| Waiting { kind, is_due: first <= now, next };
    Ok(kinds.into_iter().map(waiting).collect())
}

/// The kinds of which a job's worker has not shown a sign of life in time. System transaction.
pub async fn orphaned(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<String>> {
    let kinds = fetch_all!(
        tx,
        (String,),
        "SELECT DISTINCT kind FROM jobs WHERE state = 'running' AND leased_until <= $1",
        now,
    )?;
    Ok(kinds.into_iter().map(|(kind,)| kind).collect())
}

/// Ends the leases of workers with ids from `first` to `last`, `living` excepted: they are known to be dead.
/// How many jobs they had. System transaction.
pub async fn end_leases(
    tx: &mut Tx,
    now: DateTime<Utc>,
    (first, last): (Uuid, Uuid),
    living: Uuid,
) -> Result<u64> {
    execute!(
        tx,
        "UPDATE jobs SET leased_until = $1
         WHERE state = 'running' AND leased_by >= $2 AND leased_by <= $3 AND leased_by <> $4 AND leased_until > $1",
        now,
        first,
        last,
        living,
    )
}

/// Holds on to a job for longer. False: the lease was lost, stop working on it.
pub async fn extend(tx: &mut Tx, now: DateTime<Utc>, id: JobId, lease: Lease) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET leased_until = $1 WHERE id = $2 AND leased_by = $3 AND state = 'running'",
        now + lease.length,
        id,
        lease.worker,
    )?;
    Ok(touched == 1)
}

/// Whether this worker still holds the job; for the transaction that applies the job's effect.
pub async fn holds(tx: &mut Tx, id: JobId, worker: Uuid) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT attempts FROM jobs WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        id,
        worker
    )?;
    Ok(row.is_some())
}

/// Marks a job done. False: the lease was lost, so its effect must not be committed.
pub async fn finish(tx: &mut Tx, now: DateTime<Utc>, id: JobId, worker: Uuid) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET state = 'done', finished_at = $1, leased_by = NULL, leased_until = NULL
         WHERE id = $2 AND leased_by = $3 AND state = 'running'",
        now,
        id,
        worker,
    )?;
    Ok(touched == 1)
}

/// Gives a job back, to be tried again at `run_at`.
pub async fn retry(tx: &mut Tx, id: JobId, worker: Uuid, run_at: DateTime<Utc>, error: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET state = 'ready', run_at = $1, last_error = $2, leased_by = NULL, leased_until = NULL
         WHERE id = $3 AND leased_by = $4 AND state = 'running'",
        run_at,
        error,
        id,
        worker,
    )?;
    Ok(touched == 1)
}

/// Gives a job back untried, because the process stops.
pub async fn release(tx: &mut Tx, id: JobId, worker: Uuid) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET state = 'ready', attempts = attempts - 1, leased_by = NULL, leased_until = NULL
         WHERE id = $1 AND leased_by = $2 AND state = 'running'",
        id,
        worker,
    )?;
    Ok(touched == 1)
}

/// Gives a job back untried, not to be claimed before `run_at`: it was not its turn.
pub async fn postpone(tx: &mut Tx, id: JobId, worker: Uuid, run_at: DateTime<Utc>) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET state = 'ready', attempts = attempts - 1, run_at = $1, leased_by = NULL, leased_until = NULL
         WHERE id = $2 AND leased_by = $3 AND state = 'running'",
        run_at,
        id,
        worker,
    )?;
    Ok(touched == 1)
}

/// Gives a job up: it joins the dead letters, where a person can see it.
pub async fn bury(tx: &mut Tx, now: DateTime<Utc>, id: JobId, worker: Uuid, error: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE jobs SET state = 'dead', finished_at = $1, last_error = $2, leased_by = NULL, leased_until = NULL
         WHERE id = $3 AND leased_by = $4 AND state = 'running'",
        now,
        error,
        id,
        worker,
    )?;
    Ok(touched == 1)
}

/// How many jobs there are of each kind that are not done, and how old. System transaction.
pub async fn depths(tx: &mut Tx) -> Result<Vec<Depth>> {
    fetch_all!(
        tx,
        Depth,
        "SELECT kind, state, COUNT(*) AS jobs, MIN(created_at) AS oldest_at FROM jobs
         WHERE state <> 'done' GROUP BY kind, state ORDER BY kind, state",
    )
}

/// Forgets jobs done before `before`. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM jobs WHERE state = 'done' AND finished_at < $1", before)
}
