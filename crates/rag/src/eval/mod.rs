//! Evaluation on public benchmark sets, through the same code that serves clients.
//!
//! A set is a folder in the BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/`. Its corpus is
//! kept in a database of its own, so that a second run only asks the questions.

mod answers;
mod corpus;
pub mod dataset;
mod retrieval;

pub use answers::{AnswersRun, answers};
pub use corpus::{EvalKnowledge, EvalOptions};
pub use retrieval::{RetrievalRun, retrieval};

/// Why an evaluation could not run.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A file of the set cannot be read.
    #[error("{path}: {reason}")]
    Dataset {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] coxswain_store::StoreError),
    /// Embedding failed.
    #[error(transparent)]
    Embed(#[from] coxswain_domain::ports::EmbedError),
    /// Chunking failed.
    #[error(transparent)]
    Chunk(#[from] crate::chunk::ChunkError),
    /// Retrieval failed.
    #[error(transparent)]
    Retrieve(#[from] crate::retrieve::RetrieveError),
    /// A question could not be worked on.
    #[error(transparent)]
    Answer(#[from] crate::answer::AnswerError),
    /// The run could not be written.
    #[error("the run could not be written: {0}")]
    Output(#[from] std::io::Error),
}
