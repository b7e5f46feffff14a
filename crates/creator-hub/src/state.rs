//! What the endpoints stand on.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use coxswain_domain::SharedClock;
use coxswain_store::{Db, files::Files, live::Live, progress::Progress, throttle::Policy, work::Work};
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::api::live::{SocketLimits, Sockets};
use crate::{
    auth::{TokenKeys, caller::Callers, password::Passwords},
    messengers::Messengers,
    suggest::Suggest,
};

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works.
    Ok,
    /// It works, but not as well as it could.
    Degraded,
    /// It does not work.
    Down,
}

/// One part of the system and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Component {
    /// `database`, `index`, `embedding`, `model`, `parser` or `widget`.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// A sentence for the creator.
    pub detail: String,
    /// What to do about it, if anything.
    pub action: Option<String>,
}

/// What writes the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChatModelStatus {
    /// `ollama`, or `extractive` where no model is used.
    pub provider: String,
    /// The model server's address.
    pub url: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How it is.
    pub status: Status,
    /// A sentence for the creator.
    pub detail: String,
    /// What to do about it, if anything.
    pub action: Option<String>,
}

/// What finds the passages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EmbeddingStatus {
    /// The model.
    pub model: String,
    /// Components per vector.
    pub dimension: u32,
    /// How it is.
    pub status: Status,
}

/// How the parts outside this crate are: the server knows them.
#[async_trait]
pub trait HealthSource: Send + Sync + 'static {
    /// Every part, as last checked; must not wait for a slow one.
    async fn components(&self) -> Vec<Component>;
    /// The models in use.
    async fn models(&self) -> (ChatModelStatus, EmbeddingStatus);
}

/// Why a page could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The document has no such page, or its format has no pages.
    #[error("there is no such page")]
    NoSuchPage,
    /// The renderer failed or is not installed.
    #[error("the page could not be drawn: {0}")]
    Failed(String),
}

/// Draws pages of PDF files: the parser's work, so the server plugs it in.
#[async_trait]
pub trait PageRenderer: Send + Sync + 'static {
    /// The page (from 1) of a PDF file as PNG, `width` pixels wide.
    async fn png(&self, file: &std::path::Path, page: u32, width: u32) -> Result<Vec<u8>, PageError>;
}

/// The ceilings of this surface.
#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    /// Largest file that may be uploaded or fetched, in bytes.
    pub upload_bytes: u64,
    /// Failed log-ins borne for one address.
    pub address: Policy,
    /// Failed log-ins borne from one network (IPv4 /24, IPv6 /48).
    pub network: Policy,
    /// Registrations borne from one network.
    pub registrations: Policy,
    /// What one socket may take.
    pub sockets: SocketLimits,
}

impl Default for HubLimits {
    fn default() -> Self {
        let quarter = Duration::minutes(15);
        Self {
            upload_bytes: 200 << 20,
            address: Policy { failures: 10, window: quarter, block: quarter },
            network: Policy { failures: 100, window: quarter, block: quarter },
            registrations: Policy { failures: 300, window: Duration::hours(1), block: Duration::minutes(10) },
            sockets: SocketLimits::default(),
        }
    }
}

/// What the server hands to this surface.
pub struct HubParts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// Signs access tokens.
    pub keys: TokenKeys,
    /// Where files are kept.
    pub files: Files,
    /// Where the files of clients are kept.
    pub media: Files,
    /// Live events of conversations.
    pub live: Live,
    /// Changes of documents.
    pub progress: Progress,
    /// Does jobs; the test chat hands it the answers it owes at once.
    pub work: Work,
    /// How the rest is.
    pub health: Arc<dyn HealthSource>,
    /// Draws pages.
    pub pages: Arc<dyn PageRenderer>,
    /// The ceilings.
    pub limits: HubLimits,
}

/// The state of the endpoints. Cheap to clone.
#[derive(Clone)]
pub struct HubState {
    pub(crate) parts: Arc<HubParts>,
    pub(crate) passwords: Passwords,
    pub(crate) callers: Callers,
    pub(crate) public_url: Option<Arc<str>>,
    pub(crate) messengers: Option<Arc<dyn Messengers>>,
    pub(crate) suggest: Option<Arc<dyn Suggest>>,
    pub(crate) sockets: Sockets,
    pub(crate) private_webhooks: bool,
    pub(crate) mails: bool,
}

impl HubState {
    /// A state over these parts.
    pub fn new(parts: HubParts) -> Self {
        Self {
            parts: Arc::new(parts),
            passwords: Passwords::default(),
            callers: Callers::default(),
            public_url: None,
            messengers: None,
            suggest: None,
            sockets: Sockets::default(),
            private_webhooks: false,
            mails: false,
        }
    }

    /// Reaches messengers through these adapters; without any, none can be connected here.
    #[must_use]
    pub fn with_messengers(mut self, messengers: Arc<dyn Messengers>) -> Self {
        self.messengers = Some(messengers);
        self
    }

    /// Has replies suggested by this; without it, none are.
    #[must_use]
    pub fn with_suggestions(mut self, suggest: Arc<dyn Suggest>) -> Self {
        self.suggest = Some(suggest);
        self
    }

    /// Whether webhooks may lead to this machine and its network: for development.
    #[must_use]
    pub fn with_private_webhooks(mut self, allowed: bool) -> Self {
        self.private_webhooks = allowed;
        self
    }

    /// Whether members can be told of things by mail.
    #[must_use]
    pub fn with_mail(mut self, mails: bool) -> Self {
        self.mails = mails;
        self
    }

    /// The sockets that are open, for whoever ends the server.
    pub fn sockets(&self) -> Sockets {
        self.sockets.clone()
    }

    /// Where browsers reach this server, without a slash at the end; otherwise each request's own headers say so.
    #[must_use]
    pub fn reached_at(mut self, public_url: Option<&str>) -> Self {
        self.public_url = public_url.map(|url| url.trim_end_matches('/').into());
        self
    }
}

impl std::ops::Deref for HubState {
    type Target = HubParts;

    fn deref(&self) -> &HubParts {
        &self.parts
    }
}
