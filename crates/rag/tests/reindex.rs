//! The embedding model changes: before, while the new index is built, and after; with a crash.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use coxswain_domain::{
    ChunkId, CreatorId, DocumentId, KnowledgeBaseId, SharedClock, SystemClock, VersionId,
    account::CreatorSettings,
    document::DocumentKind,
    ports::{EmbedError, Embedder, EmbeddingModel, VectorIndex},
};
use coxswain_rag::{
    chunk::Chunker,
    index::{EmbeddedIndex, QdrantIndex, QdrantSettings},
    ingest::{Publish, Reindex},
    retrieve::{Passage, Query, Retriever},
};
use coxswain_store::{
    Db,
    bases::{self, KnowledgeBase},
    chunks::{self, Home, NewChunk},
    creators::{self, Creator},
    documents::{self, NewDocument, NewVersion, StoredFile},
    indexes::{self, IndexState},
    ingestion,
    jobs::{self, Job, Lease},
    work::Handler,
};
use coxswain_test_support::{db, qdrant::FakeQdrant};
use uuid::Uuid;

/// Points texts about sleep one way and all others another, and fails when it may embed no more.
struct Compass {
    model: EmbeddingModel,
    /// Passages it embeds before it fails.
    breath: AtomicUsize,
}

impl Compass {
    fn new(name: &str, dimension: u32) -> Arc<Self> {
        let model = EmbeddingModel { name: name.into(), dimension };
        Arc::new(Self { model, breath: AtomicUsize::new(usize::MAX) })
    }

    fn direction(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; self.model.dimension as usize];
        vector[usize::from(text.to_lowercase().contains("sleep"))] = 1.0;
        vector
    }
}

#[async_trait]
impl Embedder for Compass {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(self.direction(text))
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let breath = self.breath.load(Ordering::SeqCst);
        if breath < texts.len() {
            return Err(EmbedError::Failed("out of breath".into()));
        }
        self.breath.store(breath - texts.len(), Ordering::SeqCst);
        Ok(texts.iter().map(|text| self.direction(text)).collect())
    }
}

/// A creator with one base, and the handlers of one process.
struct Place {
    db: Db,
    clock: SharedClock,
    index: Arc<dyn VectorIndex>,
    chunker: Arc<Chunker>,
    creator: CreatorId,
    base: KnowledgeBaseId,
}

impl Place {
    async fn new(db: &Db, index: Arc<dyn VectorIndex>, folder: &Path) -> Result<Self> {
        let clock: SharedClock = Arc::new(SystemClock);
        let now = clock.now();
        let (creator, base) = (CreatorId::new(now), KnowledgeBaseId::new(now));
        let mut tx = db.system().await?;
        let settings = CreatorSettings::default();
        let new = Creator { id: creator, name: "Coach".into(), settings, version: 1, created_at: now };
        creators::insert(&mut tx, &new).await?;
        tx.act_for(creator).await?;
        let (name, description) = ("base".into(), String::new());
        let new = KnowledgeBase { id: base, name, description, documents: 0, created_at: now };
        bases::insert(&mut tx, creator, &new).await?;
        tx.commit().await?;
        let tokenizer = folder.join("tokenizer.json");
        std::fs::write(&tokenizer, WORDS)?;
        let chunker = Arc::new(Chunker::open(&tokenizer)?);
        Ok(Self { db: db.clone(), clock, index, chunker, creator, base })
    }

    fn reindex(&self, embedder: &Arc<Compass>) -> Reindex {
        Reindex {
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            chunker: Arc::clone(&self.chunker),
            embedder: Arc::clone(embedder) as Arc<dyn Embedder>,
            index: Arc::clone(&self.index),
        }
    }

    /// Publishes a document of these chunks as ingestion does it.
    async fn ingest(&self, embedder: &Compass, texts: &[String]) -> Result<(DocumentId, VersionId)> {
        let now = self.clock.now();
        let (document, version) = (DocumentId::new(now), VersionId::new(now));
        let mut tx = self.db.write(self.creator).await?;
        let index = indexes::ensure(&mut tx, self.creator, &embedder.model, now).await?;
        let new = NewDocument {
            id: document,
            knowledge_base_id: self.base,
            folder_id: None,
            title: "doc".into(),
            kind: DocumentKind::Text,
            citation_url: None,
        };
        documents::insert(&mut tx, now, self.creator, &new).await?;
        let (key, name) = (String::new(), "doc.txt".into());
        let file = StoredFile { key, name, kind: DocumentKind::Text, bytes: 1, sha256: Vec::new() };
        let new = NewVersion { id: version, document_id: document, file, source_url: None };
        documents::add_version(&mut tx, now, self.creator, &new).await?;
        let new: Vec<NewChunk> = (0..).zip(texts).map(|(n, text)| self.chunk(n, text)).collect();
        let home = Home { base: self.base, document, version };
        chunks::insert(&mut tx, self.creator, home, &new).await?;
        for chunk in &new {
            chunks::put_vector(&mut tx, self.creator, index.id, chunk.id, &embedder.direction(&chunk.text))
                .await?;
        }
        let ingestion = ingestion::ingestion(&mut tx, self.creator, version).await?.context("a version")?;
        ingestion::activate(&mut tx, now, self.creator, &ingestion).await?;
        indexes::switched(&mut tx, now, self.creator, document, version).await?;
        tx.commit().await?;
        self.publish().await?;
        Ok((document, version))
    }

    fn chunk(&self, ordinal: i64, text: &str) -> NewChunk {
        NewChunk {
            id: ChunkId::new(self.clock.now()),
            ordinal,
            part_number: 0,
            start_byte: 0,
            end_byte: 1,
            page: None,
            heading: None,
            start_ms: None,
            end_ms: None,
            text: text.into(),
            text_hash: vec![1],
            terms: coxswain_rag::analyse::terms(text).join(" "),
        }
    }

    async fn claim(&self, kind: &str, worker: Uuid) -> Result<Option<Job>> {
        let lease = Lease { worker, length: chrono::Duration::zero() };
        let mut tx = self.db.system().await?;
        let job = jobs::claim(&mut tx, self.clock.now(), kind, lease).await?;
        tx.commit().await?;
        Ok(job)
    }

    async fn publish(&self) -> Result<()> {
        let handler =
            Publish { db: self.db.clone(), clock: Arc::clone(&self.clock), index: Arc::clone(&self.index) };
        let worker = Uuid::new_v4();
        while let Some(job) = self.claim(handler.kind(), worker).await? {
            handler.run(&job, worker).await?;
        }
        Ok(())
    }

    async fn find(&self, embedder: &Arc<Compass>, words: &str) -> Result<Vec<Passage>> {
        let embedder = Arc::clone(embedder) as Arc<dyn Embedder>;
        let retriever = Retriever::new(self.db.clone(), embedder, Arc::clone(&self.index));
        Ok(retriever.retrieve(&Query::new(self.creator, words, 9)).await?)
    }

    async fn indexes(&self) -> Result<Vec<(String, IndexState)>> {
        let mut tx = self.db.read(self.creator).await?;
        let all = indexes::list(&mut tx, self.creator).await?;
        Ok(all.into_iter().map(|index| (index.model.name, index.state)).collect())
    }
}

/// A tokenizer of words, for the chunker.
const WORDS: &str = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
"pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,
"model":{"type":"WordLevel","vocab":{"[UNK]":0},"unk_token":"[UNK]"}}"#;

fn rowing(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("Rowers row stroke {n}")).collect()
}

/// The whole way, on one engine.
async fn the_model_changes(db: &Db, index: Arc<dyn VectorIndex>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::new(db, index, folder.path()).await?;
    let (old, new) = (Compass::new("old", 3), Compass::new("new", 5));
    let (_, _) = place.ingest(&old, &rowing(300)).await?;
    assert_eq!(place.reindex(&old).enqueue_outdated().await?, 0, "nothing has changed");
    assert!(place.find(&old, "rowers").await?[0].dense.is_some());

    // The server starts with another model.
    let reindex = place.reindex(&new);
    assert_eq!(reindex.enqueue_outdated().await?, 1);
    assert_eq!(reindex.enqueue_outdated().await?, 0, "one job is enough");
    let found = place.find(&new, "rowers").await?;
    assert!(
        !found.is_empty() && found.iter().all(|passage| passage.dense.is_none()),
        "words answer meanwhile"
    );

    // The worker dies after its first batch.
    new.breath.store(256, Ordering::SeqCst);
    let job = place.claim(reindex.kind(), Uuid::new_v4()).await?.context("a job")?;
    assert!(reindex.run(&job, Uuid::new_v4()).await.is_err());
    assert_eq!(
        place.indexes().await?,
        [("old".into(), IndexState::Active), ("new".into(), IndexState::Building)]
    );
    let (late, version) = place.ingest(&new, &["Sleep mends tired rowers".to_owned()]).await?;
    let found = place.find(&new, "sleep").await?;
    assert_eq!(
        found.iter().map(|passage| passage.row.document_id).collect::<Vec<_>>(),
        [late],
        "found at once"
    );

    // Another takes it up, and embeds only what is left.
    new.breath.store(44, Ordering::SeqCst);
    let worker = Uuid::new_v4();
    let job = place.claim(reindex.kind(), worker).await?.context("the same job")?;
    reindex.run(&job, worker).await?;
    assert_eq!(place.indexes().await?, [("new".into(), IndexState::Active)]);
    assert_eq!(new.breath.load(Ordering::SeqCst), 0);
    assert_eq!(reindex.enqueue_outdated().await?, 0);
    let found = place.find(&new, "sleep").await?;
    assert_eq!(found[0].row.document_id, late);
    assert!(found[0].dense.is_some_and(|near| near > 0.99), "by its vector, too: {:?}", found[0].dense);

    // A document that is switched off is found by no engine, and again when it is switched on.
    for (enabled, expected) in [(false, false), (true, true)] {
        let mut tx = place.db.write(place.creator).await?;
        let mut document = documents::get(&mut tx, place.creator, late).await?.context("a document")?;
        document.enabled = enabled;
        documents::update(&mut tx, place.clock.now(), place.creator, &document).await?;
        indexes::switched(&mut tx, place.clock.now(), place.creator, late, version).await?;
        tx.commit().await?;
        place.publish().await?;
        let found = place.find(&new, "sleep").await?;
        assert_eq!(found.iter().any(|passage| passage.row.document_id == late), expected);
    }
    Ok(())
}

#[tokio::test]
async fn the_model_changes_under_the_embedded_index() -> Result<()> {
    let db = db::sqlite().await?;
    the_model_changes(&db, Arc::new(EmbeddedIndex::new(db.clone(), 1 << 24))).await
}

#[tokio::test]
async fn the_model_changes_under_qdrant() -> Result<()> {
    let db = db::sqlite().await?;
    let server = FakeQdrant::start().await?;
    let settings = QdrantSettings {
        url: server.url(),
        api_key: None,
        timeout: std::time::Duration::from_secs(5),
        budget: 1 << 20,
    };
    the_model_changes(&db, Arc::new(QdrantIndex::new(db.clone(), &settings)?)).await?;
    if server.points() != 301 {
        bail!("the server holds {} points, not those of the new index alone", server.points());
    }
    Ok(())
}
