//! What every index must do, on the embedded one and on Qdrant: on the fake that speaks its
//! protocol, and on a real server when `QDRANT_URL` names one.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use coxswain_domain::account::CreatorSettings;
use coxswain_domain::document::DocumentKind;
use coxswain_domain::ports::{
    EmbedError, Embedder, EmbeddingModel, IndexPoint, SearchScope, TermWeight, VectorIndex,
};
use coxswain_domain::{ChunkId, Clock, CreatorId, DocumentId, KnowledgeBaseId, SystemClock, VersionId};
use coxswain_rag::index::{EmbeddedIndex, QdrantIndex, QdrantSettings};
use coxswain_rag::retrieve::{Query, Retriever};
use coxswain_store::bases::{self, KnowledgeBase};
use coxswain_store::chunks::{self, Home, NewChunk};
use coxswain_store::creators::{self, Creator};
use coxswain_store::documents::{self, NewDocument, NewVersion, StoredFile};
use coxswain_store::{Db, indexes, ingestion};
use coxswain_test_support::db;
use coxswain_test_support::qdrant::{Asked, FakeQdrant};

/// A creator with one base, whose documents are published as ingestion does it.
struct Place<'i> {
    db: Db,
    index: &'i dyn VectorIndex,
    creator: CreatorId,
    base: KnowledgeBaseId,
}

struct Published {
    document: DocumentId,
    version: VersionId,
    chunks: Vec<ChunkId>,
}

impl<'i> Place<'i> {
    async fn new(db: &Db, index: &'i dyn VectorIndex, name: &str) -> Result<Self> {
        let now = SystemClock.now();
        let (creator, base) = (CreatorId::new(now), KnowledgeBaseId::new(now));
        let mut tx = db.system().await?;
        let new = Creator {
            id: creator,
            name: name.into(),
            settings: CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        creators::insert(&mut tx, &new).await?;
        tx.act_for(creator).await?;
        let new = KnowledgeBase {
            id: base,
            name: "base".into(),
            description: String::new(),
            documents: 0,
            created_at: now,
        };
        bases::insert(&mut tx, creator, &new).await?;
        tx.commit().await?;
        Ok(Self { db: db.clone(), index, creator, base })
    }

    async fn scope(&self) -> Result<SearchScope> {
        let model = EmbeddingModel { name: "contract".into(), dimension: 3 };
        let mut tx = self.db.write(self.creator).await?;
        let index = indexes::ensure(&mut tx, self.creator, &model, SystemClock.now()).await?;
        tx.commit().await?;
        Ok(SearchScope { creator: self.creator, index: index.reference(), bases: Vec::new() })
    }

    async fn publish(&self, passages: &[(&str, [f32; 3])]) -> Result<Published> {
        let scope = self.scope().await?;
        let now = SystemClock.now();
        let (document, version) = (DocumentId::new(now), VersionId::new(now));
        let mut tx = self.db.write(self.creator).await?;
        let new = NewDocument {
            id: document,
            knowledge_base_id: self.base,
            folder_id: None,
            title: "doc".into(),
            kind: DocumentKind::Text,
            citation_url: None,
        };
        documents::insert(&mut tx, now, self.creator, &new).await?;
        let file = StoredFile {
            key: "k".into(),
            name: "doc.txt".into(),
            kind: DocumentKind::Text,
            bytes: 1,
            sha256: vec![0; 32],
        };
        let new = NewVersion { id: version, document_id: document, file, source_url: None };
        documents::add_version(&mut tx, now, self.creator, &new).await?;
        let home = Home { base: self.base, document, version };
        let new: Vec<NewChunk> = (0..).zip(passages).map(|(n, (terms, _))| chunk(n, terms)).collect();
        chunks::insert(&mut tx, self.creator, home, &new).await?;
        for (chunk, (_, vector)) in new.iter().zip(passages) {
            chunks::put_vector(&mut tx, self.creator, scope.index.id, chunk.id, vector).await?;
        }
        tx.commit().await?;
        let points = new.iter().zip(passages).map(|(chunk, (terms, vector))| IndexPoint {
            chunk: chunk.id,
            document,
            version,
            base: self.base,
            vector: vector.to_vec(),
            terms: terms.split(' ').map(str::to_owned).collect(),
        });
        self.index.upsert(self.creator, &scope.index, points.collect()).await?;
        let mut tx = self.db.write(self.creator).await?;
        if let Some(ingestion) = ingestion::ingestion(&mut tx, self.creator, version).await? {
            ingestion::activate(&mut tx, now, self.creator, &ingestion).await?;
        }
        tx.commit().await?;
        Ok(Published { document, version, chunks: new.iter().map(|chunk| chunk.id).collect() })
    }

    async fn delete(&self, published: &Published) -> Result<()> {
        let scope = self.scope().await?;
        let mut tx = self.db.write(self.creator).await?;
        documents::remove(&mut tx, SystemClock.now(), self.creator, published.document).await?;
        indexes::touch(&mut tx, self.creator).await?;
        tx.commit().await?;
        Ok(self.index.remove(self.creator, &scope.index, &[published.version]).await?)
    }

    async fn dense(&self, vector: [f32; 3]) -> Result<Vec<ChunkId>> {
        let found = self.index.dense(&self.scope().await?, &vector, 10).await?;
        assert!(found.is_sorted_by(|a, b| a.score >= b.score));
        Ok(found.into_iter().map(|candidate| candidate.chunk).collect())
    }

    async fn lexical(&self, words: &str) -> Result<Vec<(ChunkId, f32)>> {
        let term = |word: &str| TermWeight { term: word.into(), weight: 1.0 };
        let terms: Vec<TermWeight> = words.split(' ').map(term).collect();
        let found = self.index.lexical(&self.scope().await?, &terms, 10).await?;
        Ok(found.into_iter().map(|candidate| (candidate.chunk, candidate.score)).collect())
    }
}

fn chunk(ordinal: i64, terms: &str) -> NewChunk {
    NewChunk {
        id: ChunkId::new(SystemClock.now()),
        ordinal,
        part_number: 0,
        start_byte: 0,
        end_byte: 1,
        page: None,
        heading: None,
        start_ms: None,
        end_ms: None,
        text: terms.into(),
        text_hash: vec![1],
        terms: terms.into(),
    }
}

/// The contract itself.
async fn holds(db: &Db, index: &dyn VectorIndex) -> Result<()> {
    let ours = Place::new(db, index, "ours").await?;
    let theirs = Place::new(db, index, "theirs").await?;
    assert!(ours.dense([1.0, 0.0, 0.0]).await?.is_empty(), "nothing is found before anything is published");
    let rowing = ours.publish(&[("row oar", [1.0, 0.0, 0.0]), ("rest sleep", [0.0, 1.0, 0.0])]).await?;
    let pacing = ours.publish(&[("row pace pace", [0.8, 0.6, 0.0])]).await?;

    assert_eq!(ours.dense([1.0, 0.0, 0.0]).await?, [rowing.chunks[0], pacing.chunks[0], rowing.chunks[1]]);
    let alone = ours.lexical("pace row").await?;
    assert_eq!(alone.iter().map(|found| found.0).collect::<Vec<_>>(), [pacing.chunks[0], rowing.chunks[0]]);

    let foreign = theirs.publish(&[("pace pace row row", [1.0, 0.0, 0.0])]).await?;
    assert_eq!(
        theirs.dense([1.0, 0.0, 0.0]).await?,
        foreign.chunks,
        "a creator finds their own and nothing else"
    );
    assert_eq!(ours.lexical("pace row").await?, alone, "another creator's documents change no score");

    ours.delete(&pacing).await?;
    assert_eq!(ours.lexical("pace").await?, [], "what is deleted is not found");
    assert_eq!(ours.dense([0.8, 0.6, 0.0]).await?.len(), 2);
    Ok(())
}

fn settings(url: String) -> QdrantSettings {
    QdrantSettings { url, api_key: None, timeout: std::time::Duration::from_secs(5), budget: 1 << 20 }
}

#[tokio::test]
async fn the_embedded_index_keeps_the_contract() -> Result<()> {
    let db = db::sqlite().await?;
    holds(&db, &EmbeddedIndex::new(db.clone(), 1 << 20)).await
}

#[tokio::test]
async fn the_embedded_index_keeps_it_without_memory_to_spare() -> Result<()> {
    let db = db::sqlite().await?;
    holds(&db, &EmbeddedIndex::new(db.clone(), 0)).await
}

#[tokio::test]
async fn qdrant_keeps_the_contract() -> Result<()> {
    let db = db::sqlite().await?;
    let server = FakeQdrant::start().await?;
    holds(&db, &QdrantIndex::new(db.clone(), &settings(server.url()))?).await?;
    for asked in server.asked() {
        match asked {
            Asked::Upsert(upsert) => assert_eq!(upsert.wait, Some(true)),
            Asked::Delete(delete) => assert_eq!(delete.wait, Some(true)),
            Asked::Query(query) => {
                let conditions = query.filter.unwrap_or_default().must;
                assert!(format!("{conditions:?}").contains("creator_id"), "every search is one creator's");
            }
            Asked::Create(_) | Asked::FieldIndex(_) => {}
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_real_qdrant_keeps_the_contract() -> Result<()> {
    let Ok(url) = std::env::var("QDRANT_URL") else { return Ok(()) };
    let db = db::sqlite().await?;
    holds(&db, &QdrantIndex::new(db.clone(), &settings(url))?).await
}

#[tokio::test]
async fn both_engines_score_words_alike() -> Result<()> {
    let db = db::sqlite().await?;
    let server = FakeQdrant::start().await?;
    let qdrant = QdrantIndex::new(db.clone(), &settings(server.url()))?;
    let embedded = EmbeddedIndex::new(db.clone(), 1 << 20);
    let place = Place::new(&db, &qdrant, "both").await?;
    place
        .publish(&[("row row oar", [1.0, 0.0, 0.0]), ("oar boat", [0.0, 1.0, 0.0]), ("row", [0.0, 0.0, 1.0])])
        .await?;
    let there = place.lexical("row oar").await?;
    let here = Place { index: &embedded, ..place }.lexical("row oar").await?;
    assert_eq!(here.len(), 3);
    for ((chunk, score), (other, same)) in here.iter().zip(&there) {
        assert_eq!(chunk, other);
        assert!((score - same).abs() < 1e-4);
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_away_is_worth_a_retry() -> Result<()> {
    let db = db::sqlite().await?;
    let server = FakeQdrant::start().await?;
    let index = QdrantIndex::new(db.clone(), &settings(server.url()))?;
    index.check().await?;
    server.set_away(true);
    let error = index.check().await.err();
    assert!(matches!(error, Some(coxswain_domain::ports::IndexError::Unreachable(_))), "{error:?}");
    server.set_away(false);
    index.check().await?;
    Ok(())
}

/// Every text points the same way; what is tested here does not depend on where.
struct OneWay(EmbeddingModel);

#[async_trait]
impl Embedder for OneWay {
    fn model(&self) -> &EmbeddingModel {
        &self.0
    }

    async fn embed_query(&self, _: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(vec![1.0, 0.0, 0.0])
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(vec![vec![1.0, 0.0, 0.0]; texts.len()])
    }
}

#[tokio::test]
async fn what_an_index_still_holds_of_a_deleted_document_is_not_retrieved() -> Result<()> {
    let db = db::sqlite().await?;
    let server = FakeQdrant::start().await?;
    let index: Arc<dyn VectorIndex> = Arc::new(QdrantIndex::new(db.clone(), &settings(server.url()))?);
    let place = Place::new(&db, &*index, "late").await?;
    let kept = place.publish(&[("row", [1.0, 0.0, 0.0])]).await?;
    let gone = place.publish(&[("row", [1.0, 0.0, 0.0])]).await?;
    let embedder = Arc::new(OneWay(place.scope().await?.index.model));
    let retriever = Retriever::new(db.clone(), embedder, Arc::clone(&index));
    let query = Query::new(place.creator, "row", 10);
    assert_eq!(retriever.retrieve(&query).await?.len(), 2);

    let mut tx = db.write(place.creator).await?;
    documents::remove(&mut tx, SystemClock.now(), place.creator, gone.document).await?;
    tx.commit().await?;
    assert_eq!(server.points(), 2, "the index has not been told yet");
    let found = retriever.retrieve(&query).await?;
    assert_eq!(found.iter().map(|passage| passage.row.document_id).collect::<Vec<_>>(), [kept.document]);
    Ok(())
}
