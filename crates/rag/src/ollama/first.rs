//! The first model a server has, for those who named none.

use std::sync::OnceLock;

use async_trait::async_trait;
use coxswain_domain::ports::{ChatError, ChatModel, ChatRequest, ChatStream};
use ollama_rs::Ollama;
use tokio::time::timeout;

use super::{OllamaModel, OllamaSettings};

/// A chat model that is whatever the server has first. While it has none, it counts as unreachable,
/// so that answers are made without it; once found, it stays.
pub struct FirstModel {
    settings: OllamaSettings,
    server: Ollama,
    found: OnceLock<OllamaModel>,
}

impl FirstModel {
    /// Looks for nothing yet. The settings' model name is not used.
    pub fn new(settings: OllamaSettings) -> Self {
        let server = Ollama::builder().url(settings.url.clone()).build();
        Self { settings, server, found: OnceLock::new() }
    }

    async fn find(&self) -> Result<&OllamaModel, ChatError> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let unreachable = || ChatError::Unreachable { url: self.settings.url.to_string() };
        let listed = timeout(self.settings.connect, self.server.list_local_models()).await;
        let Ok(Ok(models)) = listed else { return Err(unreachable()) };
        // Embedding models are listed, too, and cannot chat.
        let chat = models.into_iter().map(|model| model.name).find(|name| !name.contains("embed"));
        let Some(name) = chat else { return Err(ChatError::ModelMissing { model: String::new() }) };
        tracing::info!(model = name, "this model writes the answers");
        let model = OllamaModel::new(OllamaSettings { model: name, ..self.settings.clone() })?;
        Ok(self.found.get_or_init(|| model))
    }
}

#[async_trait]
impl ChatModel for FirstModel {
    fn name(&self) -> &str {
        self.found.get().map_or("", ChatModel::name)
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ChatError> {
        match self.find().await {
            Ok(model) => model.answer(request).await,
            Err(ChatError::ModelMissing { .. }) => {
                Err(ChatError::Unreachable { url: self.settings.url.to_string() })
            }
            Err(error) => Err(error),
        }
    }

    async fn check(&self) -> Result<(), ChatError> {
        self.find().await?.check().await
    }
}
