//! How each part is doing.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use coxswain_creator_hub::{ChatModelStatus, Component, EmbeddingStatus, HealthSource, Status, mail::Mailer};
use coxswain_domain::ports::{ChatError, ChatModel};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::{config::Config, engine::Engine};

/// Longest a look at one part may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a look is good for.
const FRESH: Duration = Duration::from_secs(5);

/// Looks at the parts of an engine.
pub(crate) struct Health {
    engine: Engine,
    model: Option<Arc<dyn ChatModel>>,
    ollama_url: String,
    mailer: Option<Arc<Mailer>>,
    looked: Mutex<Option<(Instant, Vec<Component>)>>,
}

impl Health {
    /// Watches over these parts; `model` is the chat model, if one is to be used.
    pub(crate) fn new(config: &Config, engine: Engine, model: Option<Arc<dyn ChatModel>>) -> Self {
        Self { engine, model, ollama_url: config.ollama.url.clone(), mailer: None, looked: Mutex::new(None) }
    }

    /// Watches over this mailer too; without one, mail is off.
    pub(crate) fn with_mail(mut self, mailer: Option<Arc<Mailer>>) -> Self {
        self.mailer = mailer;
        self
    }

    async fn look(&self) -> Vec<Component> {
        let (database, index, embedding, chat, mail) =
            tokio::join!(self.database(), self.index(), self.embedding(), self.chat(), self.mail());
        let chat =
            Component { name: "model".into(), status: chat.status, detail: chat.detail, action: chat.action };
        vec![database, index, embedding, self.parser(), chat, mail]
    }

    async fn database(&self) -> Component {
        let answered = timeout(PATIENCE, self.engine.db.ping()).await;
        let works = matches!(answered, Ok(Ok(())));
        let name = match self.engine.db.engine() {
            coxswain_store::Engine::Sqlite => "SQLite",
            coxswain_store::Engine::Postgres => "PostgreSQL",
        };
        component("database", works, name, "Check that the database runs and that database.url leads to it.")
    }

    async fn index(&self) -> Component {
        let answered = timeout(PATIENCE, self.engine.index.check()).await;
        let works = matches!(answered, Ok(Ok(())));
        component(
            "index",
            works,
            "The search index",
            "Check that Qdrant runs and that qdrant.url leads to it.",
        )
    }

    async fn embedding(&self) -> Component {
        let answered = timeout(PATIENCE, self.engine.embedder.embed_query("ready?")).await;
        let works = matches!(answered, Ok(Ok(_)));
        component(
            "embedding",
            works,
            &self.engine.embedder.model().name,
            "Run `make setup` to fetch the model again.",
        )
    }

    fn parser(&self) -> Component {
        match self.engine.parser.check() {
            Ok(_) => component("parser", true, "The document parser", ""),
            Err(error) => Component {
                name: "parser".into(),
                status: Status::Degraded,
                detail: format!("PDF files cannot be read: {error}"),
                action: Some("Run `make setup` to fetch PDFium again.".into()),
            },
        }
    }

    /// Mail, which nothing else depends on: members see who waits in the portal too.
    async fn mail(&self) -> Component {
        let part = |status, detail: String, action: Option<&str>| Component {
            name: "mail".into(),
            status,
            detail,
            action: action.map(str::to_owned),
        };
        let Some(mailer) = &self.mailer else {
            let detail = "Mail is off: nobody is mailed when a client wants a person.".to_owned();
            return part(Status::Ok, detail, Some("To turn it on, set mail.smtp_url and mail.from."));
        };
        let why = match timeout(PATIENCE, mailer.check()).await {
            Ok(Ok(())) => return part(Status::Ok, "The mail server takes our mail.".to_owned(), None),
            Ok(Err(why)) => why,
            Err(_) => "it does not answer".to_owned(),
        };
        let detail = format!("The mail server does not take our mail: {why}.");
        part(Status::Degraded, detail, Some("Check that it runs and that mail.smtp_url leads to it."))
    }

    async fn chat(&self) -> ChatModelStatus {
        let extractive = |detail: String, action: String| ChatModelStatus {
            provider: "extractive".into(),
            url: Some(self.ollama_url.clone()),
            model: None,
            status: Status::Degraded,
            detail,
            action: Some(action),
        };
        let start = format!(
            "For written answers, install Ollama, start it and run `ollama pull llama3.2`; it is looked for at {}.",
            self.ollama_url
        );
        let quotes = "Answers are quotes from the documents";
        let Some(model) = &self.model else {
            return extractive(format!("{quotes}: no chat model is used."), start);
        };
        match timeout(PATIENCE, model.check()).await {
            Ok(Ok(())) => ChatModelStatus {
                provider: "ollama".into(),
                url: Some(self.ollama_url.clone()),
                model: Some(model.name().to_owned()),
                status: Status::Ok,
                detail: format!("{} writes the answers.", model.name()),
                action: None,
            },
            Ok(Err(ChatError::ModelMissing { model })) if model.is_empty() => extractive(
                format!("{quotes}: Ollama runs but has no model."),
                "Run `ollama pull llama3.2`.".into(),
            ),
            Ok(Err(ChatError::ModelMissing { model })) => ChatModelStatus {
                status: Status::Degraded,
                ..extractive(
                    format!("Ollama does not have the model {model}: answers fail."),
                    format!("Run `ollama pull {model}`."),
                )
            },
            Ok(Err(_)) | Err(_) => extractive(format!("{quotes}: no chat model answers."), start),
        }
    }
}

#[async_trait]
impl HealthSource for Health {
    async fn components(&self) -> Vec<Component> {
        let mut looked = self.looked.lock().await;
        if let Some((at, components)) = looked.as_ref()
            && at.elapsed() < FRESH
        {
            return components.clone();
        }
        let components = self.look().await;
        *looked = Some((Instant::now(), components.clone()));
        components
    }

    async fn models(&self) -> (ChatModelStatus, EmbeddingStatus) {
        let model = self.engine.embedder.model().clone();
        let (chat, embedding) = tokio::join!(self.chat(), self.embedding());
        let embedding =
            EmbeddingStatus { model: model.name, dimension: model.dimension, status: embedding.status };
        (chat, embedding)
    }
}

fn component(name: &str, works: bool, what: &str, action: &str) -> Component {
    Component {
        name: name.to_owned(),
        status: if works { Status::Ok } else { Status::Down },
        detail: format!("{what} {}.", if works { "works" } else { "does not answer" }),
        action: (!works).then(|| action.to_owned()),
    }
}
