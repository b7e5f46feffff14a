//! A stand-in for Telegram's Bot API: a real HTTP server that holds bots to the documented limits.
//!
//! It knows what the product calls and answers "Not Found" to the rest. Private chats only. The person's
//! side (writing, tapping, blocking) is in [`FakeTelegram`]'s methods.

mod answer;
mod call;
mod deliver;
mod html;
mod media;
mod params;
mod person;
mod send;
mod state;
mod updates;
mod view;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{any, get},
};
use coxswain_domain::{SharedClock, SystemClock};
use parking_lot::Mutex;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use html::Entity;
pub use person::Attachment;
pub use state::{Button, Call, Draft, Message, WebhookInfo};
pub use view::{BotView, ChatView, PersonView};

use crate::faults::Faults;
use state::State;

/// A bot at the double, as its father hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotToken {
    /// Telegram's id of the bot.
    pub id: i64,
    /// What the bot authenticates with.
    pub token: String,
}

struct Shared {
    state: Mutex<State>,
    faults: Faults,
    clock: SharedClock,
    /// Counts changes, so that those who wait look again.
    changed: watch::Sender<u64>,
    http: reqwest::Client,
    /// The wait before the second retry of a webhook; it doubles from there.
    retry: Mutex<Duration>,
    closed: AtomicBool,
}

impl Shared {
    fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }
}

/// The running server. Dropping it closes the port.
pub struct FakeTelegram {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl FakeTelegram {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_at(0, Arc::new(SystemClock)).await
    }

    /// Starts on this port of 127.0.0.1, dating messages by this clock.
    pub async fn start_at(port: u16, clock: SharedClock) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            faults: Faults::default(),
            clock,
            changed: watch::Sender::new(0),
            http: reqwest::Client::new(),
            retry: Mutex::new(Duration::from_secs(2)),
            closed: AtomicBool::new(false),
        });
        let app = Router::new()
            .route("/{bot}/{method}", any(call::call))
            .route("/file/{bot}/{*path}", get(media::download))
            .fallback(call::unknown)
            .layer(DefaultBodyLimit::max(50 << 20))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // It ends when its task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, shared, server })
    }

    /// The base URL, as `telegram.api_url` takes it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What goes wrong on command.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// How long a webhook that failed twice waits; Telegram waits 2 s, and twice as long each time.
    pub fn retry_after(&self, wait: Duration) {
        *self.shared.retry.lock() = wait;
    }

    /// Counts what changes here, so that one can wait for it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state.lock().calls.clone()
    }

    /// Everything said between a bot and a person, oldest first.
    pub fn messages(&self, bot: i64, person: i64) -> Vec<Message> {
        let state = self.shared.state.lock();
        state.chats.get(&(bot, person)).map(|chat| chat.messages.clone()).unwrap_or_default()
    }

    /// The draft a person sees being written, if any.
    pub fn draft(&self, bot: i64, person: i64) -> Option<Draft> {
        self.shared.state.lock().chats.get(&(bot, person)).and_then(|chat| chat.draft.clone())
    }

    /// How the webhook of a bot stands; `None` without one.
    pub fn webhook(&self, bot: i64) -> Option<WebhookInfo> {
        let state = self.shared.state.lock();
        state.bots.get(&bot).and_then(|bot| bot.webhook.clone())
    }

    /// Updates of a bot that are not confirmed yet.
    pub fn pending(&self, bot: i64) -> usize {
        self.shared.state.lock().bots.get(&bot).map_or(0, |bot| bot.queue.len())
    }

    /// Waits until the double is as `done` wants it, at most so long; says whether it came to be.
    pub async fn wait_until(&self, limit: Duration, mut done: impl FnMut(&Self) -> bool) -> bool {
        let mut changed = self.changes();
        let waiting = async {
            while !done(self) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(limit, waiting).await.is_ok()
    }
}

impl Drop for FakeTelegram {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        self.server.abort();
    }
}
