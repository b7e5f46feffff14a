//! The port to an embedding model.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Which model made a vector, and how long its vectors are. Vectors of different models never meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmbeddingModel {
    /// The model's name.
    pub name: String,
    /// Components per vector.
    pub dimension: u32,
}

/// Why texts could not be embedded.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The runtime or the weights are not there: say how to install them.
    #[error("the embedding model is not available: {0}")]
    Unavailable(String),
    /// The runtime failed on these texts.
    #[error("embedding failed: {0}")]
    Failed(String),
}

/// An embedding model. Vectors have unit length.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model behind the vectors.
    fn model(&self) -> &EmbeddingModel;

    /// Embeds one question; never waits behind passages.
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError>;

    /// Embeds passages, one vector each, in the order given.
    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError>;
}
