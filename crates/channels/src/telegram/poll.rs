//! Long polling: for machines that Telegram cannot reach. One poller for each bot, whatever the nodes.

use std::{collections::HashMap, sync::Arc, time::Duration};

use coxswain_domain::{ChannelAccountId, SharedClock, channel::ChannelKind};
use coxswain_store::{
    Db, StoreError,
    connections::{self, Connection, ConnectionState, Credentials},
    jobs::Lease,
    work::Work,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use teloxide::Bot;
use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinSet},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Telegram,
    api::call,
    calls::{ALLOWED_UPDATES, GetUpdates},
    webhook::store,
};
use crate::road::messenger::{Code, Refusal};

/// How long Telegram may keep us waiting for the first update. It allows 50 seconds; proxies often less.
const WAIT: Duration = Duration::from_secs(25);
/// For the answer, the wait included.
const CALL: Duration = Duration::from_secs(35);
/// How long a bot stays ours without a sign of life, and how often we give one.
const LEASE: Duration = Duration::from_secs(15);
const RENEW: Duration = Duration::from_secs(5);
/// How often we look which bots there are, when nobody says that one changed.
const LOOK: Duration = Duration::from_secs(3);
/// Between two tries when something is wrong.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// So often another poller may be in our way before we give up: it may be one that is just stopping.
const CONFLICTS: u32 = 3;

/// Asks Telegram for the updates of every connected bot without a webhook. Cheap to clone.
#[derive(Clone)]
pub struct Poller(Arc<Inner>);

struct Inner {
    telegram: Telegram,
    db: Db,
    clock: SharedClock,
    work: Work,
    worker: Uuid,
    wake: Notify,
}

/// Why polling a bot ended or paused.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}", .0.detail)]
    Telegram(Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another node polls it now, or it is not connected any more.
    #[error("the lease was lost")]
    Lost,
}

/// A bot being polled.
struct Polled {
    credentials: Credentials,
    stop: CancellationToken,
    task: AbortHandle,
}

impl Poller {
    /// Keeps updates in `db` and wakes `work` for them.
    pub fn new(telegram: Telegram, db: Db, clock: SharedClock, work: Work) -> Self {
        let worker = work.lease().worker;
        Self(Arc::new(Inner { telegram, db, clock, work, worker, wake: Notify::new() }))
    }

    /// Looks at once which bots there are: one was connected, changed or removed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Polls until told to stop; then gives the bots back, for another node to take at once.
    pub async fn run(&self, stop: CancellationToken) {
        let mut polled: HashMap<ChannelAccountId, Polled> = HashMap::new();
        let mut tasks = JoinSet::new();
        loop {
            match self.0.bots().await {
                Ok(bots) => self.0.follow(bots, &mut polled, &mut tasks, &stop),
                Err(error) => tracing::error!(%error, "cannot see which bots to poll"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.0.wake.notified() => {}
                () = sleep(LOOK) => {}
            }
            polled.retain(|_, bot| !bot.task.is_finished());
            while tasks.try_join_next().is_some() {}
        }
        while tasks.join_next().await.is_some() {}
    }
}

impl Inner {
    async fn bots(&self) -> Result<Vec<Connection>, StoreError> {
        let mut tx = self.db.system_read().await?;
        let working = connections::working(&mut tx, ChannelKind::Telegram).await?;
        Ok(working.into_iter().filter(|connection| !connection.settings.webhook).collect())
    }

    /// Begins with bots that are new and ends those that are gone or have another token.
    fn follow(
        self: &Arc<Self>,
        bots: Vec<Connection>,
        polled: &mut HashMap<ChannelAccountId, Polled>,
        tasks: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        let wanted: HashMap<_, _> =
            bots.iter().map(|bot| (bot.channel_account_id, &bot.credentials)).collect();
        for (account, bot) in &*polled {
            if wanted.get(account) != Some(&&bot.credentials) {
                bot.stop.cancel();
            }
        }
        for connection in bots {
            let account = connection.channel_account_id;
            // One that is just ending stays in the map until it has; the next look begins it anew.
            polled.entry(account).or_insert_with(|| {
                let stop = stop.child_token();
                let (inner, credentials) = (Arc::clone(self), connection.credentials.clone());
                let task = tasks.spawn({
                    let stop = stop.clone();
                    async move { inner.see_to(&connection, &stop).await }
                });
                Polled { credentials, stop, task }
            });
        }
    }

    /// Polls one bot as long as it is ours.
    async fn see_to(&self, connection: &Connection, stop: &CancellationToken) {
        let account = connection.channel_account_id;
        tokio::select! {
            () = stop.cancelled() => {}
            ours = self.poll(connection) => if !ours {
                return;
            }
        }
        if let Err(error) = self.give_back(account).await {
            tracing::warn!(%account, %error, "a bot was not given back; its lease will run out");
        }
    }

    /// Polls until something is wrong that does not pass; whether the bot is still ours then.
    async fn poll(&self, connection: &Connection) -> bool {
        let account = connection.channel_account_id;
        let bot = match self.telegram.bot_of(connection) {
            Ok(bot) => bot,
            Err(refusal) => {
                tracing::error!(%account, ?refusal, "a bot cannot be polled");
                return false;
            }
        };
        let (mut pause, mut conflicts) = (FIRST_PAUSE, 0);
        loop {
            let trouble = match self.round(connection, &bot).await {
                Ok(()) => {
                    (pause, conflicts) = (FIRST_PAUSE, 0);
                    continue;
                }
                Err(Trouble::Lost) => return false,
                Err(trouble) => trouble,
            };
            if let Trouble::Telegram(refusal) = &trouble {
                conflicts += u32::from(refusal.code == Code::Telegram(409));
                if let Some((state, reason)) = verdict(refusal, conflicts) {
                    self.end(connection, state, &reason).await;
                    return true;
                }
                pause = refusal.retry_after.unwrap_or(pause);
            }
            tracing::warn!(%account, %trouble, ?pause, "polling a bot failed; trying again");
            if self.holding(account, sleep(pause)).await.is_err() {
                return false;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Asks once. Updates are durable before the next question, which lets Telegram forget them.
    async fn round(&self, connection: &Connection, bot: &Bot) -> Result<(), Trouble> {
        let account = connection.channel_account_id;
        let offset = self.claim(account).await?;
        let question =
            GetUpdates { offset, limit: 100, timeout: WAIT.as_secs(), allowed_updates: ALLOWED_UPDATES };
        let updates: Vec<Box<RawValue>> =
            self.holding(account, call(bot, &question, CALL)).await?.map_err(Trouble::Telegram)?;
        if updates.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.db.system().await?;
        for update in &updates {
            store(&mut tx, now, connection, update.get().as_bytes()).await?;
        }
        let Some(last) = updates.iter().filter_map(|update| update_id(update)).max() else {
            // Without an id nothing can be confirmed, and the same would come again and again at once.
            tx.commit().await?;
            let detail = "updates came without ids".to_owned();
            return Err(Trouble::Telegram(Refusal { code: Code::Ambiguous, detail, retry_after: None }));
        };
        if !connections::advance_updates(&mut tx, account, self.worker, last + 1).await? {
            return Err(Trouble::Lost);
        }
        tx.commit().await?;
        self.work.wake();
        Ok(())
    }

    /// Does something while holding on to the bot; given up when the bot is lost.
    async fn holding<T>(
        &self,
        account: ChannelAccountId,
        doing: impl Future<Output = T>,
    ) -> Result<T, Trouble> {
        let renew = async {
            loop {
                sleep(RENEW).await;
                match self.claim(account).await {
                    Ok(_) => {}
                    Err(Trouble::Lost) => return,
                    Err(error) => tracing::warn!(%account, %error, "a bot's lease was not renewed"),
                }
            }
        };
        tokio::select! {
            done = doing => Ok(done),
            () = renew => Err(Trouble::Lost),
        }
    }

    async fn claim(&self, account: ChannelAccountId) -> Result<i64, Trouble> {
        let length = chrono::Duration::from_std(LEASE).unwrap_or(chrono::Duration::MAX);
        let mut tx = self.db.system().await?;
        let lease = Lease { worker: self.worker, length };
        let next = connections::claim_poll(&mut tx, self.clock.now(), account, lease).await?;
        tx.commit().await?;
        next.ok_or(Trouble::Lost)
    }

    async fn give_back(&self, account: ChannelAccountId) -> Result<(), StoreError> {
        let mut tx = self.db.system().await?;
        connections::release_poll(&mut tx, account, self.worker).await?;
        tx.commit().await
    }

    /// Says in the connection's state why it is polled no more.
    async fn end(&self, connection: &Connection, state: ConnectionState, reason: &str) {
        let (creator, account) = (connection.creator_id, connection.channel_account_id);
        tracing::error!(%account, reason, "a bot is polled no more");
        let kept = async {
            let mut tx = self.db.write(creator).await?;
            let now = self.clock.now();
            connections::set_state(&mut tx, now, creator, account, state, Some(reason)).await?;
            tx.commit().await
        };
        if let Err(error) = kept.await {
            tracing::error!(%account, %error, "its state could not be kept");
        }
    }
}

/// Whether a refusal ends the polling, and what people read then.
fn verdict(refusal: &Refusal, conflicts: u32) -> Option<(ConnectionState, String)> {
    match refusal.code {
        Code::Telegram(401 | 404) => {
            Some((ConnectionState::Revoked, "Telegram does not know this token any more.".to_owned()))
        }
        Code::Telegram(409) if refusal.detail.contains("webhook") => Some((
            ConnectionState::Paused,
            "A webhook set by somebody else takes this bot's updates. Connect it again to take them back."
                .to_owned(),
        )),
        Code::Telegram(409) if conflicts >= CONFLICTS => Some((
            ConnectionState::Paused,
            "Another program asks for this bot's updates. Stop it, then connect the bot again.".to_owned(),
        )),
        _ => None,
    }
}

fn update_id(update: &RawValue) -> Option<i64> {
    #[derive(Deserialize)]
    struct Id {
        update_id: i64,
    }
    serde_json::from_str::<Id>(update.get()).ok().map(|id| id.update_id)
}
