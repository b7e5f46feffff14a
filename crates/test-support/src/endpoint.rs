//! An integrator's endpoint: takes what is posted to it, checks its signature, and answers as it is told.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use serde_json::Value;
use sha2::Sha256;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// How one request is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, `Location` and the like.
    pub headers: Vec<(&'static str, String)>,
    /// What it says.
    pub body: String,
    /// How long it takes.
    pub after: Duration,
}

impl Answer {
    /// This status, at once, with nothing to say.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), after: Duration::ZERO }
    }

    /// With this header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Saying this.
    #[must_use]
    pub fn saying(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// After so long.
    #[must_use]
    pub fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

/// What was posted.
#[derive(Clone, Debug)]
pub struct Received {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, in Unix seconds.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, byte for byte.
    pub body: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Whether one of the signatures was made with this secret, checked as a receiver would.
    pub fn signed_with(&self, secret: &str) -> Result<bool> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").context("a webhook's secret")?)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        Ok(self.signature.split(' ').any(|signature| signature == expected))
    }
}

struct Inner {
    received: Mutex<Vec<Received>>,
    next: Mutex<VecDeque<Answer>>,
    always: Mutex<Answer>,
    changed: watch::Sender<usize>,
}

/// A running endpoint, gone when dropped.
pub struct Endpoint {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Endpoint {
    /// Starts an endpoint that answers 204.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner {
            received: Mutex::default(),
            next: Mutex::default(),
            always: Mutex::new(Answer::status(204)),
            changed: watch::channel(0).0,
        });
        let app = Router::new().route("/hooks", post(take)).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            // It runs until it is dropped.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, inner, task })
    }

    /// Where to post.
    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// The next request is answered so; several are kept in their order.
    pub fn next(&self, answer: Answer) {
        self.inner.next.lock().push_back(answer);
    }

    /// Every other request is answered so.
    pub fn always(&self, answer: Answer) {
        *self.inner.always.lock() = answer;
    }

    /// What was posted, the oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.inner.received.lock().clone()
    }

    /// Waits until so many requests came.
    pub async fn until(&self, count: usize) -> Result<Vec<Received>> {
        let mut changes = self.inner.changed.subscribe();
        tokio::time::timeout(Duration::from_mins(1), changes.wait_for(|now| *now >= count))
            .await
            .with_context(|| format!("{} of {count} requests came", self.received().len()))??;
        let received = self.received();
        ensure!(received.len() >= count, "they are kept before they are counted");
        Ok(received)
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let received = Received {
        id: text("webhook-id").to_owned(),
        timestamp: text("webhook-timestamp").parse().unwrap_or_default(),
        signature: text("webhook-signature").to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let answer = inner.next.lock().pop_front().unwrap_or_else(|| inner.always.lock().clone());
    inner.received.lock().push(received);
    inner.changed.send_modify(|count| *count += 1);
    tokio::time::sleep(answer.after).await;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_else(|_| {
        let mut broken = Response::new(Body::from("the test asked for an impossible answer"));
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}
