//! Calls of the Graph API, and what its answers mean. Neither tokens nor addresses get into errors or logs.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, header::RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;

use super::{
    settings::WhatsappSettings,
    tolerant::{Maybe, Several},
    types::Fault,
};
use crate::road::messenger::{Code, Refusal};

/// Longest wait for a connection, and for a whole answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);

/// Longest answer that is read, in bytes.
const ANSWER_AT_MOST: u64 = 1 << 20;

/// Most pages of a list that are fetched.
const PAGES_AT_MOST: usize = 50;

/// The Graph API.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    client: Client,
    base: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failed {
    error: Maybe<Fault>,
    errors: Several<Fault>,
}

impl Graph {
    pub(super) fn new(settings: &WhatsappSettings) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // A redirect could carry the token elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            // Meta's file hosts answer nobody who does not say who they are.
            .user_agent(concat!("coxswain/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let base =
            format!("{}/{}", settings.graph_url.trim_end_matches('/'), settings.version.trim_matches('/'));
        Ok(Self { client, base })
    }

    /// The address of something, as in `PHONE_NUMBER_ID/messages`.
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// Whether an address is on the Graph API's own host.
    pub(super) fn is_own(&self, url: &reqwest::Url) -> bool {
        reqwest::Url::parse(&self.base).is_ok_and(|own| own.origin() == url.origin())
    }

    pub(super) async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, Refusal> {
        answer(self.client.post(self.url(path)).json(body), token).await
    }

    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        token: &str,
    ) -> Result<Value, Refusal> {
        let mut url = reqwest::Url::parse(&self.url(path))
            .map_err(|_| unreachable("the address of the Graph API cannot be used"))?;
        url.query_pairs_mut().extend_pairs(query);
        answer(self.client.get(url), token).await
    }

    /// Every element of a list, page by page. The cursor is followed, never an address that came with a page.
    pub(super) async fn all(&self, path: &str, fields: &str, token: &str) -> Result<Vec<Value>, Refusal> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES_AT_MOST {
            let mut query = vec![("fields", fields), ("limit", "100")];
            query.extend(after.as_deref().map(|cursor| ("after", cursor)));
            let mut page = self.get(path, &query, token).await?;
            if let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) {
                all.extend(data);
            }
            let paging = &page["paging"];
            after =
                paging["cursors"]["after"].as_str().filter(|_| paging["next"].is_string()).map(str::to_owned);
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// The bytes behind an address, at most `limit`.
    pub(super) async fn bytes(&self, url: reqwest::Url, token: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
        let response = self.client.get(url).bearer_auth(token).send().await.map_err(|error| broke(&error))?;
        if !response.status().is_success() {
            return Err(Refusal {
                code: Code::Http(response.status().as_u16()),
                detail: "the file could not be fetched".into(),
                retry_after: retry_after(&response),
            });
        }
        read(response, limit).await
    }
}

/// Sends a request and reads its answer as JSON.
async fn answer(request: RequestBuilder, token: &str) -> Result<Value, Refusal> {
    let response = request.bearer_auth(token).send().await.map_err(|error| broke(&error))?;
    let status = response.status();
    let retry_after = retry_after(&response);
    let body = read(response, ANSWER_AT_MOST).await;
    let json = body.as_ref().ok().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let failed: Failed = json.clone().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default();
    // An error counts wherever it stands: some come with status 200.
    if let Some(fault) = failed.error.as_ref().or(failed.errors.first()) {
        let code = match fault.code.number() {
            Some(code) => Code::Meta(code),
            None if status.is_success() => Code::Ambiguous,
            None => Code::Http(status.as_u16()),
        };
        return Err(Refusal { code, detail: without(token, fault.words()), retry_after });
    }
    match json {
        Some(json) if status.is_success() => Ok(json),
        _ if status.is_success() => Err(ambiguous("the answer could not be read")),
        _ => {
            let detail = format!("Meta answered {status} without a reason");
            Err(Refusal { code: Code::Http(status.as_u16()), detail, retry_after })
        }
    }
}

async fn read(mut response: Response, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broke(&error))? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A file larger than allowed: asking again would not help.
pub(super) fn too_large(limit: u64) -> Refusal {
    Refusal { code: Code::Http(413), detail: format!("it is larger than {limit} bytes"), retry_after: None }
}

/// It may have been done, or not.
pub(super) fn ambiguous(detail: &str) -> Refusal {
    Refusal { code: Code::Ambiguous, detail: detail.to_owned(), retry_after: None }
}

/// It surely was not done.
pub(super) fn unreachable(detail: &str) -> Refusal {
    Refusal { code: Code::Unreachable, detail: detail.to_owned(), retry_after: None }
}

/// What a broken call means. The error itself is not shown: its text holds the address.
fn broke(error: &reqwest::Error) -> Refusal {
    if error.is_connect() {
        unreachable("Meta could not be reached")
    } else if error.is_builder() {
        unreachable("the request could not be made")
    } else if error.is_timeout() {
        ambiguous("Meta did not answer in time")
    } else {
        ambiguous("the connection broke off")
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Meta repeats a token it cannot read.
fn without(token: &str, words: &str) -> String {
    let hidden = if token.is_empty() { words.to_owned() } else { words.replace(token, "(token)") };
    let words = hidden.split(' ').map(|word| {
        let looks_like_a_token = word.len() > 20 && word.starts_with("EAA");
        if looks_like_a_token { "(token)" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
