//! The parts that the server and the command line share, built from the configuration.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use coxswain_domain::{
    SharedClock, SystemClock,
    ports::{Embedder, VectorIndex},
};
use coxswain_rag::{
    chunk::Chunker,
    embed::{EmbedSettings, OnnxEmbedder},
    index::{EmbeddedIndex, QdrantIndex, QdrantSettings},
    ingest::{Ingest, Publish, Reindex},
    parse::Parser,
    retrieve::Retriever,
};
use coxswain_store::{Db, DbOptions, files::Files, live::Live, progress::Progress};

use crate::config::Config;

/// How long one request to Qdrant may take.
const QDRANT_PATIENCE: Duration = Duration::from_secs(10);

/// The parts, cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The time.
    pub clock: SharedClock,
    /// The database, migrated.
    pub db: Db,
    /// Uploaded files.
    pub files: Files,
    /// Live events of conversations.
    pub live: Live,
    /// Changes of documents.
    pub progress: Progress,
    /// Reads documents.
    pub parser: Parser,
    /// Cuts text into chunks.
    pub chunker: Arc<Chunker>,
    /// Makes vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Finds chunks.
    pub index: Arc<dyn VectorIndex>,
    /// Finds passages.
    pub retriever: Retriever,
}

impl Engine {
    /// Opens everything the configuration names.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        Self::with_clock(config, Arc::new(SystemClock)).await
    }

    /// As [`Engine::open`], with a clock of the caller's.
    pub async fn with_clock(config: &Config, clock: SharedClock) -> anyhow::Result<Self> {
        let db = open_database(config).await?;
        let files = Files::open(config.files_dir()).await.context("the folder of files cannot be used")?;
        let (embedder, chunker) = open_embedder(config)?;
        let index = open_index(config, &db)?;
        let retriever = Retriever::new(db.clone(), Arc::clone(&embedder), Arc::clone(&index));
        Ok(Self {
            clock,
            db,
            files,
            live: Live::default(),
            progress: Progress::default(),
            parser: open_parser(config)?,
            chunker,
            embedder,
            index,
            retriever,
        })
    }

    /// Makes vectors in another way from now on; for benchmarks that leave the model out.
    pub fn set_embedder(&mut self, embedder: Arc<dyn Embedder>) {
        self.retriever = Retriever::new(self.db.clone(), Arc::clone(&embedder), Arc::clone(&self.index));
        self.embedder = embedder;
    }

    /// The handler that ingests documents.
    pub fn ingest(&self) -> Ingest {
        Ingest {
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            files: self.files.clone(),
            parser: self.parser.clone(),
            chunker: Arc::clone(&self.chunker),
            embedder: Arc::clone(&self.embedder),
            index: Arc::clone(&self.index),
            progress: self.progress.clone(),
        }
    }

    /// The handler that has an outside index follow what may be found.
    pub fn publish(&self) -> Publish {
        Publish { db: self.db.clone(), clock: Arc::clone(&self.clock), index: Arc::clone(&self.index) }
    }

    /// The handler that brings creators to the index of the configured model.
    pub fn reindex(&self) -> Reindex {
        Reindex {
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            chunker: Arc::clone(&self.chunker),
            embedder: Arc::clone(&self.embedder),
            index: Arc::clone(&self.index),
        }
    }
}

/// Opens the database and brings its schema up to date.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("data_dir {} cannot be made", config.data_dir.display()))?;
    let options = DbOptions { url: config.database_url(), connections: config.database.connections };
    Db::open(&options).await.context("the database cannot be opened; see database.url")
}

/// Opens the embedding model and the chunker that counts in its tokens.
pub fn open_embedder(config: &Config) -> anyhow::Result<(Arc<dyn Embedder>, Arc<Chunker>)> {
    let settings = EmbedSettings {
        sessions: config.embedding.sessions,
        ..EmbedSettings::in_folder(&config.embedding.models_dir)
    };
    let embedder = OnnxEmbedder::open(&settings)?;
    let chunker = Chunker::open(&embedder.tokenizer())?;
    Ok((Arc::new(embedder), Arc::new(chunker)))
}

fn open_index(config: &Config, db: &Db) -> anyhow::Result<Arc<dyn VectorIndex>> {
    let budget = usize::try_from(config.index.memory_mib << 20).context("index.memory_mib is too large")?;
    if config.qdrant.url.is_empty() {
        return Ok(Arc::new(EmbeddedIndex::new(db.clone(), budget)));
    }
    let key = config.qdrant.api_key.expose();
    let settings = QdrantSettings {
        url: config.qdrant.url.clone(),
        api_key: (!key.is_empty()).then(|| key.to_owned()),
        timeout: QDRANT_PATIENCE,
        budget,
    };
    Ok(Arc::new(QdrantIndex::new(db.clone(), &settings).context("qdrant.url cannot be used")?))
}

/// The parser of documents: this program, run again under limits.
pub fn open_parser(config: &Config) -> anyhow::Result<Parser> {
    let own =
        config.embedding.models_dir.join("pdfium").join(format!("libpdfium{}", std::env::consts::DLL_SUFFIX));
    let pdfium: Option<PathBuf> = if config.ingest.pdfium.as_os_str().is_empty() {
        own.is_file().then_some(own)
    } else {
        Some(config.ingest.pdfium.clone())
    };
    Ok(Parser::of_this_program(config.ingest.limits.clone(), pdfium)?)
}
