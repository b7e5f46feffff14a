//! Coaches with messenger accounts, and the road's jobs done one at a time, by the test's own clock.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_channels::road::{
    Jitter, Messengers, Road, RoadParts, RoadSettings,
    arrival::{Arrival, Content, Reached, Sender, Status},
    messenger::{Messenger, Refusal},
};
use coxswain_domain::{
    ChannelAccountId, Clock, ConversationId, CreatorId, InboxId, MessageId, TurnId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
    conversation::{Author, Message, MessageStatus},
    fakes::ManualClock,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    conversations::{self, NewMessage},
    files::Files,
    identities::{self, Contact},
    inbox,
    jobs::{self, Job, Lease},
    live::Live,
    outbox::{self, Delivery},
    page::Page,
    work::{Handler, JobError},
};
use coxswain_test_support::seed::{Coach, at};
use tempfile::TempDir;
use uuid::Uuid;

use super::carrier::Carrier;
use crate::engine::Engine;

pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) carrier: Carrier,
    pub(crate) engine: Engine,
    handlers: Vec<Arc<dyn Handler>>,
    worker: Uuid,
    media: TempDir,
}

/// One messenger account of a coach.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) creator: CreatorId,
    pub(crate) id: ChannelAccountId,
}

impl World {
    pub(crate) async fn new(db: &Db) -> Result<Self> {
        Self::paced(db, RoadSettings { burst_quiet: Duration::ZERO, ..RoadSettings::default() }).await
    }

    pub(crate) async fn paced(db: &Db, settings: RoadSettings) -> Result<Self> {
        let carrier = Carrier::default();
        let carriers = [ChannelKind::Telegram, ChannelKind::Whatsapp];
        let messengers = carriers
            .into_iter()
            .map(|kind| (kind, Arc::new(carrier.clone()) as Arc<dyn Messenger>))
            .collect();
        let world = Self::over(db, Arc::new(ManualClock::at(at(NOW))), messengers, settings).await?;
        Ok(Self { carrier, ..world })
    }

    /// With real adapters, or whatever else carries messages.
    pub(crate) async fn over(
        db: &Db,
        clock: Arc<ManualClock>,
        messengers: Messengers,
        settings: RoadSettings,
    ) -> Result<Self> {
        let live = Live::default();
        let engine = Engine::new(db.clone(), clock.clone(), live.clone());
        let media = tempfile::tempdir()?;
        let road = Road::new(RoadParts {
            db: db.clone(),
            clock: clock.clone(),
            live,
            media: Files::open(media.path()).await?,
            messengers,
            settings,
            jitter: Jitter::seeded(1),
        });
        let mut handlers = road.handlers();
        handlers.push(Arc::new(engine.clone()));
        let carrier = Carrier::default();
        Ok(Self { db: db.clone(), clock, carrier, engine, handlers, worker: Uuid::new_v4(), media })
    }

    /// The path clients' files are kept under.
    pub(crate) fn media(&self) -> &std::path::Path {
        self.media.path()
    }

    /// A coach of their own with one account.
    pub(crate) async fn account(&self, kind: ChannelKind) -> Result<Account> {
        let coach = Coach::new(&self.db, self.clock.now(), CreatorSettings::default()).await?;
        self.account_of(coach.id, kind, ConnectionSettings::default()).await
    }

    /// One more account of a coach.
    pub(crate) async fn account_of(
        &self,
        creator: CreatorId,
        kind: ChannelKind,
        settings: ConnectionSettings,
    ) -> Result<Account> {
        let id = ChannelAccountId::new(self.clock.now());
        let credentials = Credentials::Telegram { token: format!("token-{id}"), webhook_secret: "s".into() };
        self.connected(creator, (id, kind), settings, (id.to_string(), credentials)).await
    }

    /// As [`World::account_of`], with what the provider knows it by.
    pub(crate) async fn connected(
        &self,
        creator: CreatorId,
        (id, kind): (ChannelAccountId, ChannelKind),
        settings: ConnectionSettings,
        (provider_id, credentials): (String, Credentials),
    ) -> Result<Account> {
        let now = self.clock.now();
        let account = ChannelAccount {
            id,
            creator_id: creator,
            kind,
            name: "Messenger".into(),
            public_key: format!("cxm_{id}"),
            enabled: true,
            settings: WidgetSettings::default(),
            version: 1,
            created_at: now,
        };
        let connection = Connection {
            channel_account_id: id,
            creator_id: creator,
            kind,
            provider_id,
            handle: "bot".into(),
            credentials,
            settings,
            state: ConnectionState::Connected,
            state_reason: None,
            next_update: 0,
            checked_at: now,
        };
        let mut tx = self.db.write(creator).await?;
        channel_accounts::insert(&mut tx, &account).await?;
        connections::insert(&mut tx, &connection).await?;
        tx.commit().await?;
        Ok(Account { creator, id })
    }

    /// Something arrives under the provider's id for it. `None`: it came before.
    pub(crate) async fn arrives(
        &self,
        account: &Account,
        user: &str,
        id: &str,
        content: Content,
    ) -> Result<Option<InboxId>> {
        let sender = Sender { id: user.into(), name: Some("Kim".into()), ..Sender::default() };
        let arrival = Arrival { sender, sent_at: self.clock.now(), message_id: Some(id.into()), content };
        self.comes(account, id, arrival).await
    }

    /// As [`World::arrives`], with everything the test's own.
    pub(crate) async fn comes(
        &self,
        account: &Account,
        id: &str,
        arrival: Arrival,
    ) -> Result<Option<InboxId>> {
        let raw = format!("{}:{id}", account.id);
        let sender = arrival.sender.id.clone();
        self.carrier.knows(raw.as_bytes(), arrival);
        self.raw(account, &sender, id, raw.as_bytes()).await
    }

    /// Bytes arrive.
    pub(crate) async fn raw(
        &self,
        account: &Account,
        sender: &str,
        id: &str,
        raw: &[u8],
    ) -> Result<Option<InboxId>> {
        let now = self.clock.now();
        let new = inbox::New {
            creator: account.creator,
            account: account.id,
            provider_message_id: id,
            sender,
            sent_at: Some(now),
            raw,
        };
        let mut tx = self.db.write(account.creator).await?;
        let id = inbox::receive(&mut tx, now, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A client writes.
    pub(crate) async fn says(&self, account: &Account, user: &str, id: &str, text: &str) -> Result<()> {
        self.arrives(account, user, id, Content::Text(text.into())).await?;
        Ok(())
    }

    /// The provider tells how far a message has come.
    pub(crate) async fn reports(
        &self,
        account: &Account,
        message_id: &str,
        opaque: Option<String>,
        reached: Reached,
        refusal: Option<Refusal>,
    ) -> Result<()> {
        let status = Status { message_id: message_id.into(), opaque, reached, refusal, pricing: None };
        let id = format!("status:{message_id}:{reached:?}");
        let sender = Sender::default();
        let arrival =
            Arrival { sender, sent_at: self.clock.now(), message_id: None, content: Content::Status(status) };
        self.comes(account, &id, arrival).await?;
        self.settle().await
    }

    /// Does one due job of any kind. False: none is due.
    pub(crate) async fn work_once(&self) -> Result<bool> {
        for handler in &self.handlers {
            if let Some(job) = self.claim(handler.kind()).await? {
                self.see_through(&**handler, job).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Does everything that is due now, and what follows from it.
    pub(crate) async fn settle(&self) -> Result<()> {
        for _ in 0..10_000 {
            if !self.work_once().await? {
                return Ok(());
            }
        }
        anyhow::bail!("there is always something due")
    }

    /// Moves the clock, and does what is due then.
    pub(crate) async fn pass(&self, step: TimeDelta) -> Result<()> {
        self.clock.advance(step);
        self.settle().await
    }

    /// Moves the clock in small steps: what is put off is looked at again and again.
    pub(crate) async fn wait(&self, whole: TimeDelta) -> Result<()> {
        let step = (whole / 20).max(TimeDelta::milliseconds(50));
        let end = self.clock.now() + whole;
        while self.clock.now() < end {
            self.pass(step).await?;
        }
        Ok(())
    }

    /// The handler of a kind of job.
    pub(crate) fn handler(&self, kind: &str) -> Result<Arc<dyn Handler>> {
        let found = self.handlers.iter().find(|handler| handler.kind() == kind);
        found.map(Arc::clone).context("no such handler")
    }

    pub(crate) fn worker(&self) -> Uuid {
        self.worker
    }

    pub(crate) async fn claim(&self, kind: &str) -> Result<Option<Job>> {
        let lease = Lease { worker: self.worker, length: TimeDelta::seconds(30) };
        let mut tx = self.db.system().await?;
        let job = jobs::claim(&mut tx, self.clock.now(), kind, lease).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// As a worker does.
    async fn see_through(&self, handler: &dyn Handler, job: Job) -> Result<()> {
        let error = match handler.run(&job, self.worker).await {
            Ok(()) | Err(JobError::Lost) => return Ok(()),
            Err(error) => error,
        };
        let text = error.to_string();
        let last = matches!(error, JobError::Fail(_)) || job.attempts >= job.max_attempts;
        if last {
            handler.gave_up(&job, &text).await?;
        }
        let now = self.clock.now();
        let mut tx = self.db.system().await?;
        if last {
            jobs::bury(&mut tx, now, job.id, self.worker, &text).await?;
        } else {
            jobs::retry(&mut tx, job.id, self.worker, now + TimeDelta::seconds(2), &text).await?;
        }
        Ok(tx.commit().await?)
    }

    /// How a user can be reached.
    pub(crate) async fn contact(&self, account: &Account, user: &str) -> Result<Contact> {
        let mut tx = self.db.read(account.creator).await?;
        let identity = identities::by_name(&mut tx, account.creator, account.id, user).await?;
        let identity = identity.context("nobody of that name")?;
        identities::contact(&mut tx, account.creator, identity.id).await?.context("no contact")
    }

    pub(crate) async fn conversation(&self, account: &Account, user: &str) -> Result<ConversationId> {
        self.contact(account, user).await?.conversation.context("no conversation")
    }

    /// What was said with a user: who, and what.
    pub(crate) async fn talk(&self, account: &Account, user: &str) -> Result<Vec<(Author, String)>> {
        let conversation = self.conversation(account, user).await?;
        let mut tx = self.db.read(account.creator).await?;
        let all =
            conversations::list_messages(&mut tx, account.creator, conversation, i64::MAX, 1000).await?;
        Ok(all.into_iter().map(|(_, message)| (message.author, message.text)).collect())
    }

    /// The outbox with a user, in order.
    pub(crate) async fn parts(&self, account: &Account, user: &str) -> Result<Vec<Delivery>> {
        let conversation = self.conversation(account, user).await?;
        let mut tx = self.db.read(account.creator).await?;
        let mut parts = outbox::of_conversation(&mut tx, account.creator, conversation, 1000).await?;
        parts.sort_by_key(|part| (part.created_at, part.message_id.0, part.part));
        Ok(parts)
    }

    /// The last part for a user.
    pub(crate) async fn part(&self, account: &Account, user: &str) -> Result<Delivery> {
        self.parts(account, user).await?.pop().context("nothing was posted")
    }

    /// A coach or a check-in writes to a user.
    pub(crate) async fn writes(
        &self,
        account: &Account,
        user: &str,
        author: Author,
        text: &str,
    ) -> Result<MessageId> {
        let conversation = self.conversation(account, user).await?;
        let now = self.clock.now();
        let new = NewMessage {
            conversation,
            turn: TurnId::new(now),
            author,
            text,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        let mut tx = self.db.write(account.creator).await?;
        let (_, message): (_, Message) =
            conversations::add_message(&mut tx, now, account.creator, new).await?;
        tx.commit().await?;
        Ok(message.id)
    }

    pub(crate) async fn connection(&self, account: &Account) -> Result<Connection> {
        let mut tx = self.db.read(account.creator).await?;
        connections::get(&mut tx, account.creator, account.id).await?.context("no connection")
    }

    pub(crate) async fn set_state(&self, account: &Account, state: ConnectionState) -> Result<()> {
        let mut tx = self.db.write(account.creator).await?;
        connections::set_state(&mut tx, self.clock.now(), account.creator, account.id, state, None).await?;
        Ok(tx.commit().await?)
    }

    /// The inbox rows of an account, oldest first.
    pub(crate) async fn inbox(&self, account: &Account) -> Result<Vec<inbox::Received>> {
        let mut tx = self.db.read(account.creator).await?;
        let mut rows =
            inbox::list(&mut tx, account.creator, Some(account.id), None, Page { limit: 100, after: None })
                .await?
                .items;
        rows.sort_by_key(|row| row.id.0);
        Ok(rows)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
