//! Somebody who takes webhooks and remembers them.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    routing::any,
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

/// One webhook as it came.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) status: u16,
}

impl Taken {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.raw).expect("webhooks are JSON")
    }
}

#[derive(Default)]
struct Seen {
    taken: Vec<Taken>,
    /// Statuses to answer with; 200 when none is left.
    answers: VecDeque<u16>,
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
    changed: watch::Receiver<usize>,
}

type Shared = (Arc<Mutex<Seen>>, watch::Sender<usize>, &'static str);

impl Receiver {
    /// Answers these statuses first, and the challenge of a verification by this token.
    pub(crate) async fn start(answers: &[u16], verify_token: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let seen =
            Arc::new(Mutex::new(Seen { answers: answers.iter().copied().collect(), ..Seen::default() }));
        let (sender, changed) = watch::channel(0);
        let app =
            Router::new().route("/hook", any(take)).with_state((Arc::clone(&seen), sender, verify_token));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen, changed }
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.seen.lock().taken.clone()
    }

    /// Waits for so many webhooks, refused ones among them.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Taken> {
        let mut changed = self.changed.clone();
        let waiting = changed.wait_for(|&seen| seen >= count);
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it comes").expect("it runs");
        self.taken()
    }
}

async fn take(
    State((seen, changed, verify_token)): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    raw: Bytes,
) -> (StatusCode, String) {
    if let Some(query) = query.filter(|_| raw.is_empty()) {
        let field = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
        };
        let right = field("hub.verify_token").as_deref() == Some(verify_token);
        let status = if right { StatusCode::OK } else { StatusCode::FORBIDDEN };
        return (status, field("hub.challenge").unwrap_or_default());
    }
    let status = {
        let mut seen = seen.lock();
        let status = seen.answers.pop_front().unwrap_or(200);
        seen.taken.push(Taken { headers, raw, status });
        status
    };
    changed.send_modify(|count| *count += 1);
    (StatusCode::from_u16(status).expect("a status"), String::new())
}
