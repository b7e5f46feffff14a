//! `WhatsApp` as the road sees it.

use async_trait::async_trait;
use coxswain_store::connections::{Connection, Credentials};

use super::{
    body, format,
    graph::{self, Graph},
    read,
    settings::WhatsappSettings,
    signature, sources, templates,
};
use crate::road::{
    arrival::Arrival,
    messenger::{Accepted, Address, Bucket, Code, Messenger, Part, Refusal, Unreadable},
    sources::Sources,
};

/// Messages a second that Meta lets a number send, before it is upgraded.
const NUMBER_RATE: f64 = 80.0;
/// One message to one person every six seconds, 45 of them ahead of time.
const PAIR_RATE: f64 = 1.0 / 6.0;
const PAIR_BURST: f64 = 45.0;
/// No limit of Meta's in itself: what it closes when it says that a business account calls too often.
const PORTFOLIO_RATE: f64 = 1_000.0;

/// The `WhatsApp` Business Cloud API.
#[derive(Clone, Debug)]
pub struct Whatsapp {
    pub(super) graph: Graph,
    settings: WhatsappSettings,
}

impl Whatsapp {
    /// Over the Graph API of these settings.
    ///
    /// # Errors
    /// When no TLS client can be made.
    pub fn new(settings: &WhatsappSettings) -> Result<Self, reqwest::Error> {
        Ok(Self { graph: Graph::new(settings)?, settings: settings.clone() })
    }

    /// What proves that a call with this token comes from our app, where its secret is known.
    pub(super) fn proof(&self, token: &str) -> Option<String> {
        signature::proof(&self.settings.app_secret, token)
    }

    async fn post(
        &self,
        connection: &Connection,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, Refusal> {
        let (token, _) = credentials(connection)?;
        self.graph.post(&format!("{}/messages", path_segment(&connection.provider_id)?), token, body).await
    }
}

/// The token and the business account of a connection.
pub(super) fn credentials(connection: &Connection) -> Result<(&str, &str), Refusal> {
    match &connection.credentials {
        Credentials::Whatsapp { access_token, business_account_id } => {
            Ok((access_token, business_account_id))
        }
        Credentials::Telegram { .. } => Err(graph::unreachable("the connection is not one of WhatsApp")),
    }
}

/// An id as part of an address. Meta's are digits; nothing else gets into a path.
pub(super) fn path_segment(id: &str) -> Result<&str, Refusal> {
    let is_plain =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    is_plain.then_some(id).ok_or_else(|| Refusal {
        code: Code::Meta(100),
        detail: "the id is not one of Meta's".into(),
        retry_after: None,
    })
}

#[async_trait]
impl Messenger for Whatsapp {
    fn read(&self, _connection: &Connection, raw: &[u8]) -> Result<Arrival, Unreadable> {
        read::read(raw)
    }

    fn parts(&self, text: &str, sources: Option<&Sources>) -> Vec<String> {
        let text = format::render(text);
        vec![sources.map(|sources| sources::below(&text, sources)).unwrap_or(text)]
    }

    async fn send(&self, connection: &Connection, to: &Address, part: &Part) -> Result<Accepted, Refusal> {
        if let Some(template) = &part.template {
            templates::check(template, None).map_err(|wrong| Refusal {
                code: Code::Meta(wrong.code()),
                detail: wrong.to_string(),
                retry_after: None,
            })?;
        }
        let answer = self.post(connection, &body::message(to, part)).await?;
        let message_id = answer["messages"][0]["id"].as_str().map(str::to_owned);
        message_id
            .map(|message_id| Accepted { message_id })
            .ok_or_else(|| graph::ambiguous("the answer holds no id of the message"))
    }

    async fn typing(&self, connection: &Connection, to: &Address) {
        let Some(message_id) = &to.last_message_id else { return };
        if let Err(refusal) = self.post(connection, &body::typing(message_id)).await {
            tracing::debug!(account = %connection.channel_account_id, code = ?refusal.code, "typing could not be shown");
        }
    }

    async fn fetch(&self, connection: &Connection, file: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
        let (token, _) = credentials(connection)?;
        let query = [("phone_number_id", connection.provider_id.as_str())];
        let found = self.graph.get(path_segment(file)?, &query, token).await?;
        if found["file_size"].as_u64().is_some_and(|size| size > limit) {
            return Err(graph::too_large(limit));
        }
        let url = found["url"].as_str().and_then(|url| reqwest::Url::parse(url).ok());
        // The token goes with the request, so it must not go to just anybody.
        let url = url.filter(|url| self.graph.is_own(url) || is_metas(url)).ok_or_else(|| Refusal {
            code: Code::Meta(131_052),
            detail: "the file's address is not one of Meta's".into(),
            retry_after: None,
        })?;
        self.graph.bytes(url, token, limit).await
    }

    fn buckets(&self, connection: &Connection, to: &Address) -> Vec<Bucket> {
        let number = &connection.provider_id;
        let portfolio = credentials(connection).map(|(_, business_account_id)| Bucket {
            key: format!("wa:portfolio:{business_account_id}"),
            rate: PORTFOLIO_RATE,
            burst: PORTFOLIO_RATE,
        });
        let number_bucket =
            Bucket { key: format!("wa:number:{number}"), rate: NUMBER_RATE, burst: NUMBER_RATE };
        let pair =
            Bucket { key: format!("wa:pair:{number}:{}", to.user), rate: PAIR_RATE, burst: PAIR_BURST };
        [number_bucket, pair].into_iter().chain(portfolio).collect()
    }
}

/// Hosts Meta serves media from.
fn is_metas(url: &reqwest::Url) -> bool {
    let hosts = ["fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net"];
    url.scheme() == "https"
        && url.host_str().is_some_and(|host| {
            hosts
                .iter()
                .any(|own| host == *own || host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_fetched_from_meta_only() {
        let metas = |url: &str| is_metas(&reqwest::Url::parse(url).unwrap());
        assert!(metas("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"));
        assert!(!metas("http://lookaside.fbsbx.com/"));
        assert!(!metas("https://fbsbx.com.evil.example/"));
        assert!(!metas("https://evilfbsbx.com/"));
    }
}
