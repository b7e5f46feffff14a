//! The second step: a vector for every chunk, kept some at a time.

use std::collections::HashMap;

use coxswain_domain::{ChunkId, CreatorId};
use coxswain_store::{
    chunks,
    indexes::{self, Index},
    ingestion::{self, Ingestion, Waiting},
};

use super::{Ingest, Stop, publish};

/// Chunks embedded and kept in one go: enough to sort by length, few enough to lose little in a crash.
const BATCH: i64 = 256;

/// Embeds what has no vector yet, then makes the version's points known to the indexes.
pub(super) async fn embed(ingest: &Ingest, creator: CreatorId, ingestion: &Ingestion) -> Result<Index, Stop> {
    let mut tx = ingest.db.write(creator).await?;
    let index = indexes::ensure(&mut tx, creator, ingest.embedder.model(), ingest.clock.now()).await?;
    let known = chunks::known_vectors(&mut tx, creator, ingestion.document, index.id).await?;
    tx.commit().await?;
    let known: HashMap<Vec<u8>, Vec<f32>> = known.into_iter().collect();
    loop {
        let mut tx = ingest.db.read(creator).await?;
        let waiting = ingestion::waiting(&mut tx, creator, index.id, ingestion.version, BATCH).await?;
        drop(tx);
        if waiting.is_empty() {
            break;
        }
        let count = waiting.len();
        let vectors = vectors(ingest, &known, waiting).await?;
        let mut tx = ingest.db.write(creator).await?;
        for (chunk, vector) in &vectors {
            chunks::put_vector(&mut tx, creator, index.id, *chunk, vector).await?;
        }
        ingestion::add_chunks_done(&mut tx, creator, ingestion.version, count).await?;
        tx.commit().await?;
        ingest.progress.changed(creator, ingestion.document);
    }
    publish::publish(&ingest.db, &*ingest.index, creator, ingestion).await?;
    Ok(index)
}

/// The vectors of these chunks: those of unchanged text are known, the rest is embedded.
async fn vectors(
    ingest: &Ingest,
    known: &HashMap<Vec<u8>, Vec<f32>>,
    waiting: Vec<Waiting>,
) -> Result<Vec<(ChunkId, Vec<f32>)>, Stop> {
    let mut vectors = Vec::with_capacity(waiting.len());
    let (mut fresh, mut texts) = (Vec::new(), Vec::new());
    for chunk in waiting {
        if let Some(vector) = known.get(&chunk.text_hash) {
            vectors.push((chunk.chunk_id, vector.clone()));
        } else {
            fresh.push(chunk.chunk_id);
            texts.push(ingest.chunker.embedded(chunk.heading.as_deref(), &chunk.text)?);
        }
    }
    metrics::counter!("coxswain_ingest_chunks_total", "vector" => "known").increment(vectors.len() as u64);
    metrics::counter!("coxswain_ingest_chunks_total", "vector" => "embedded").increment(texts.len() as u64);
    if !texts.is_empty() {
        let begun = std::time::Instant::now();
        let embedded = ingest.embedder.embed_passages(texts).await?;
        metrics::histogram!("coxswain_embedding_seconds", "of" => "passages")
            .record(begun.elapsed().as_secs_f64());
        vectors.extend(fresh.into_iter().zip(embedded));
    }
    Ok(vectors)
}
