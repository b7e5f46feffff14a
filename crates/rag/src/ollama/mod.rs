//! Chat models on an Ollama server.
//!
//! Requests are built from ollama-rs's types and its client asks which models are installed.
//! The answer's stream is read here, because ollama-rs 0.3 would hide what must never be
//! silent: it prints and skips a line it cannot read (an `error` line in mid-stream is one), loses
//! a character whose bytes arrive in two packets, ends without a word when the connection does,
//! drops the HTTP status of a refusal, and has no field for `truncate`.
//!
//! **A prompt that does not fit** is never answered in silence. `num_ctx` is set in every request and the
//! prompt is kept below it. `truncate: false` makes servers since 0.12.5 refuse what does not fit; older
//! ones ignore it, so the count of evaluated tokens is compared with the least the prompt can have
//! ([`ChatRequest::prompt_tokens`]). Servers before July 2024 left cached tokens out of their
//! count and, with the whole prompt cached, reported one token, none, or nothing at all; such a
//! count says nothing about a cut, which always leaves a context's worth of tokens, and is taken as unknown.

mod first;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use coxswain_domain::ports::{ChatChunk, ChatError, ChatModel, ChatRequest, ChatRole, ChatStream};
use futures::StreamExt;
use ollama_rs::{
    Ollama,
    generation::chat::{ChatMessage, request::ChatMessageRequest},
    models::ModelOptions,
};
use reqwest::StatusCode;
use tokio::time::timeout;
use url::Url;

pub use first::FirstModel;
use wire::{Line, Lines};

/// Largest body read of a refusal, in characters.
const REFUSAL: usize = 300;
/// Most tokens a server reports that took the whole prompt from its cache.
const CACHED: u32 = 1;

/// Which model, where, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct OllamaSettings {
    /// The server's base URL.
    pub url: Url,
    /// The model's name, as `ollama pull` takes it.
    pub model: String,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long the first words may take; a cold model is read from disk in this time.
    pub first_token: Duration,
    /// How long the model may pause between words.
    pub idle: Duration,
}

impl OllamaSettings {
    /// A model on a server, with waits that suit a machine without a graphics card.
    pub fn new(url: Url, model: impl Into<String>) -> Self {
        Self {
            url,
            model: model.into(),
            connect: Duration::from_secs(2),
            first_token: Duration::from_mins(2),
            idle: Duration::from_secs(45),
        }
    }
}

/// A chat model on an Ollama server.
pub struct OllamaModel {
    settings: OllamaSettings,
    chat_url: Url,
    shown_url: String,
    server: Ollama,
    http: reqwest::Client,
}

impl OllamaModel {
    /// Connects to nothing yet: a server that comes up later is used from then on.
    pub fn new(mut settings: OllamaSettings) -> Result<Self, ChatError> {
        let shown_url = settings.url.as_str().trim_end_matches('/').to_owned();
        let refused = |detail: String| ChatError::Refused { detail };
        if !settings.url.path().ends_with('/') {
            let path = format!("{}/", settings.url.path());
            settings.url.set_path(&path);
        }
        let chat_url = settings.url.join("api/chat").map_err(|error| refused(error.to_string()))?;
        let http = reqwest::Client::builder()
            .connect_timeout(settings.connect)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let server = Ollama::builder().url(settings.url.clone()).build();
        Ok(Self { settings, chat_url, shown_url, server, http })
    }

    /// The server's base URL.
    pub fn url(&self) -> &str {
        &self.shown_url
    }

    fn unreachable(&self) -> ChatError {
        ChatError::Unreachable { url: self.shown_url.clone() }
    }

    fn body(&self, request: &ChatRequest) -> Result<Vec<u8>, ChatError> {
        let message = |turn: &coxswain_domain::ports::ChatTurn| match turn.role {
            ChatRole::System => ChatMessage::system(turn.text.clone()),
            ChatRole::User => ChatMessage::user(turn.text.clone()),
            ChatRole::Assistant => ChatMessage::assistant(turn.text.clone()),
        };
        let options = ModelOptions::default()
            .num_ctx(request.num_ctx.into())
            .num_predict(i32::try_from(request.max_tokens).unwrap_or(i32::MAX))
            .temperature(request.temperature);
        let chat =
            ChatMessageRequest::new(self.settings.model.clone(), request.turns.iter().map(message).collect())
                .options(options);
        wire::body(&chat).map_err(|error| ChatError::Refused { detail: error.to_string() })
    }

    /// What a refusal means.
    fn refusal(&self, status: StatusCode, body: &[u8], request: &ChatRequest) -> ChatError {
        let said = wire::error_text(body);
        if status == StatusCode::NOT_FOUND && said.contains("not found") && said.contains("model") {
            return ChatError::ModelMissing { model: self.settings.model.clone() };
        }
        refusal_text(&said, status.as_u16(), request)
    }
}

/// What an error text means, from a refusal or from the middle of a stream.
fn refusal_text(said: &str, status: u16, request: &ChatRequest) -> ChatError {
    if let Some((sent, room)) = wire::overflow(said) {
        return ChatError::ContextCut { evaluated: room.unwrap_or(request.num_ctx), sent };
    }
    let lower = said.to_lowercase();
    if lower.contains("exceed") && lower.contains("context") {
        return ChatError::ContextCut { evaluated: request.num_ctx, sent: request.prompt_tokens };
    }
    let said: String = said.chars().take(REFUSAL).collect();
    ChatError::Refused { detail: format!("{said} ({status})") }
}

/// Whether the model saw the whole prompt.
fn check_count(evaluated: Option<u32>, request: &ChatRequest) -> Result<Option<u32>, ChatError> {
    match evaluated {
        Some(count) if count <= CACHED => Ok(None),
        Some(count) if count < request.prompt_tokens => {
            Err(ChatError::ContextCut { evaluated: count, sent: request.prompt_tokens })
        }
        known => Ok(known),
    }
}

#[async_trait]
impl ChatModel for OllamaModel {
    fn name(&self) -> &str {
        &self.settings.model
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ChatError> {
        let first = self.settings.first_token;
        let slow = ChatError::Timeout { seconds: first.as_secs() };
        let sent = self
            .http
            .post(self.chat_url.clone())
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(self.body(&request)?)
            .send();
        let response = match timeout(first, sent).await {
            Err(_) => return Err(slow),
            // A server that took the request and hung up has not answered; one that was never there is unreachable.
            Ok(Err(error)) if error.is_connect() || error.is_timeout() => return Err(self.unreachable()),
            Ok(Err(error)) => return Err(ChatError::Broken { detail: error.to_string() }),
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        if !status.is_success() {
            let body = timeout(self.settings.idle, response.bytes()).await;
            let body = body.ok().and_then(Result::ok).unwrap_or_default();
            return Err(self.refusal(status, &body, &request));
        }
        Ok(read(response, request, first, self.settings.idle).boxed())
    }

    async fn check(&self) -> Result<(), ChatError> {
        let patience = self.settings.connect.max(Duration::from_secs(1)) * 2;
        let listed = timeout(patience, self.server.list_local_models()).await;
        let Ok(Ok(models)) = listed else {
            return Err(self.unreachable());
        };
        // A name without a tag means `latest`.
        let wanted = &self.settings.model;
        let tagged = if wanted.contains(':') { wanted.clone() } else { format!("{wanted}:latest") };
        if models.iter().any(|model| model.name == *wanted || model.name == tagged) {
            return Ok(());
        }
        Err(ChatError::ModelMissing { model: wanted.clone() })
    }
}

/// Reads the answer line by line until the model says it is done. An end before that is an error.
fn read(
    response: reqwest::Response,
    request: ChatRequest,
    first: Duration,
    idle: Duration,
) -> impl futures::Stream<Item = Result<ChatChunk, ChatError>> + Send + 'static {
    async_stream::try_stream! {
        let broken = |detail: &str| ChatError::Broken { detail: detail.to_owned() };
        let mut packets = response.bytes_stream();
        let mut lines = Lines::default();
        let mut patience = first;
        loop {
            while let Some(line) = lines.next() {
                match Line::read(&line).map_err(|_| broken("the server sent a line that is not JSON"))? {
                    Line::Error(said) => Err(refusal_text(&said, 200, &request))?,
                    Line::Text(text) => {
                        patience = idle;
                        yield ChatChunk::Text(text);
                    }
                    Line::Nothing => {}
                    Line::End { text, prompt_tokens, completion_tokens } => {
                        if !text.is_empty() {
                            yield ChatChunk::Text(text);
                        }
                        let prompt_tokens = check_count(prompt_tokens, &request)?;
                        yield ChatChunk::End { prompt_tokens, completion_tokens };
                        return;
                    }
                }
            }
            let packet = timeout(patience, packets.next())
                .await
                .map_err(|_| ChatError::Timeout { seconds: patience.as_secs() })?;
            match packet {
                Some(Ok(bytes)) => lines.push(&bytes).map_err(|()| broken("the server sent a line without end"))?,
                Some(Err(_)) => Err(broken("the connection to the model server was lost"))?,
                None if lines.finish() => {}
                None => Err(broken("the model server ended the answer early"))?,
            }
        }
    }
}

#[cfg(test)]
mod tests;
