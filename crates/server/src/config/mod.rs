//! The configuration: compiled-in defaults, then `coxswain.toml`, then the environment.

mod sections;

use std::path::{Path, PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::Deserialize;

pub use sections::{
    Answer, Database, Embedding, Index, Ingest, Log, LogFormat, Mail, Ollama, Qdrant, Road, Secret, Server,
    Telegram, Webhooks, Whatsapp,
};

/// Every setting with its default and what it means; the reference, too.
pub const DEFAULTS: &str = include_str!("default.toml");
const ENVIRONMENT: &str = "COXSWAIN__";

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Holds everything the embedded default writes.
    pub data_dir: PathBuf,
    /// Where it listens.
    pub server: Server,
    /// What it logs.
    pub log: Log,
    /// Where the relational store is.
    pub database: Database,
    /// Where an outside index is.
    pub qdrant: Qdrant,
    /// The index in this process.
    pub index: Index,
    /// The embedding model.
    pub embedding: Embedding,
    /// When a question is answered.
    pub answer: Answer,
    /// The chat model.
    pub ollama: Ollama,
    /// How Telegram is reached.
    pub telegram: Telegram,
    /// How `WhatsApp` is reached.
    pub whatsapp: Whatsapp,
    /// How messages travel.
    pub road: Road,
    /// How webhooks are told.
    pub webhooks: Webhooks,
    /// How mail is sent.
    pub mail: Mail,
    /// How documents are read.
    pub ingest: Ingest,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the settings; `file` must exist if it is named, `coxswain.toml` need not.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        figment = match file {
            Some(file) if !file.is_file() => {
                return Err(ConfigError(format!("there is no file {}", file.display())));
            }
            Some(file) => figment.merge(Toml::file_exact(file)),
            None => figment.merge(Toml::file("coxswain.toml")),
        };
        // Variables of the tests and scripts share the prefix but not the double underscore.
        let environment = Env::prefixed(ENVIRONMENT).split("__");
        Self::extract(&figment.merge(environment))
    }

    fn extract(figment: &Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(|error| ConfigError(describe(&error)))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let Self { server, log, database, qdrant, answer, ollama, ingest, .. } = self;
        if !log.is_understood() {
            let allowed = "error, warn, info, debug, trace, off, or filters like info,coxswain_rag=debug";
            return refuse("log.level", &log.level, allowed);
        }
        if !server.public_url.is_empty() && !url(&server.public_url) {
            return refuse("server.public_url", &server.public_url, "an http:// or https:// URL, or nothing");
        }
        let place = database.url.expose();
        if !place.is_empty()
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|lead| place.starts_with(lead))
        {
            return refuse("database.url", &"something else", "sqlite:PATH, postgres://…, or nothing");
        }
        if !(1..=512).contains(&database.connections) {
            return refuse("database.connections", &database.connections, "1 to 512");
        }
        if !qdrant.url.is_empty() && !url(&qdrant.url) {
            return refuse("qdrant.url", &qdrant.url, "an http:// or https:// URL, or nothing");
        }
        if !(0.0..=1.0).contains(&answer.min_confidence) {
            return refuse("answer.min_confidence", &answer.min_confidence, "0 to 1");
        }
        if !url(&ollama.url) {
            return refuse("ollama.url", &ollama.url, "an http:// or https:// URL");
        }
        if !(1024..=1_048_576).contains(&ollama.num_ctx) {
            return refuse("ollama.num_ctx", &ollama.num_ctx, "1024 to 1048576");
        }
        if ollama.max_tokens < 16 || ollama.max_tokens > ollama.num_ctx / 2 {
            return refuse("ollama.max_tokens", &ollama.max_tokens, "16 to half of ollama.num_ctx");
        }
        if !(0.0..=2.0).contains(&ollama.temperature) {
            return refuse("ollama.temperature", &ollama.temperature, "0 to 2");
        }
        if !(1..=256).contains(&ollama.concurrency) {
            return refuse("ollama.concurrency", &ollama.concurrency, "1 to 256");
        }
        if !(1..=4096).contains(&ingest.upload_mib) {
            return refuse("ingest.upload_mib", &ingest.upload_mib, "1 to 4096");
        }
        self.validate_messengers()
    }

    fn validate_messengers(&self) -> Result<(), ConfigError> {
        let Self { telegram, whatsapp, road, .. } = self;
        for (key, value) in
            [("telegram.api_url", &telegram.api_url), ("whatsapp.graph_url", &whatsapp.graph_url)]
        {
            if !url(value) || value.ends_with('/') {
                return refuse(key, value, "an http:// or https:// URL without a slash at the end");
            }
        }
        let version = whatsapp.graph_version.strip_prefix('v').and_then(|version| version.split_once('.'));
        if !version.is_some_and(|(major, minor)| major.parse::<u8>().is_ok() && minor.parse::<u8>().is_ok()) {
            return refuse("whatsapp.graph_version", &whatsapp.graph_version, "a version as in v26.0");
        }
        if road.burst_quiet_ms > 60_000 {
            return refuse("road.burst_quiet_ms", &road.burst_quiet_ms, "0 to 60000");
        }
        if road.burst_longest_ms < road.burst_quiet_ms || road.burst_longest_ms > 300_000 {
            return refuse("road.burst_longest_ms", &road.burst_longest_ms, "road.burst_quiet_ms to 300000");
        }
        if !(1..=64).contains(&road.sends_per_account) {
            return refuse("road.sends_per_account", &road.sends_per_account, "1 to 64");
        }
        if !(1..=86_400).contains(&road.reconcile_seconds) {
            return refuse("road.reconcile_seconds", &road.reconcile_seconds, "1 to 86400");
        }
        self.validate_mail()
    }

    fn validate_mail(&self) -> Result<(), ConfigError> {
        let Mail { smtp_url, from } = &self.mail;
        let server = smtp_url.expose();
        if !server.is_empty() && !["smtp://", "smtps://"].iter().any(|lead| server.starts_with(lead)) {
            return refuse("mail.smtp_url", &"something else", "smtp://…, smtps://…, or nothing");
        }
        if !server.is_empty() && !from.contains('@') {
            return refuse("mail.from", from, "an address, as in Coxswain <coxswain@coach.example>");
        }
        Ok(())
    }

    /// Where the database is.
    pub fn database_url(&self) -> String {
        if self.database.url.expose().is_empty() {
            format!("sqlite:{}", self.data_dir.join("coxswain.db").display())
        } else {
            self.database.url.expose().to_owned()
        }
    }

    /// Where uploaded files are kept.
    pub fn files_dir(&self) -> PathBuf {
        self.data_dir.join("files")
    }

    /// Where files that clients sent are kept.
    pub fn media_dir(&self) -> PathBuf {
        self.data_dir.join("media")
    }

    /// How browsers reach this server, without a slash at the end.
    pub fn public_url(&self) -> String {
        if self.server.public_url.is_empty() {
            format!("http://{}", self.server.listen)
        } else {
            self.server.public_url.trim_end_matches('/').to_owned()
        }
    }
}

fn refuse(key: &str, value: &dyn std::fmt::Display, allowed: &str) -> Result<(), ConfigError> {
    Err(ConfigError(format!("{key} is {value}; allowed is {allowed}")))
}

fn url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Every wrong key and value, with where it came from and what is allowed.
fn describe(error: &figment::Error) -> String {
    let line = |error: figment::Error| {
        let source = error.metadata.as_ref().map_or_else(String::new, |metadata| match &metadata.source {
            Some(source) => format!(" (in {source})"),
            None => format!(" (in the {})", metadata.name),
        });
        let key = error.path.join(".");
        if key.is_empty() {
            format!("{}{source}", error.kind)
        } else {
            format!("{key}: {}{source}", error.kind)
        }
    };
    error.clone().into_iter().map(line).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(toml: &str) -> Result<Config, ConfigError> {
        Config::extract(&Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(toml)))
    }

    #[test]
    fn the_defaults_are_complete_and_valid() {
        let config = with("").unwrap();
        assert_eq!(config.public_url(), "http://127.0.0.1:8080");
        assert_eq!(config.database_url(), "sqlite:./data/coxswain.db");
    }

    #[test]
    fn a_wrong_key_or_value_is_refused_by_name() {
        let wrong_key = with("[server]\nlisten_on = \"x\"").unwrap_err().to_string();
        assert!(wrong_key.contains("listen_on") && wrong_key.contains("listen"), "{wrong_key}");
        let wrong_type = with("[ollama]\nnum_ctx = \"many\"").unwrap_err().to_string();
        assert!(wrong_type.contains("ollama.num_ctx"), "{wrong_type}");
        let out_of_range = with("[ollama]\nnum_ctx = 10").unwrap_err().to_string();
        assert!(out_of_range.contains("1024"), "{out_of_range}");
        // teloxide would join a path onto the slash.
        let slash = with("[telegram]\napi_url = \"http://localhost:8081/\"").unwrap_err().to_string();
        assert!(slash.contains("without a slash"), "{slash}");
        for version in ["26", "v26", "v.0", "latest"] {
            let refused =
                with(&format!("[whatsapp]\ngraph_version = \"{version}\"")).unwrap_err().to_string();
            assert!(refused.contains("v26.0"), "{refused}");
        }
        let nobody = with("[mail]\nsmtp_url = \"smtp://localhost\"").unwrap_err().to_string();
        assert!(nobody.contains("mail.from"), "{nobody}");
        let web = with("[mail]\nsmtp_url = \"https://me:hush@mail\"").unwrap_err().to_string();
        assert!(web.contains("smtps://") && !web.contains("hush"), "{web}");
        let short = with("[road]\nburst_longest_ms = 100").unwrap_err().to_string();
        assert!(short.contains("burst_longest_ms"), "{short}");
    }

    #[test]
    fn secrets_do_not_show() {
        let config =
            with("[qdrant]\napi_key = \"hush-hush\"\n[whatsapp]\napp_secret = \"hush-hush\"\nverify_token = \"hush-hush\"\n[mail]\nsmtp_url = \"smtps://me:hush-hush@mail\"\nfrom = \"me@coach.example\"\n[database]\nurl = \"postgres://me:hush-hush@db/x\"")
                .unwrap();
        assert!(!format!("{config:?}").contains("hush-hush"));
        assert_eq!(config.qdrant.api_key.expose(), "hush-hush");
    }
}
