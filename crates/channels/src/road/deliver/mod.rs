//! What goes out: the parts of a message, in order, each asked at the last moment whether it may leave.

mod gate;
mod outcome;
mod scene;

use std::time::Duration;

use async_trait::async_trait;
use coxswain_store::{
    StoreError, buckets,
    buckets::Take,
    connections,
    jobs::Job,
    outbox::{self, Begun, Delivery, Rank, SendPayload, State},
    portfolios::{self, Admission},
    work::{self, Handler, JobError},
};
use uuid::Uuid;

use super::{Road, consequences};
use gate::Gate;
use scene::Scene;

/// Messages on their way at once in one process; those that wait for a provider cost next to nothing. None takes
/// the place of one of a higher rank.
const fn at_once(rank: Rank) -> usize {
    match rank {
        Rank::Replies => 128,
        Rank::Nudges => 32,
        Rank::Campaigns => 16,
    }
}

/// How often it is looked whether an account works again.
const ACCOUNT_OFF: Duration = Duration::from_secs(30);

/// Sends what the outbox holds.
pub(super) struct Deliver {
    road: Road,
    rank: Rank,
}

/// What follows from one part.
enum Step {
    /// The next part.
    Next,
    /// The same part again, after this wait.
    Later(Duration),
    /// Nothing more of this message will leave.
    Stop,
}

/// What came of asking for tokens.
enum Taken {
    /// They are taken.
    Now,
    /// None is; all may be there after that long.
    In(Duration),
    /// None is: as many people as allowed were written to first. For people to read.
    Spent(String),
}

impl Deliver {
    /// Sends what has this rank.
    pub(super) fn of(road: Road, rank: Rank) -> Self {
        Self { road, rank }
    }
}

#[async_trait]
impl Handler for Deliver {
    fn kind(&self) -> &'static str {
        self.rank.job()
    }

    fn concurrency(&self) -> usize {
        at_once(self.rank)
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload = payload(job)?;
        let mut tx = self.road.db.read(job.creator).await?;
        let parts = outbox::of_message(&mut tx, job.creator, payload.message_id).await?;
        drop(tx);
        let Some(first) = parts.first() else { return self.finish(job, worker).await };
        let Some(_place) = self.road.0.slots.take(first.account) else {
            return self.road.postpone(job, worker, self.road.crowded()).await;
        };
        let Some(scene) = Scene::look(&self.road, job.creator, first).await? else {
            // The account was disconnected, or the client is gone.
            self.stop(job, &parts, "The account is not connected any more.").await?;
            return self.finish(job, worker).await;
        };
        let parts = if first.parts == 0 { self.cut(job, &payload, &scene, first).await? } else { parts };
        for part in &parts {
            match self.step(job, part, &scene).await? {
                Step::Next => {}
                Step::Later(wait) => return self.road.postpone(job, worker, wait).await,
                Step::Stop => {
                    self.stop(job, &parts, "An earlier part of the message was not sent.").await?;
                    break;
                }
            }
        }
        self.finish(job, worker).await
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let Ok(payload) = payload(job) else { return Ok(()) };
        let mut tx = self.road.db.write(job.creator).await?;
        for part in outbox::of_message(&mut tx, job.creator, payload.message_id).await? {
            let now = self.road.clock.now();
            if matches!(part.state, State::Queued | State::Sending | State::Unknown) {
                outbox::failed(&mut tx, now, job.creator, part.id, (None, error)).await?;
            }
        }
        tx.commit().await
    }
}

fn payload(job: &Job) -> Result<SendPayload, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}

impl Deliver {
    /// Cuts the message into the parts its messenger takes; once, whatever crashes.
    async fn cut(
        &self,
        job: &Job,
        payload: &SendPayload,
        scene: &Scene<'_>,
        whole: &Delivery,
    ) -> Result<Vec<Delivery>, JobError> {
        let sources = scene.sources(whole).await?;
        let texts = scene.messenger.parts(&whole.text, sources.as_ref());
        let mut tx = self.road.db.write(job.creator).await?;
        let now = self.road.clock.now();
        let parts = outbox::split(&mut tx, now, job.creator, payload.message_id, &texts).await?;
        tx.commit().await?;
        Ok(parts)
    }

    /// Brings one part as far as it gets now.
    async fn step(&self, job: &Job, part: &Delivery, scene: &Scene<'_>) -> Result<Step, JobError> {
        match part.state {
            State::Accepted | State::Sent | State::Delivered | State::Read => return Ok(Step::Next),
            State::Failed | State::Withheld => return Ok(Step::Stop),
            State::Sending | State::Unknown => {
                if let Some(step) = outcome::reconcile(scene, part).await? {
                    return Ok(step);
                }
            }
            State::Queued => {}
        }
        let template = match scene.gate(part) {
            Gate::Free => None,
            Gate::Template => scene.template(part),
            Gate::Wait => return Ok(Step::Later(ACCOUNT_OFF + self.road.jitter.up_to(ACCOUNT_OFF))),
            Gate::Withhold(code, reason) => {
                self.withhold(job, part, scene, code, &reason).await?;
                return Ok(Step::Stop);
            }
        };
        match self.take(scene, part, template.is_some()).await? {
            Taken::Now => {}
            Taken::In(wait) => {
                // Those who wait for the same rate should not all come back in the same instant.
                return Ok(Step::Later(wait + self.road.jitter.up_to(wait.min(Duration::from_secs(5)) / 2)));
            }
            Taken::Spent(reason) => {
                self.withhold(job, part, scene, "limit_spent", &reason).await?;
                return Ok(Step::Stop);
            }
        }
        let mut tx = self.road.db.write(job.creator).await?;
        let begun = outbox::begin_sending(&mut tx, self.road.clock.now(), job.creator, part.id).await?;
        tx.commit().await?;
        match begun {
            Some(Begun::Send(part)) => outcome::send(scene, &part, template).await,
            Some(Begun::Unsettled(_)) => Ok(Step::Later(self.road.crowded())),
            Some(Begun::Settled(part)) if part.state != State::Failed => Ok(Step::Next),
            Some(Begun::Withheld(part)) => {
                scene.count("withheld");
                tracing::debug!(outbox = %part.id, detail = part.detail, "a part is kept back");
                Ok(Step::Stop)
            }
            Some(Begun::Settled(_)) | None => Ok(Step::Stop),
        }
    }

    /// Takes a token of every rate the part has to keep. One that writes to somebody first, in a template, counts
    /// them among those its portfolio may write to in a day.
    async fn take(&self, scene: &Scene<'_>, part: &Delivery, first: bool) -> Result<Taken, JobError> {
        let unprompted = scene::is_unprompted(part);
        let buckets = scene.messenger.buckets(&scene.connection, &scene.address);
        let share = part.purpose.rank().reserve();
        // Closed where a provider had enough of what nobody asked for; otherwise as good as endless.
        let held_back = [
            consequences::nudges_of(&scene.connection),
            consequences::nudges_to(&scene.connection, &scene.address.user),
        ];
        let endless = |key| Take { key, rate: 1e3, burst: 1e3, reserve: 0.0 };
        let wants: Vec<_> = buckets
            .iter()
            .map(|bucket| Take {
                key: &bucket.key,
                rate: bucket.rate,
                burst: bucket.burst,
                reserve: bucket.burst * share,
            })
            .chain(held_back.iter().filter(|_| unprompted).map(|key| endless(key.as_str())))
            .collect();
        let mut tx = self.road.db.system().await?;
        let now = self.road.clock.now();
        let wait = buckets::take_all(&mut tx, now, &wants).await?;
        // What is not admitted has taken nothing: it is not committed.
        if let (true, true, Some(portfolio)) = (wait.is_zero(), first, scene.connection.portfolio()) {
            let (creator, account) = (scene.connection.creator_id, scene.connection.channel_account_id);
            let most = connections::standing(&mut tx, creator, account).await?.people_a_day;
            let person = scene.contact.identity.to_string();
            if let Admission::Spent(until) = portfolios::admit(&mut tx, now, portfolio, &person, most).await?
            {
                let most = most.unwrap_or_default();
                return Ok(Taken::Spent(format!(
                    "Meta lets this portfolio write first to {most} people in 24 hours, and it has. The next may be written to after {}.",
                    until.format("%Y-%m-%d %H:%M UTC")
                )));
            }
        }
        tx.commit().await?;
        Ok(if wait.is_zero() { Taken::Now } else { Taken::In(wait) })
    }

    async fn withhold(
        &self,
        job: &Job,
        part: &Delivery,
        scene: &Scene<'_>,
        code: &str,
        reason: &str,
    ) -> Result<(), JobError> {
        let mut tx = self.road.db.write(job.creator).await?;
        outbox::withhold(&mut tx, self.road.clock.now(), job.creator, part.id, reason).await?;
        tx.commit().await?;
        scene.count(code);
        self.road.live.touch(part.conversation_id);
        Ok(())
    }

    /// Keeps back what has not left of a message whose beginning did not either.
    async fn stop(&self, job: &Job, parts: &[Delivery], reason: &str) -> Result<(), JobError> {
        let mut tx = self.road.db.write(job.creator).await?;
        for part in parts {
            outbox::withhold(&mut tx, self.road.clock.now(), job.creator, part.id, reason).await?;
        }
        tx.commit().await?;
        if let Some(part) = parts.first() {
            self.road.live.touch(part.conversation_id);
        }
        Ok(())
    }

    async fn finish(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let mut tx = self.road.db.write(job.creator).await?;
        work::finish(&mut tx, self.road.clock.now(), job, worker).await?;
        Ok(tx.commit().await?)
    }
}
