//! An embedder that knows some questions already, so that a benchmark can leave the model out.

use std::{collections::HashMap, io::BufRead, path::Path, sync::Arc};

use anyhow::Context;
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coxswain_domain::ports::{EmbedError, Embedder, EmbeddingModel};

pub(crate) struct KnownQuestions {
    known: HashMap<String, Vec<f32>>,
    behind: Arc<dyn Embedder>,
}

impl KnownQuestions {
    pub(crate) fn read(path: &Path, behind: Arc<dyn Embedder>) -> anyhow::Result<Self> {
        let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
        let mut lines = std::io::BufReader::new(file).lines();
        let mut known = HashMap::new();
        while let (Some(text), Some(vector)) = (lines.next(), lines.next()) {
            let bytes = STANDARD.decode(vector?)?;
            let vector = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            known.insert(serde_json::from_str(&text?)?, vector);
        }
        Ok(Self { known, behind })
    }
}

#[async_trait]
impl Embedder for KnownQuestions {
    fn model(&self) -> &EmbeddingModel {
        self.behind.model()
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        // A follow-up comes with words of earlier questions in brackets behind it, a question for what
        // somebody said without their name: each has the vector of the question it was made of.
        let question = text.rsplit_once(" (").map_or(text, |(question, _)| question);
        let made_of =
            || self.known.iter().find(|(known, _)| known.contains(question)).map(|(_, vector)| vector);
        match self.known.get(question).or_else(made_of) {
            Some(vector) => Ok(vector.clone()),
            None => self.behind.embed_query(text).await,
        }
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.behind.embed_passages(texts).await
    }
}
