//! A corpus as a creator's knowledge, in a database of its own.

use std::path::PathBuf;
use std::sync::Arc;

use coxswain_domain::document::{DocumentKind, Part};
use coxswain_domain::ports::{Embedder, VectorIndex};
use coxswain_domain::{ChunkId, CreatorId, DocumentId, KnowledgeBaseId, SharedClock, VersionId};
use coxswain_store::bases::{self, KnowledgeBase};
use coxswain_store::chunks::{self, Home, NewChunk};
use coxswain_store::creators::{self, Creator};
use coxswain_store::documents::{self, NewDocument, NewVersion, StoredFile};
use coxswain_store::indexes::{self, Index};
use coxswain_store::ingestion::{self, Ingestion};
use coxswain_store::{Db, DbOptions, Tx};

use super::EvalError;
use super::dataset::{self, CorpusDocument};
use crate::chunk::{Chunk, ChunkError, Chunker};
use crate::index::EmbeddedIndex;
use crate::retrieve::Retriever;

/// Grows when chunks or terms of the same text change, so that kept corpora are made anew.
const CUT: u32 = 2;
/// Tokens up to which an entry of a corpus stays one passage: twice what the model reads.
const WHOLE: usize = 512;
/// Documents written in one transaction; enough to sort their chunks by length.
const BLOCK: usize = 256;

/// What an evaluation works with.
pub struct EvalOptions {
    /// The set.
    pub dataset: PathBuf,
    /// Where databases of corpora are kept.
    pub cache: PathBuf,
    /// The time.
    pub clock: SharedClock,
    /// The embedding model.
    pub embedder: Arc<dyn Embedder>,
    /// The model's chunker.
    pub chunker: Arc<Chunker>,
}

/// A corpus that can be asked.
pub struct EvalKnowledge {
    /// The database.
    pub db: Db,
    /// The creator whose knowledge it is.
    pub creator: CreatorId,
    /// The index over it.
    pub index: Arc<dyn VectorIndex>,
    /// Finds passages of it. A passage's citation link is the document's id in the set.
    pub retriever: Retriever,
}

impl EvalKnowledge {
    /// Opens the corpus of a set, ingesting what is missing. `progress` hears documents done, of all.
    pub async fn open(
        options: &EvalOptions,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Self, EvalError> {
        let corpus = dataset::corpus(&options.dataset)?;
        std::fs::create_dir_all(&options.cache)?;
        let path = options.cache.join(format!("{}.db", fingerprint(options, &corpus)));
        let db = Db::open(&DbOptions::sqlite(path)).await?;
        let (creator, base) = home(&db, options).await?;
        let mut tx = db.write(creator).await?;
        let index = indexes::ensure(&mut tx, creator, options.embedder.model(), options.clock.now()).await?;
        let mut done =
            usize::try_from(bases::get(&mut tx, creator, base).await?.map_or(0, |base| base.documents))
                .unwrap_or_default();
        tx.commit().await?;
        progress(done, corpus.len());
        while done < corpus.len() {
            let block = &corpus[done..corpus.len().min(done + BLOCK)];
            ingest(&db, options, creator, base, &index, block).await?;
            done += block.len();
            progress(done, corpus.len());
        }
        let engine: Arc<dyn VectorIndex> = Arc::new(EmbeddedIndex::new(db.clone(), usize::MAX));
        let retriever = Retriever::new(db.clone(), Arc::clone(&options.embedder), Arc::clone(&engine));
        Ok(Self { db, creator, index: engine, retriever })
    }
}

/// Names the database: another corpus, model or way to cut it is another database.
fn fingerprint(options: &EvalOptions, corpus: &[CorpusDocument]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&CUT.to_le_bytes());
    hasher.update(options.embedder.model().name.as_bytes());
    for document in corpus {
        for field in [&document.id, &document.title, &document.text] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The creator and base of this database, made on first use.
async fn home(db: &Db, options: &EvalOptions) -> Result<(CreatorId, KnowledgeBaseId), EvalError> {
    let now = options.clock.now();
    let mut tx = db.system().await?;
    let creator = if let Some(creator) = creators::oldest(&mut tx, 1).await?.pop() {
        creator.id
    } else {
        let creator = Creator {
            id: CreatorId::new(now),
            name: "eval".into(),
            settings: coxswain_domain::account::CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        creators::insert(&mut tx, &creator).await?;
        creator.id
    };
    tx.act_for(creator).await?;
    let base = if let Some(base) = bases::named(&mut tx, creator, "corpus").await? {
        base.id
    } else {
        let id = KnowledgeBaseId::new(now);
        let base = KnowledgeBase {
            id,
            name: "corpus".into(),
            description: String::new(),
            documents: 0,
            created_at: now,
        };
        bases::insert(&mut tx, creator, &base).await?;
        id
    };
    tx.commit().await?;
    Ok((creator, base))
}

/// Ingests a block of documents, all or none.
async fn ingest(
    db: &Db,
    options: &EvalOptions,
    creator: CreatorId,
    base: KnowledgeBaseId,
    index: &Index,
    block: &[CorpusDocument],
) -> Result<(), EvalError> {
    let mut cut = Vec::with_capacity(block.len());
    let mut texts = Vec::new();
    for document in block {
        let heading = (!document.title.is_empty()).then(|| document.title.clone());
        let part = Part { heading, text: document.text.clone(), ..Part::default() };
        let chunks = passages(&options.chunker, &part)?;
        texts.extend(chunks.iter().map(|chunk| chunk.embedded.clone()));
        cut.push((document, part, chunks));
    }
    let mut vectors = options.embedder.embed_passages(texts).await?.into_iter();
    let mut tx = db.write(creator).await?;
    for (document, part, chunks) in cut {
        let ingestion = add(&mut tx, options, creator, base, document).await?;
        ingestion::add_parts(&mut tx, creator, ingestion.version, 0, std::slice::from_ref(&part)).await?;
        let home = Home { base, document: ingestion.document, version: ingestion.version };
        let new: Vec<NewChunk> =
            (0..).zip(&chunks).map(|(ordinal, chunk)| new_chunk(options, ordinal, &part, chunk)).collect();
        chunks::insert(&mut tx, creator, home, &new).await?;
        for (chunk, vector) in new.iter().zip(&mut vectors) {
            chunks::put_vector(&mut tx, creator, index.id, chunk.id, &vector).await?;
        }
        ingestion::activate(&mut tx, options.clock.now(), creator, &ingestion).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// An entry as passages. The entries of these sets are passages already, cut by their authors, and
/// published figures embed each as one. Only what is far beyond the model's window is cut.
fn passages(chunker: &Chunker, part: &Part) -> Result<Vec<Chunk>, ChunkError> {
    if chunker.tokens(&part.text)? <= WHOLE { Ok(vec![chunker.whole(part)?]) } else { chunker.chunks(part) }
}

async fn add(
    tx: &mut Tx,
    options: &EvalOptions,
    creator: CreatorId,
    base: KnowledgeBaseId,
    document: &CorpusDocument,
) -> Result<Ingestion, EvalError> {
    let now = options.clock.now();
    let (id, version, kind) = (DocumentId::new(now), VersionId::new(now), DocumentKind::Text);
    let title = if document.title.is_empty() { &document.id } else { &document.title };
    let new = NewDocument {
        id,
        knowledge_base_id: base,
        folder_id: None,
        title: title.clone(),
        kind,
        citation_url: Some(document.id.clone()),
    };
    documents::insert(tx, now, creator, &new).await?;
    let bytes = i64::try_from(document.text.len()).unwrap_or(i64::MAX);
    let file = StoredFile { key: String::new(), name: document.id.clone(), kind, bytes, sha256: Vec::new() };
    let new = NewVersion { id: version, document_id: id, file, source_url: None };
    documents::add_version(tx, now, creator, &new).await?;
    Ok(ingestion::ingestion(tx, creator, version).await?.ok_or(coxswain_store::StoreError::Dangling)?)
}

fn new_chunk(options: &EvalOptions, ordinal: i64, part: &Part, chunk: &Chunk) -> NewChunk {
    let place = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
    NewChunk {
        id: ChunkId::new(options.clock.now()),
        ordinal,
        part_number: 0,
        start_byte: place(chunk.start),
        end_byte: place(chunk.end),
        page: None,
        heading: part.heading.clone(),
        start_ms: None,
        end_ms: None,
        text: part.text[chunk.start..chunk.end].to_owned(),
        text_hash: chunk.hash.to_vec(),
        terms: chunk.terms.join(" "),
    }
}
