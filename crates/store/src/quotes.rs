//! Quotes: whether the stored text holds them, and how often each document is quoted.

use coxswain_domain::{ChunkId, CreatorId, DocumentId};

use crate::{Result, Tx};

/// Whether the part a chunk was cut from holds these words, and its document may still be quoted.
pub async fn occurs(tx: &mut Tx, creator: CreatorId, chunk: ChunkId, quote: &str) -> Result<bool> {
    if quote.is_empty() {
        return Ok(false);
    }
    // Both engines name "where in this text" differently; taking the words out is the same in both.
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT part.number
         FROM chunks
         JOIN documents ON documents.id = chunks.document_id AND documents.enabled
         JOIN document_parts part ON part.version_id = chunks.version_id AND part.number = chunks.part_number
         WHERE chunks.creator_id = $1 AND chunks.id = $2 AND REPLACE(part.text, $3, '') <> part.text",
        creator,
        chunk,
        quote,
    )?;
    Ok(row.is_some())
}

/// Counts one more answer that quotes a document.
pub async fn count(tx: &mut Tx, creator: CreatorId, document: DocumentId) -> Result<()> {
    later!(
        tx,
        "UPDATE documents SET times_quoted = times_quoted + 1 WHERE creator_id = $1 AND id = $2",
        creator,
        document,
    )
}
