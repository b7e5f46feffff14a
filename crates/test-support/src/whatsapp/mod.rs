//! A stand-in for `WhatsApp`'s Cloud API: a real HTTP server that holds businesses to the documented limits
//! and signs the webhooks it sends.
//!
//! It knows what the product calls and refuses the rest as the Graph API refuses unknown objects. The
//! customer's side (writing, tapping, reading, opting out) is in [`FakeWhatsApp`]'s methods.

mod answer;
mod call;
mod customer;
mod deliver;
mod limits;
mod media;
mod send;
mod state;
mod status;
mod templates;
mod view;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::DefaultBodyLimit, routing::any};
use coxswain_domain::{SharedClock, SystemClock};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use uuid::Uuid;

pub use customer::{Customer, File};
pub use state::{Call, Message, Offer, Template};
pub use view::{ChatView, NumberView};

use crate::faults::Faults;
use state::{Number, State};

/// A business number at the double, with what it takes to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessNumber {
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// The `WhatsApp` Business Account it belongs to.
    pub business_account_id: String,
    /// Bearer token for both.
    pub access_token: String,
}

/// Where webhooks go, and how they are signed.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The address.
    pub url: String,
    /// The app's secret: the key of the signature.
    pub app_secret: String,
}

struct Shared {
    state: Mutex<State>,
    faults: Faults,
    clock: SharedClock,
    /// Counts changes, so that those who wait look again.
    changed: watch::Sender<u64>,
    http: reqwest::Client,
    /// The wait before the first retry of a webhook; it doubles from there.
    retry: Mutex<Duration>,
    /// Changes in one webhook, at most.
    batch: AtomicU64,
    /// Whether customers read at once what is delivered to them.
    reading: AtomicBool,
    base: String,
}

impl Shared {
    fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }
}

/// The running server. Dropping it closes the port.
pub struct FakeWhatsApp {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
    deliveries: JoinHandle<()>,
}

impl FakeWhatsApp {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_at(0, Arc::new(SystemClock)).await
    }

    /// Starts on this port of 127.0.0.1, dating messages by this clock.
    pub async fn start_at(port: u16, clock: SharedClock) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address: SocketAddr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            faults: Faults::default(),
            clock,
            changed: watch::Sender::new(0),
            http: reqwest::Client::new(),
            retry: Mutex::new(Duration::from_secs(2)),
            batch: AtomicU64::new(10),
            reading: AtomicBool::new(false),
            base: format!("http://{address}"),
        });
        let app = Router::new()
            .route("/{version}/{object}", any(call::object))
            .route("/{version}/{object}/{edge}", any(call::edge))
            .fallback(call::unknown)
            .layer(DefaultBodyLimit::max(100 << 20))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // It ends when its task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        let deliveries = tokio::spawn(deliver::work(Arc::clone(&shared)));
        Ok(Self { shared, server, deliveries })
    }

    /// The base URL, as `whatsapp.graph_url` takes it.
    pub fn url(&self) -> String {
        self.shared.base.clone()
    }

    /// What goes wrong on command.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// How long a webhook that failed waits first; twice as long each time.
    pub fn retry_after(&self, wait: Duration) {
        *self.shared.retry.lock() = wait;
    }

    /// How many changes one webhook carries at most.
    pub fn batch(&self, most: u64) {
        self.shared.batch.store(most.max(1), Ordering::Relaxed);
    }

    /// Whether customers read at once what is delivered to them.
    pub fn reading(&self, at_once: bool) {
        self.shared.reading.store(at_once, Ordering::Relaxed);
    }

    /// Counts what changes here, so that one can wait for it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state.lock().calls.clone()
    }

    /// Everything said between a number and a customer, oldest first.
    pub fn messages(&self, number: &str, customer: &str) -> Vec<Message> {
        let state = self.shared.state.lock();
        let chat = state.chats.get(&(number.to_owned(), customer.to_owned()));
        chat.map(|chat| chat.messages.clone()).unwrap_or_default()
    }

    /// Webhooks that are not taken yet.
    pub fn pending(&self) -> usize {
        let state = self.shared.state.lock();
        state.due.len() + state.in_flight.len()
    }

    /// Sends webhooks there from now on, without asking.
    pub fn set_callback(&self, callback: Callback) {
        self.shared.state.lock().callback = Some(callback);
        self.shared.touch();
    }

    /// Sends webhooks there from now on, if the address answers the challenge as Meta's dashboard wants it.
    pub async fn verify_callback(&self, callback: Callback, verify_token: &str) -> Result<(), String> {
        let challenge = Uuid::new_v4().as_u128().to_string();
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.verify_token", verify_token),
            ("hub.challenge", challenge.as_str()),
        ];
        let url = reqwest::Url::parse_with_params(&callback.url, query).map_err(|error| error.to_string())?;
        let answer = self.shared.http.get(url).send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| error.to_string())?;
        if status != 200 || body != challenge {
            return Err(format!("the callback answered {status} and not the challenge"));
        }
        self.set_callback(callback);
        Ok(())
    }

    /// Makes a business number in a business account of its own.
    pub fn add_number(&self, name: &str, display: &str) -> BusinessNumber {
        let mut state = self.shared.state.lock();
        let place = state.numbers.len() + 1;
        let number = BusinessNumber {
            phone_number_id: format!("{}", 106_540_000_000_000 + place),
            business_account_id: format!("{}", 102_290_000_000_000 + place),
            // The same after a restart, so that what was connected stays connected.
            access_token: format!("EAAG{}", hex::encode(Sha256::digest(display))),
        };
        let entry = Number {
            business: number.business_account_id.clone(),
            token: number.access_token.clone(),
            name: name.to_owned(),
            display: display.to_owned(),
        };
        state.numbers.insert(number.phone_number_id.clone(), entry);
        drop(state);
        self.shared.touch();
        number
    }

    /// Adds a message template to a business account, or replaces it.
    pub fn add_template(&self, business_account: &str, template: Template) {
        let mut state = self.shared.state.lock();
        let list = state.templates.entry(business_account.to_owned()).or_default();
        list.retain(|old| (&old.name, &old.language) != (&template.name, &template.language));
        list.push(template);
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

impl Drop for FakeWhatsApp {
    fn drop(&mut self) {
        self.server.abort();
        self.deliveries.abort();
    }
}
