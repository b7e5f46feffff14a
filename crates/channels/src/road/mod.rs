//! The durable road between messengers and the engine: in through the inbox, out through the outbox.
//!
//! Whatever the messenger, the same steps keep the same promises: raw bytes and job are durable before
//! the provider hears 200; one conversation is worked on by one worker at a time; every part leaves
//! under a key of its own; every answer of a provider is judged by one table.

pub mod arrival;
mod arrive;
mod asking;
mod backoff;
mod classify;
mod consequences;
mod deliver;
pub mod messenger;
pub(crate) mod phrases;
mod slots;
pub mod sources;
mod typing;
mod words;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use coxswain_domain::{
    ConversationId, CreatorId, SharedClock,
    channel::ChannelKind,
    conversation::{ConversationEvent, Message},
};
use coxswain_store::{
    Db, StoreError, Tx, creators,
    files::Files,
    jobs::{self, Job},
    live::Live,
    outbox::Rank,
    work::{Handler, JobError},
};
use uuid::Uuid;

pub use backoff::{Backoff, Jitter, Scope};
pub use classify::{Action, Consequence, TemplateFault, Verdict, classify};
use messenger::Messenger;
use slots::Slots;
pub use words::link_code;

/// Files fetched at once over one account.
const FETCHES: usize = 4;
/// The wait for a place among an account's messages or files.
const CROWDED: Duration = Duration::from_millis(250);

/// The adapters, by the messenger they speak with.
pub type Messengers = HashMap<ChannelKind, Arc<dyn Messenger>>;

/// How fast the road goes.
#[derive(Clone, Copy, Debug)]
pub struct RoadSettings {
    /// Quiet after which a burst of messages is answered. Zero: at once.
    pub burst_quiet: Duration,
    /// Longest wait after the first message of a burst.
    pub burst_longest: Duration,
    /// Messages sent at once over one account.
    pub sends_per_account: usize,
    /// How long news of a message whose fate nobody knows is waited for.
    pub reconcile: Duration,
    /// Whether this installation answers by `WhatsApp` at all.
    pub whatsapp: bool,
}

impl Default for RoadSettings {
    fn default() -> Self {
        Self {
            burst_quiet: Duration::from_millis(1200),
            burst_longest: Duration::from_secs(6),
            sends_per_account: 8,
            reconcile: Duration::from_mins(2),
            whatsapp: true,
        }
    }
}

/// What the road works with.
pub struct RoadParts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// Live events of conversations.
    pub live: Live,
    /// Files that clients sent, under the ids of their inbox rows.
    pub media: Files,
    /// The adapters.
    pub messengers: Messengers,
    /// How fast it goes.
    pub settings: RoadSettings,
    /// The random part of waits.
    pub jitter: Jitter,
}

/// The road. Cheap to clone.
#[derive(Clone)]
pub struct Road(Arc<Inner>);

struct Inner {
    parts: RoadParts,
    slots: Slots,
    fetches: Slots,
}

impl Road {
    /// A road over these parts; nothing moves before its handlers do.
    pub fn new(parts: RoadParts) -> Self {
        let (slots, fetches) = (Slots::new(parts.settings.sends_per_account), Slots::new(FETCHES));
        Self(Arc::new(Inner { parts, slots, fetches }))
    }

    /// What handles the road's jobs.
    pub fn handlers(&self) -> Vec<Arc<dyn Handler>> {
        vec![
            Arc::new(arrive::Arrive(self.clone())),
            Arc::new(deliver::Deliver::of(self.clone(), Rank::Replies)),
            Arc::new(deliver::Deliver::of(self.clone(), Rank::Nudges)),
            Arc::new(deliver::Deliver::of(self.clone(), Rank::Campaigns)),
        ]
    }

    fn messenger(&self, kind: ChannelKind) -> Option<&Arc<dyn Messenger>> {
        self.0.parts.messengers.get(&kind)
    }

    /// Whether nobody is answered by a kind of channel, because the creator or this installation has decided so.
    async fn is_switched_off(
        &self,
        tx: &mut Tx,
        creator: CreatorId,
        kind: ChannelKind,
    ) -> Result<bool, StoreError> {
        if kind != ChannelKind::Whatsapp {
            return Ok(false);
        }
        let decided = creators::get(tx, creator).await?.is_none_or(|creator| creator.settings.whatsapp);
        Ok(!(decided && self.settings.whatsapp))
    }

    /// A wait that keeps those who found no place from coming back together.
    fn crowded(&self) -> Duration {
        CROWDED + self.jitter.up_to(CROWDED)
    }

    /// Has a job claimed again after a wait, without holding a worker and without counting as a try.
    async fn postpone(&self, job: &Job, worker: Uuid, wait: Duration) -> Result<(), JobError> {
        let run_at = self.clock.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
        let mut tx = self.db.write(job.creator).await?;
        if !jobs::postpone(&mut tx, job.id, worker, run_at).await? {
            return Err(JobError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// Tells open streams of messages that are durable now.
    fn announce(&self, conversation: ConversationId, events: impl IntoIterator<Item = (i64, Message)>) {
        for (seq, message) in events {
            let event = ConversationEvent::Message { seq, message: Box::new(message) };
            self.0.parts.live.publish(conversation, event);
        }
    }
}

impl std::ops::Deref for Road {
    type Target = RoadParts;

    fn deref(&self) -> &RoadParts {
        &self.0.parts
    }
}
