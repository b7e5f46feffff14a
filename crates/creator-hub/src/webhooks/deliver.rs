//! Working off what waits at one webhook.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{CreatorId, SharedClock, WebhookId};
use coxswain_store::{
    Db, StoreError, Tx,
    audit::{self, Actor, NewEntry},
    jobs::{self, Job},
    webhooks::{self, Due, Outcome, Target, Tried, WEBHOOK_JOB, WebhookPayload},
    work::{self, Handler, JobError},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use uuid::Uuid;

use super::{
    backoff,
    post::{Posted, Poster},
};

/// Webhooks worked off at once: a slow endpoint takes one of these and no more.
const WEBHOOKS: usize = 64;
/// Requests at once to one webhook.
const AT_ONCE: usize = 8;
/// Deliveries looked at together.
const BATCH: u32 = 64;
/// Batches before other webhooks get their turn.
const ROUNDS: usize = 4;
/// When a job that failed altogether is taken up again.
const LATER: TimeDelta = TimeDelta::minutes(10);

/// Posts what waits at a webhook: the handler of [`WEBHOOK_JOB`].
pub struct Deliverer {
    db: Db,
    clock: SharedClock,
    poster: Poster,
}

/// One job's work at one webhook.
struct Visit<'a> {
    job: &'a Job,
    worker: Uuid,
    webhook: WebhookId,
    target: Target,
    /// The endpoint wants no more for now.
    enough: AtomicBool,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    On,
    Enough,
}

impl Deliverer {
    /// A deliverer. With `private`, for development, it posts to addresses of this machine and its network too.
    pub fn new(db: Db, clock: SharedClock, private: bool) -> Result<Self, reqwest::Error> {
        Ok(Self { db, clock, poster: Poster::new(private)? })
    }

    /// Waits so long for an endpoint instead of ten seconds.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.poster.patient_for(patience);
        self
    }

    /// Posts one batch of what is due.
    async fn round(&self, job: &Job, worker: Uuid, id: WebhookId) -> Result<Mood, JobError> {
        let (now, creator) = (self.clock.now(), job.creator);
        let mut tx = self.db.read(creator).await?;
        let Some(target) = webhooks::target(&mut tx, now, creator, id).await? else {
            return Ok(Mood::Enough);
        };
        let due = webhooks::due(&mut tx, now, creator, id, BATCH).await?;
        drop(tx);
        if due.is_empty() {
            return Ok(Mood::Enough);
        }
        // What belongs together goes one after the other, in the order it happened; the rest side by side.
        let mut lanes: BTreeMap<Uuid, Vec<Due>> = BTreeMap::new();
        for due in due {
            lanes.entry(due.lane).or_default().push(due);
        }
        let visit = Visit { job, worker, webhook: id, target, enough: AtomicBool::new(false) };
        let lanes = lanes.into_values().map(|lane| self.lane(&visit, lane));
        stream::iter(lanes).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(if visit.enough.load(Ordering::Relaxed) { Mood::Enough } else { Mood::On })
    }

    async fn lane(&self, visit: &Visit<'_>, lane: Vec<Due>) -> Result<(), JobError> {
        for due in lane {
            if visit.enough.load(Ordering::Relaxed) {
                return Ok(());
            }
            let at = self.clock.now();
            let posted = self.poster.post(at, &visit.target, &due).await;
            self.note(visit, &due, at, posted).await?;
        }
        Ok(())
    }

    /// Notes what a try came to, as long as the job is ours.
    async fn note(
        &self,
        visit: &Visit<'_>,
        due: &Due,
        at: DateTime<Utc>,
        posted: Posted,
    ) -> Result<(), JobError> {
        let Visit { job, worker, webhook: id, target, enough } = visit;
        let id = *id;
        let (now, creator) = (self.clock.now(), job.creator);
        let outcome = match posted.error {
            None => Outcome::Delivered,
            Some(_) if posted.gone() => Outcome::Failed,
            Some(_) => backoff::again(now, due.id.0, due.attempts + 1, posted.quiet)
                .map_or(Outcome::Failed, Outcome::Again),
        };
        count(outcome, &posted);
        let gone = posted.gone();
        let held_until = posted.quiet.map(|quiet| backoff::quiet_until(now, quiet));
        let tried = Tried {
            at,
            status: posted.status.map(|status| status.as_u16()),
            milliseconds: posted.milliseconds,
            answer: posted.answer,
            error: posted.error,
            outcome,
            held_until,
        };
        let mut tx = self.db.write(creator).await?;
        if !jobs::holds(&mut tx, job.id, *worker).await? {
            return Err(JobError::Lost);
        }
        webhooks::noted(&mut tx, now, creator, id, due.id, &tried).await?;
        let hopeless = outcome != Outcome::Delivered && backoff::hopeless(now, target.failing_since);
        if gone {
            self.give_up(&mut tx, creator, id, "The endpoint answered 410 Gone.").await?;
        } else if hopeless {
            self.give_up(&mut tx, creator, id, "Nothing arrived there for three days.").await?;
        }
        tx.commit().await?;
        enough.fetch_or(gone || hopeless || held_until.is_some(), Ordering::Relaxed);
        Ok(())
    }

    /// Pauses a webhook that does not want or take anything. What waits there stays.
    async fn give_up(
        &self,
        tx: &mut Tx,
        creator: CreatorId,
        id: WebhookId,
        reason: &str,
    ) -> Result<(), StoreError> {
        if !webhooks::pause(tx, creator, id, reason).await? {
            return Ok(());
        }
        tracing::warn!(webhook = %id, reason, "a webhook is paused");
        let detail = json!({ "reason": reason });
        let (actor, subject) = (&Actor::SYSTEM, Some(id.to_string()));
        let entry = NewEntry { actor, action: "webhook.paused", subject, detail };
        audit::record(tx, self.clock.now(), creator, entry).await
    }
}

fn count(outcome: Outcome, posted: &Posted) {
    let outcome = match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Again(_) => "again",
        Outcome::Failed => "failed",
    };
    metrics::counter!("coxswain_webhook_tries_total", "outcome" => outcome).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "some thousands of milliseconds")]
    metrics::histogram!("coxswain_webhook_try_seconds").record(posted.milliseconds as f64 / 1000.0);
}

#[async_trait]
impl Handler for Deliverer {
    fn kind(&self) -> &'static str {
        WEBHOOK_JOB
    }

    fn concurrency(&self) -> usize {
        WEBHOOKS
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let id = payload(job)?.webhook_id;
        for _ in 0..ROUNDS {
            if self.round(job, worker, id).await? == Mood::Enough {
                break;
            }
        }
        let (now, creator) = (self.clock.now(), job.creator);
        let mut tx = self.db.write(creator).await?;
        work::finish(&mut tx, now, job, worker).await?;
        if let Some(next) = webhooks::next_due(&mut tx, creator, id).await? {
            webhooks::wake(&mut tx, now, creator, id, next.max(now)).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn gave_up(&self, job: &Job, _error: &str) -> Result<(), StoreError> {
        let Ok(payload) = payload(job) else {
            return Ok(());
        };
        // Its deliveries wait still: another job takes them up.
        let now = self.clock.now();
        let mut tx = self.db.write(job.creator).await?;
        if webhooks::next_due(&mut tx, job.creator, payload.webhook_id).await?.is_some() {
            webhooks::wake(&mut tx, now, job.creator, payload.webhook_id, now + LATER).await?;
        }
        tx.commit().await
    }
}

fn payload(job: &Job) -> Result<WebhookPayload, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}
