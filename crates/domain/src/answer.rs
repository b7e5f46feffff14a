//! Why an answer is what it is.

use serde::{Deserialize, Serialize};

use crate::{ChunkId, DocumentId};

/// How an answer came about, for the person who asks "why this answer".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerTrace {
    /// The question as it was searched for, where that differs from what was asked.
    pub rewrite: Option<String>,
    /// The client's language (BCP 47), where the question tells it.
    pub language: Option<String>,
    /// What was found, best first.
    pub passages: Vec<TracePassage>,
    /// What was taken out of the answer, and why.
    pub dropped: Vec<Dropped>,
    /// The prompt's size; `None` where no model was asked.
    pub prompt: Option<PromptSize>,
    /// The chat model; `None` for an extractive answer.
    pub model: Option<String>,
    /// How sure the engine is that the knowledge covers the question, 0 to 1.
    pub confidence: f32,
    /// Where the time went.
    pub timings_ms: AnswerTimings,
}

/// A passage that was found for a question. Its words stay with the chunk: a deleted document leaves none here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracePassage {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its document.
    pub document_id: DocumentId,
    /// The document's title now; `None` once it is gone.
    #[serde(default)]
    pub title: Option<String>,
    /// Page or slide, from 1.
    #[serde(default)]
    pub page: Option<u32>,
    /// The nearest heading.
    #[serde(default)]
    pub heading: Option<String>,
    /// Fused score, 0 to 1; comparable within one answer only.
    pub score: f32,
    /// Cosine similarity, where the vector search found it.
    pub dense: Option<f32>,
    /// BM25, where the word search found it.
    pub lexical: Option<f32>,
    /// Whether the answer was made from it.
    pub used: bool,
    /// The passage; `None` once its version is gone.
    #[serde(default)]
    pub text: Option<String>,
}

/// A sentence or a citation that did not pass the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dropped {
    /// What the model wrote.
    pub sentence: String,
    /// What was wrong with it.
    pub reason: String,
}

/// How large a prompt was, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromptSize {
    /// Our count, on the high side.
    pub tokens: u32,
    /// Most it was allowed to have.
    pub budget: u32,
    /// The context asked for.
    pub num_ctx: u32,
    /// What the model says it evaluated, where it says so.
    #[serde(default)]
    pub evaluated: Option<u32>,
}

/// Where an answer's time went, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerTimings {
    /// Making the question stand alone.
    pub rewrite: f64,
    /// Embedding the question.
    pub embed: f64,
    /// Finding passages.
    pub retrieve: f64,
    /// Waiting for a turn at the model.
    #[serde(default)]
    pub queue: f64,
    /// From the start to the first words.
    pub first_token: f64,
    /// From the start to the end.
    pub total: f64,
}
