//! Why answers are what they are.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChunkId, CreatorId, MessageId,
    answer::{AnswerTrace, TracePassage},
};
use sqlx::types::Json;

use crate::{Result, Tx};

/// Keeps how an answer came about. What a passage says is left out: it stays with the chunk.
pub async fn add(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    message: MessageId,
    trace: &AnswerTrace,
) -> Result<()> {
    later!(
        tx,
        "INSERT INTO answer_traces (message_id, creator_id, trace, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (message_id) DO UPDATE SET trace = excluded.trace",
        message,
        creator,
        Json(bare(trace)),
        now,
    )
}

/// The trace without anything that belongs to the documents themselves.
fn bare(trace: &AnswerTrace) -> AnswerTrace {
    let strip = |passage: &TracePassage| TracePassage {
        chunk_id: passage.chunk_id,
        document_id: passage.document_id,
        title: None,
        page: None,
        heading: None,
        score: passage.score,
        dense: passage.dense,
        lexical: passage.lexical,
        used: passage.used,
        text: None,
    };
    AnswerTrace {
        passages: trace.passages.iter().map(strip).collect(),
        rewrite: trace.rewrite.clone(),
        language: trace.language.clone(),
        dropped: trace.dropped.clone(),
        prompt: trace.prompt,
        model: trace.model.clone(),
        confidence: trace.confidence,
        timings_ms: trace.timings_ms,
    }
}

#[derive(sqlx::FromRow)]
struct Passage {
    title: String,
    page: Option<i64>,
    heading: Option<String>,
    text: String,
}

/// How an answer of a creator came about, each passage with its words where they still exist.
pub async fn get(tx: &mut Tx, creator: CreatorId, message: MessageId) -> Result<Option<AnswerTrace>> {
    let row = fetch_optional!(
        tx,
        (Json<AnswerTrace>,),
        "SELECT trace FROM answer_traces WHERE creator_id = $1 AND message_id = $2",
        creator,
        message,
    )?;
    let Some((Json(mut trace),)) = row else {
        return Ok(None);
    };
    for passage in &mut trace.passages {
        if let Some(found) = words(tx, creator, passage.chunk_id).await? {
            passage.title = Some(found.title);
            passage.page = found.page.and_then(|page| u32::try_from(page).ok());
            passage.heading = found.heading;
            passage.text = Some(found.text);
        }
    }
    Ok(Some(trace))
}

async fn words(tx: &mut Tx, creator: CreatorId, chunk: ChunkId) -> Result<Option<Passage>> {
    fetch_optional!(
        tx,
        Passage,
        "SELECT documents.title, chunks.page, chunks.heading, chunks.text
         FROM chunks JOIN documents ON documents.id = chunks.document_id
         WHERE chunks.creator_id = $1 AND chunks.id = $2",
        creator,
        chunk,
    )
}
