//! Making deliveries of what was noted to have happened.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{CreatorId, SharedClock};
use coxswain_store::{Db, Result, happenings, webhooks, work::Work};
use tokio_util::sync::CancellationToken;

/// How often it looks: so much later than it happened a webhook hears of it at the most.
const LOOK: Duration = Duration::from_millis(500);
/// Notes told on in one transaction.
const BATCH: u32 = 100;
/// How long events are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How often old ones are looked for.
const SWEEP: TimeDelta = TimeDelta::hours(1);

/// Tells on what happened, on every node: a note is told once, whoever is first.
pub struct Spreader {
    db: Db,
    clock: SharedClock,
    work: Work,
    mail: bool,
}

impl Spreader {
    /// A spreader whose deliveries `work` does. With `mail`, members hear by mail of clients who wait for a person.
    pub fn new(db: Db, clock: SharedClock, work: Work, mail: bool) -> Self {
        Self { db, clock, work, mail }
    }

    /// Works until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let work = async {
            let mut swept = None;
            loop {
                if let Err(error) = self.round(&mut swept).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "what happened could not be told to webhooks; it is tried again");
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn round(&self, swept: &mut Option<DateTime<Utc>>) -> Result<()> {
        self.tick().await?;
        let now = self.clock.now();
        if swept.is_none_or(|at| at + SWEEP <= now) {
            self.sweep().await?;
            *swept = Some(now);
        }
        Ok(())
    }

    /// Tells on everything that is noted now.
    pub async fn tick(&self) -> Result<()> {
        let mut tx = self.db.system_glance().await?;
        let creators = happenings::pending(&mut tx).await?;
        drop(tx);
        for creator in creators {
            // What fails with one creator waits, and holds up no other.
            if let Err(error) = self.spread(creator).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, %creator, "what happened could not be told to webhooks");
            }
        }
        Ok(())
    }

    async fn spread(&self, creator: CreatorId) -> Result<()> {
        loop {
            let mut tx = self.db.write(creator).await?;
            let done = happenings::spread(&mut tx, self.clock.now(), creator, BATCH, self.mail).await?;
            tx.commit().await?;
            if done.deliveries + done.mails > 0 {
                self.work.wake();
            }
            if done.notes < BATCH as usize {
                return Ok(());
            }
        }
    }

    /// Forgets events that were kept long enough.
    pub async fn sweep(&self) -> Result<()> {
        let mut tx = self.db.system_glance().await?;
        let creators = webhooks::creators(&mut tx).await?;
        drop(tx);
        for creator in creators {
            let mut tx = self.db.write(creator).await?;
            webhooks::prune(&mut tx, creator, self.clock.now() - KEPT).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
