//! Posting one event to one endpoint.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_store::webhooks::{Due, Target};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use tokio::time::Instant;
use url::Url;

use super::{
    address::{self, NotPublic, PublicOnly},
    backoff, sign,
};
use crate::fetch::address::is_public;

/// How long an endpoint may take, from the connection to the last byte we read.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections kept for the next event, and for how long.
const KEPT: usize = 8;
const KEPT_FOR: Duration = Duration::from_secs(30);
/// Bytes that are kept of what an endpoint says.
const ANSWER: usize = 1024;

/// What an endpoint answered.
#[derive(Clone, Debug)]
pub(super) struct Posted {
    /// Its HTTP status, if it answered.
    pub(super) status: Option<StatusCode>,
    /// How long it took.
    pub(super) milliseconds: i64,
    /// The beginning of what it said.
    pub(super) answer: Option<String>,
    /// Why it does not count as delivered.
    pub(super) error: Option<String>,
    /// The quiet it asks for.
    pub(super) quiet: Option<TimeDelta>,
}

impl Posted {
    /// Whether the endpoint wants no more of these, ever.
    pub(super) fn gone(&self) -> bool {
        self.status == Some(StatusCode::GONE)
    }
}

/// Posts events. Cheap to clone.
#[derive(Clone)]
pub(super) struct Poster {
    client: Client,
    private: bool,
    patience: Duration,
}

impl Poster {
    /// A poster; with `private`, for development, to addresses of this machine and its network too.
    pub(super) fn new(private: bool) -> reqwest::Result<Self> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { private }))
            .connect_timeout(PATIENCE)
            .pool_max_idle_per_host(KEPT)
            .pool_idle_timeout(KEPT_FOR)
            .user_agent(concat!("Coxswain/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, private, patience: PATIENCE })
    }

    /// Waits so long for an endpoint instead.
    pub(super) fn patient_for(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Posts one event, signed at `now`.
    pub(super) async fn post(&self, now: DateTime<Utc>, target: &Target, due: &Due) -> Posted {
        let begun = Instant::now();
        let answered = tokio::time::timeout(self.patience, self.ask(now, target, due)).await;
        let mut posted = answered.unwrap_or_else(|_| {
            failed(format!("The endpoint did not answer within {} seconds.", self.patience.as_secs_f32()))
        });
        posted.milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        posted
    }

    async fn ask(&self, now: DateTime<Utc>, target: &Target, due: &Due) -> Posted {
        // A literal address is never resolved, so it is checked here.
        let url = match Url::parse(&target.url) {
            Ok(url) if self.private || address::literal(&url).is_none_or(is_public) => url,
            Ok(_) => return failed(NotPublic.to_string()),
            Err(_) => return failed("The address cannot be read.".to_owned()),
        };
        let id = due.event_id.to_string();
        let secrets = target.secrets.iter().map(|secret| secret.secret.as_str());
        let signature = sign::signatures(secrets, &id, now.timestamp(), &due.payload);
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.timestamp())
            .header("webhook-signature", signature)
            .body(due.payload.clone());
        match request.send().await {
            Ok(response) => read(now, response).await,
            Err(error) => failed(describe(&error)),
        }
    }
}

fn failed(error: String) -> Posted {
    Posted { status: None, milliseconds: 0, answer: None, error: Some(error), quiet: None }
}

/// What a response means, and how it begins.
async fn read(now: DateTime<Utc>, mut response: Response) -> Posted {
    let status = response.status();
    let asked = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let quiet = asked
        .filter(|_| matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE))
        .and_then(|value| backoff::retry_after(now, value));
    let mut answer = Vec::new();
    // The status is what counts: an answer that breaks off takes nothing back.
    while let Ok(Some(chunk)) = response.chunk().await {
        answer.extend_from_slice(&chunk[..chunk.len().min(ANSWER - answer.len())]);
        if answer.len() == ANSWER {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer).replace('\0', "\u{FFFD}");
    let error = match status {
        _ if status.is_success() => None,
        _ if status.is_redirection() => {
            Some(format!("The endpoint answered {status}. Redirects are not followed."))
        }
        StatusCode::GONE => Some("The endpoint answered 410 Gone: it wants no more events.".to_owned()),
        _ => Some(format!("The endpoint answered {status}.")),
    };
    Posted {
        status: Some(status),
        milliseconds: 0,
        answer: Some(answer).filter(|answer| !answer.is_empty()),
        error,
        quiet,
    }
}

/// What went wrong on the way, for the creator: no more about our network than about theirs.
fn describe(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    if causes.clone().any(<dyn std::error::Error>::is::<NotPublic>) {
        return NotPublic.to_string();
    }
    if error.is_connect() {
        // The innermost cause is the one that says something: refused, no such name, a bad certificate.
        let cause = causes.last().map(ToString::to_string).unwrap_or_default();
        return format!("The endpoint could not be reached: {cause}.");
    }
    "The connection broke off before the endpoint answered.".to_owned()
}
