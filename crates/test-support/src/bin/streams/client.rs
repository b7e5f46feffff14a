//! One client of a widget, with their stream open.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures::StreamExt;
use parking_lot::Mutex;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::timeout};
use uuid::Uuid;

/// Clients behind one address.
const NEIGHBOURS: usize = 10;
/// Tries to be let in, where many come at once.
const TRIES: u32 = 120;

/// How long after it was sent what became of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timings {
    /// The server had taken it in.
    pub(crate) taken: Option<Duration>,
    /// The stream showed it.
    pub(crate) own: Option<Duration>,
    /// The stream showed that it is being answered.
    pub(crate) begun: Option<Duration>,
    /// The stream showed the first words of the answer.
    pub(crate) words: Option<Duration>,
    /// The stream showed the whole answer.
    pub(crate) finished: Option<Duration>,
}

/// What was said last, and what the stream has shown of it.
struct Said {
    text: String,
    at: Instant,
    timings: Timings,
}

/// What the stream's reader shares with who speaks.
#[derive(Default)]
struct Seen {
    said: Mutex<Option<Said>>,
    finished: Notify,
    ended: AtomicBool,
}

/// One client.
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
    seen: Arc<Seen>,
}

impl Client {
    /// Begins a session and opens its stream.
    pub(crate) async fn open(url: &str, key: &str, number: usize) -> anyhow::Result<Self> {
        let house = u32::try_from(number / NEIGHBOURS)? + 1;
        let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 0)) + house);
        let http = reqwest::Client::builder().local_address(IpAddr::V4(address)).build()?;
        let begin = || {
            let body = json!({ "time_zone": "Europe/Berlin", "locale": "en" });
            http.post(format!("{url}/w/{key}/sessions")).header("Sec-Fetch-Site", "same-origin").json(&body)
        };
        let session: Value = patiently(begin).await?.json().await?;
        let token = session["token"].as_str().context("a session has a token")?.to_owned();
        let stream = patiently(|| http.get(format!("{url}/w/events")).bearer_auth(&token)).await?;
        let seen = Arc::<Seen>::default();
        tokio::spawn(read(stream, Arc::clone(&seen)));
        Ok(Self { http, url: url.to_owned(), token, seen })
    }

    /// Says something and waits for the answer, so long.
    pub(crate) async fn say(&self, text: &str, patience: Duration) -> Timings {
        let at = Instant::now();
        *self.seen.said.lock() = Some(Said { text: text.to_owned(), at, timings: Timings::default() });
        let body = json!({ "text": text, "client_message_id": Uuid::new_v4() });
        let request = self.http.post(format!("{}/w/messages", self.url)).bearer_auth(&self.token);
        let sent = request.header("Sec-Fetch-Site", "same-origin").json(&body).send().await;
        let taken = sent.is_ok_and(|answer| answer.status() == StatusCode::ACCEPTED).then(|| at.elapsed());
        if taken.is_some() {
            // Too late is told by what is missing.
            let _ = timeout(patience, self.seen.finished.notified()).await;
        }
        let said = self.seen.said.lock().take();
        Timings { taken, ..said.map_or_else(Timings::default, |said| said.timings) }
    }

    /// Whether the stream ended.
    pub(crate) fn ended(&self) -> bool {
        self.seen.ended.load(Ordering::Relaxed)
    }
}

/// Asks until the server has time for us.
async fn patiently(request: impl Fn() -> reqwest::RequestBuilder) -> anyhow::Result<Response> {
    for _ in 0..TRIES {
        let response = request().send().await?;
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            ensure!(response.status().is_success(), "{}", response.text().await?);
            return Ok(response);
        }
        let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
    }
    anyhow::bail!("the server has no time for so many")
}

async fn read(stream: Response, seen: Arc<Seen>) {
    let mut chunks = stream.bytes_stream();
    let mut rest = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<u8> = rest.drain(..end + 2).collect();
            seen.event(&String::from_utf8_lossy(&frame));
        }
    }
    seen.ended.store(true, Ordering::Relaxed);
}

impl Seen {
    fn event(&self, frame: &str) {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        let mut said = self.said.lock();
        let (Some(said), Some(name)) = (said.as_mut(), field("event: ")) else { return };
        let data: Value =
            field("data: ").and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
        let (took, timings) = (said.at.elapsed(), &mut said.timings);
        let words = data["text"].as_str().unwrap_or_default();
        match (name, data["author"].as_str()) {
            ("message", Some("client")) if words == said.text => timings.own = Some(took),
            ("message", Some("engine")) if timings.own.is_some() => {
                timings.begun.get_or_insert(took);
                if !words.is_empty() {
                    timings.words.get_or_insert(took);
                }
                if data["status"] != "streaming" {
                    timings.finished = Some(took);
                    self.finished.notify_one();
                }
            }
            ("delta", _) => {
                timings.words.get_or_insert(took);
            }
            _ => {}
        }
    }
}
