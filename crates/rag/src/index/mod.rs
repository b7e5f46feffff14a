//! Indexes: the engine in this process, and Qdrant.
//!
//! Both only find candidates, dense by cosine and lexical by BM25 with weights computed per
//! creator, here, so that both rank alike and no creator influences another's ranking. Fusion,
//! ranking and the check of what may be shown are ours and the same above both.

pub mod bm25;
mod copies;
mod embedded;
mod qdrant;
mod top;

pub use embedded::EmbeddedIndex;
pub use qdrant::{QdrantIndex, QdrantSettings};
