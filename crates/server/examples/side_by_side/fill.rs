//! Chunks whose vectors are given, as one document of a creator.

use anyhow::Context;
use coxswain_domain::{
    ChunkId, DocumentId, KnowledgeBaseId, VersionId,
    document::{DocumentKind, Part, Stage},
};
use coxswain_rag::analyse;
use coxswain_server::engine::Engine;
use coxswain_store::{
    bases::{self, KnowledgeBase},
    chunks::{self, Home, NewChunk},
    creators,
    documents::{self, NewDocument, NewVersion, StoredFile},
    indexes,
    ingestion::{self, Ingestion},
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Batch {
    pub(crate) creator: String,
    pub(crate) texts: Vec<String>,
}

pub(crate) async fn fill(engine: &Engine, batch: &Batch, vectors: &[u8]) -> anyhow::Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.system_read().await?;
    let creator = creators::named(&mut tx, &batch.creator).await?.pop().context("no such creator")?.id;
    drop(tx);
    let (base, document, version) = (KnowledgeBaseId::new(now), DocumentId::new(now), VersionId::new(now));
    let mut tx = engine.db.write(creator).await?;
    let new = KnowledgeBase {
        id: base,
        name: format!("fill {base}"),
        description: String::new(),
        documents: 0,
        created_at: now,
    };
    bases::insert(&mut tx, creator, &new).await?;
    let kind = DocumentKind::Text;
    let new = NewDocument {
        id: document,
        knowledge_base_id: base,
        folder_id: None,
        title: "fill".into(),
        kind,
        citation_url: None,
    };
    documents::insert(&mut tx, now, creator, &new).await?;
    let file = StoredFile { key: String::new(), name: "fill.txt".into(), kind, bytes: 0, sha256: Vec::new() };
    let new = NewVersion { id: version, document_id: document, file, source_url: None };
    documents::add_version(&mut tx, now, creator, &new).await?;
    let parts: Vec<Part> =
        batch.texts.iter().map(|text| Part { text: text.clone(), ..Part::default() }).collect();
    ingestion::add_parts(&mut tx, creator, version, 0, &parts).await?;
    let chunk = |(ordinal, text): (i64, &String)| NewChunk {
        id: ChunkId::new(now),
        ordinal,
        part_number: ordinal,
        start_byte: 0,
        end_byte: i64::try_from(text.len()).unwrap_or(i64::MAX),
        page: None,
        heading: None,
        start_ms: None,
        end_ms: None,
        text: text.clone(),
        text_hash: ordinal.to_le_bytes().to_vec(),
        terms: analyse::terms(text).join(" "),
    };
    let new: Vec<NewChunk> = (0..).zip(&batch.texts).map(chunk).collect();
    chunks::insert(&mut tx, creator, Home { base, document, version }, &new).await?;
    let index = indexes::ensure(&mut tx, creator, engine.embedder.model(), now).await?;
    let dimension = index.model.dimension as usize;
    for (chunk, bytes) in new.iter().zip(vectors.chunks_exact(dimension * 4)) {
        let vector: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        chunks::put_vector(&mut tx, creator, index.id, chunk.id, &vector).await?;
    }
    let ingestion = Ingestion {
        version,
        document,
        base,
        kind,
        file_key: String::new(),
        file_name: "fill.txt".into(),
        stage: Stage::Embedding,
        enabled: true,
    };
    ingestion::activate(&mut tx, now, creator, &ingestion).await?;
    tx.commit().await?;
    Ok(())
}
