//! Citations: the words of a document that a statement stands on.

use serde::{Deserialize, Serialize};

use crate::{ChunkId, DocumentId, VersionId};

/// A quote that occurs word for word in one version of one document, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Citation {
    /// Its number in the answer, from 1.
    pub n: u32,
    /// The document.
    pub document_id: DocumentId,
    /// The version the quote was checked against.
    pub version_id: VersionId,
    /// That version's number, from 1.
    pub version_number: i64,
    /// The document's title when the answer was given.
    pub title: String,
    /// Page or slide, from 1, where the format has pages.
    pub page: Option<u32>,
    /// The nearest heading, where the format has headings.
    pub heading: Option<String>,
    /// Start in milliseconds, for transcripts.
    pub start_ms: Option<u64>,
    /// The verbatim quote.
    pub quote: String,
    /// Where the creator says the source can be read.
    pub url: Option<String>,
    /// The chunk the quote came from.
    pub chunk_id: ChunkId,
    /// Retrieval score of that chunk, 0 to 1; comparable within one answer only.
    pub score: f32,
}
