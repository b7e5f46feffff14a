//! The engine: works off what is due, and sleeps until the next moment.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{
    SharedClock, TurnId,
    conversation::{Author, ConversationEvent, Message, MessageStatus},
    decision::Reason,
    schedule::{next_due, zone},
};
use coxswain_store::{
    Db, Result, Tx,
    conversations::{self, NewMessage},
    decisions::{self, NewDecision},
    live::Live,
    outbox,
    schedule::{self, Due, Standing},
};
use tokio_util::sync::CancellationToken;

use crate::{
    channel,
    gate::{self, Inputs},
};

/// The longest sleep: a moment that another process stores is noticed after this at the latest.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Moments read from the database at once.
const BATCH: u32 = 100;

/// Missed moments older than this are passed over without a decision each, when the engine stood still for long.
const CATCH_UP: TimeDelta = TimeDelta::days(7);

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Moments that became a message.
    pub sent: usize,
    /// Moments held back.
    pub held: usize,
    /// Moments that could not be decided; they stay due.
    pub failed: usize,
}

/// Sends what is due, through the gate.
pub struct Engine {
    db: Db,
    clock: SharedClock,
    live: Live,
    whatsapp: bool,
}

impl Engine {
    /// An engine over a database; open panels hear of its messages through `live`.
    pub fn new(db: Db, clock: SharedClock, live: Live) -> Self {
        Self { db, clock, live, whatsapp: true }
    }

    /// Whether this installation reaches anybody by `WhatsApp`; it does unless told otherwise.
    #[must_use]
    pub fn with_whatsapp(self, whatsapp: bool) -> Self {
        Self { whatsapp, ..self }
    }

    /// Works until `shutdown`. A moment in hand then is rolled back, and stays due.
    pub async fn run(&self, shutdown: CancellationToken) {
        let work = async {
            loop {
                let sleep = match self.round().await {
                    Ok(sleep) => sleep,
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "check-ins could not be worked off"
                        );
                        LONGEST_SLEEP
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = self.live.rescheduled() => {}
                }
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    }

    /// Works off what is due now; how long to sleep until the next moment.
    async fn round(&self) -> Result<Duration> {
        let ticked = self.tick(self.clock.now()).await?;
        if ticked.failed > 0 {
            // They are still due: not at once again.
            return Ok(LONGEST_SLEEP);
        }
        let mut tx = self.db.system_read().await?;
        let next = schedule::next_moment(&mut tx).await?;
        let sleep = next.map(|next| (next - self.clock.now()).to_std().unwrap_or(Duration::ZERO));
        Ok(sleep.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP))
    }

    /// Decides on every moment that is due at `now`, each in a transaction of its own.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<Ticked> {
        let mut ticked = Ticked::default();
        let mut last = None;
        loop {
            let mut tx = self.db.system_read().await?;
            let batch = schedule::due(&mut tx, now, last.as_ref(), BATCH).await?;
            drop(tx);
            let Some(end) = batch.last() else {
                return Ok(ticked);
            };
            last = Some(*end);
            for due in &batch {
                match self.settle(now, due).await {
                    Ok(Some(reason)) if reason.sent() => ticked.sent += 1,
                    Ok(Some(_)) => ticked.held += 1,
                    Ok(None) => {}
                    Err(error) => {
                        // One that cannot be decided must not keep the others waiting.
                        ticked.failed += 1;
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            check_in = %due.check_in_id, client = %due.client_id,
                            "a check-in could not be decided"
                        );
                    }
                }
            }
        }
    }

    /// Decides on one moment and carries it out. `None`: somebody else did.
    async fn settle(&self, now: DateTime<Utc>, due: &Due) -> Result<Option<Reason>> {
        let mut tx = self.db.system().await?;
        if !schedule::claim(&mut tx, due).await? {
            return Ok(None);
        }
        let Some(standing) = schedule::standing(&mut tx, due).await? else {
            return Ok(None);
        };
        let (reason, sent) = decide(&mut tx, now, due, &standing, self.whatsapp).await?;
        tx.commit().await?;
        metrics::counter!("coxswain_decisions_total", "reason" => reason.name()).increment(1);
        if let Some((seq, message)) = sent {
            let conversation = message.conversation_id;
            self.live.publish(conversation, ConversationEvent::Message { seq, message: Box::new(message) });
        }
        Ok(Some(reason))
    }
}

/// Everything one decision changes: the decision, the message, the next moment. All of it or nothing.
async fn decide(
    tx: &mut Tx,
    now: DateTime<Utc>,
    due: &Due,
    standing: &Standing,
    whatsapp: bool,
) -> Result<(Reason, Option<(i64, Message)>)> {
    let creator = due.creator_id;
    let zone = zone(standing.time_zone.as_deref(), &standing.settings.time_zone);
    let local_date = now.with_timezone(&zone).date_naive();
    let sent_today = decisions::sent_on(tx, creator, due.client_id, local_date).await?;
    let (channel, conversation) = channel::choose(tx, now, due, standing, whatsapp).await?;
    let reason = gate::decide(&Inputs {
        enabled: standing.enabled,
        consented: standing.consented,
        channel,
        sent_today: sent_today.len(),
        repeated: sent_today.contains(&Some(due.check_in_id)),
        ..Inputs::of(&standing.settings, zone, due.next_due_at, now)
    });
    // What nobody wants any more has no next moment; the schedule is made anew when they want it again.
    let next = if standing.enabled && standing.consented {
        let after = due.next_due_at.max(now - CATCH_UP);
        next_due(after, zone, standing.weekdays, standing.local_time)
    } else {
        None
    };
    schedule::advance(tx, due, next).await?;
    let decision = NewDecision {
        check_in: due.check_in_id,
        client: due.client_id,
        due_at: due.next_due_at,
        local_date,
        time_zone: zone.name(),
        reason,
    };
    let Some(decision) = decisions::record(tx, now, creator, &decision).await? else {
        // Decided before the schedule was made anew: only the schedule moves on.
        return Ok((Reason::Duplicate, None));
    };
    let Some(conversation) = conversation.filter(|_| reason.sent()) else {
        return Ok((reason, None));
    };
    let message = NewMessage {
        conversation,
        turn: TurnId::new(now),
        author: Author::CheckIn,
        text: &standing.text,
        status: MessageStatus::Done,
        client_message_id: None,
    };
    let (seq, message) = conversations::add_message(tx, now, creator, message).await?;
    // On a messenger it may still have to wait: never longer than it would have been sent.
    outbox::expires(tx, creator, message.id, due.next_due_at + gate::EXPIRY).await?;
    decisions::carried_out(tx, creator, decision, message.id).await?;
    Ok((reason, Some((seq, message))))
}
