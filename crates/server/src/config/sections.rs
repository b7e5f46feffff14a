//! The sections of the configuration. What each setting means stands in `default.toml`.

use std::{fmt, net::SocketAddr, path::PathBuf};

use coxswain_rag::parse::Limits;
use serde::{Deserialize, Deserializer, de::Error as _};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// A value that never shows in logs or errors.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "(secret)" })
    }
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// How browsers reach this server; empty for the address itself.
    pub public_url: String,
    /// How long running work may take to end when the server stops, in seconds.
    pub grace_seconds: u64,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!("{text:?}; allowed is an address and a port, as in 127.0.0.1:8080"))
    })
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A level, or filters.
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

impl Log {
    /// Whether the level can be used. A single word that is no level would be taken for the name of a
    /// module, and everything else would fall silent.
    pub(super) fn is_understood(&self) -> bool {
        let known =
            |filter: &str| filter.contains(['=', '[']) || filter.trim().parse::<LevelFilter>().is_ok();
        self.level.split(',').all(known) && EnvFilter::try_new(&self.level).is_ok()
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// May hold a password.
    pub url: Secret,
    /// Connections at most.
    pub connections: u32,
}

/// `[qdrant]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qdrant {
    /// gRPC address; empty for none.
    pub url: String,
    /// API key; empty for none.
    pub api_key: Secret,
}

/// `[index]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Memory for indexes in this process, in MiB.
    pub memory_mib: u64,
}

/// `[embedding]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// The folder with the runtime and the model.
    pub models_dir: PathBuf,
    /// Sessions that embed uploads; 0 for one a core.
    pub sessions: usize,
}

/// `[answer]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Confidence below which a question counts as not covered, 0 to 1.
    pub min_confidence: f32,
}

/// `[ollama]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ollama {
    /// Base URL.
    pub url: String,
    /// The chat model; empty for the first the server has.
    pub model: String,
    /// Context in tokens.
    pub num_ctx: u32,
    /// Longest answer in tokens.
    pub max_tokens: u32,
    /// Sampling temperature.
    pub temperature: f32,
    /// Answers generated at once.
    pub concurrency: usize,
    /// Longest wait for the first word, in seconds.
    pub first_token_seconds: u64,
    /// Longest wait between words, in seconds.
    pub idle_seconds: u64,
}

/// `[telegram]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// Base URL of the Bot API, without a slash at the end.
    pub api_url: String,
}

/// `[whatsapp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    /// Whether anybody is answered by it here.
    pub enabled: bool,
    /// Base URL of the Graph API, without a slash at the end.
    pub graph_url: String,
    /// Its version, as in `v26.0`.
    pub graph_version: String,
    /// Signs the webhooks.
    pub app_secret: Secret,
    /// Said by Meta when the webhook is set up.
    pub verify_token: Secret,
}

/// `[road]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Road {
    /// Quiet after which a burst is answered, in milliseconds.
    pub burst_quiet_ms: u64,
    /// Longest wait after the first message of a burst, in milliseconds.
    pub burst_longest_ms: u64,
    /// Messages sent at once over one account.
    pub sends_per_account: usize,
    /// Wait for news of a message nobody knows the fate of, in seconds.
    pub reconcile_seconds: u64,
}

/// `[webhooks]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Whether they may lead to this machine and its network.
    pub allow_private: bool,
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server; may hold a password. Empty for no mail.
    pub smtp_url: Secret,
    /// The sender.
    pub from: String,
}

/// `[ingest]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    /// The `PDFium` library; empty to search for it.
    pub pdfium: PathBuf,
    /// Largest upload, in MiB.
    pub upload_mib: u64,
    /// Ceilings for reading one document.
    pub limits: Limits,
}
