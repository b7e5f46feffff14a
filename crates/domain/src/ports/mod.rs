//! Ports: the traits third parties are met through. A trait exists only where a third party does.

mod chat;
mod embed;
mod index;

pub use chat::{ChatChunk, ChatError, ChatModel, ChatRequest, ChatRole, ChatStream, ChatTurn};
pub use embed::{EmbedError, Embedder, EmbeddingModel};
pub use index::{Candidate, IndexError, IndexPoint, IndexRef, SearchScope, TermWeight, VectorIndex};
