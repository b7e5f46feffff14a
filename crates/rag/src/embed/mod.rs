//! Embeddings, made in this process.
//!
//! Questions have a session of their own and never wait behind an upload. Passages go to a
//! pool of single-threaded sessions, one per core, in small batches of similar length: on a
//! CPU that is faster than large batches, whose shorter members are padded to the longest.

mod pool;
mod runtime;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use coxswain_domain::ports::{EmbedError, Embedder, EmbeddingModel};
use futures::future::try_join_all;

use pool::{Loader, Pool};
use runtime::ModelFiles;

/// Where the embedding model lies and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct EmbedSettings {
    /// The ONNX Runtime shared library.
    pub runtime: PathBuf,
    /// The folder with the model's graph, weights and tokenizer; its name names the model.
    pub folder: PathBuf,
    /// Longest text the model reads, in tokens; the rest is cut off.
    pub max_tokens: usize,
    /// Most sessions for passages, one thread each; 0 for one per core.
    pub sessions: usize,
    /// How long a passage session stays loaded without work.
    pub idle: Duration,
}

impl EmbedSettings {
    /// The files `make setup` leaves under `dist`.
    pub fn in_folder(dist: &std::path::Path) -> Self {
        Self {
            runtime: dist.join("onnxruntime").join(format!("libonnxruntime{}", std::env::consts::DLL_SUFFIX)),
            folder: dist.join("all-MiniLM-L6-v2"),
            max_tokens: 256,
            sessions: 0,
            idle: Duration::from_secs(30),
        }
    }
}

/// The embedding model in this process.
pub struct OnnxEmbedder {
    files: ModelFiles,
    queries: Pool,
    passages: Pool,
}

impl OnnxEmbedder {
    /// Finds the model's files and begins to load the session for questions in the background.
    ///
    /// # Errors
    /// [`EmbedError::Unavailable`] when a file is missing; the message names it and what to run.
    pub fn open(settings: &EmbedSettings) -> Result<Self, EmbedError> {
        let files = ModelFiles::find(&settings.runtime, &settings.folder, settings.max_tokens)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let sessions = if settings.sessions == 0 { cores } else { settings.sessions };
        let source = files.clone();
        let load: Loader = Arc::new(move || {
            let mut model = source.load()?;
            Ok(Box::new(move |texts: &[String]| {
                model.embed(texts, Some(texts.len())).map_err(|error| EmbedError::Failed(error.to_string()))
            }))
        });
        let queries = Pool::new("embed-query", 1, None, Arc::clone(&load));
        // Nobody waits for this one: it makes the first question as fast as the rest.
        drop(queries.submit(vec![String::new()]));
        let passages = Pool::new("embed-passages", sessions, Some(settings.idle), load);
        Ok(Self { files, queries, passages })
    }

    /// The tokenizer's file, so that chunks are measured in the model's own tokens.
    pub fn tokenizer(&self) -> PathBuf {
        self.files.tokenizer()
    }
}

#[async_trait]
impl Embedder for OnnxEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.files.model
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let vectors = self.queries.submit(vec![text.to_owned()]).await.map_err(|_| died())??;
        vectors.into_iter().next().ok_or_else(died)
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut texts: Vec<_> = texts.into_iter().map(Some).collect();
        let plan = batches(texts.iter().flatten().map(String::len));
        let waiting = plan.iter().map(|batch| {
            let batch = batch.iter().filter_map(|&place| texts[place].take()).collect();
            self.passages.submit(batch)
        });
        let waiting: Vec<_> = waiting.collect();
        let answers = try_join_all(waiting).await.map_err(|_| died())?;
        let mut vectors = vec![Vec::new(); texts.len()];
        for (batch, answer) in plan.into_iter().zip(answers) {
            for (place, vector) in batch.into_iter().zip(answer?) {
                vectors[place] = vector;
            }
        }
        Ok(vectors)
    }
}

fn died() -> EmbedError {
    EmbedError::Failed("the embedding session stopped without an answer".into())
}

/// Bytes of padded text in a batch, about: enough to be worth its overhead, and little padding. Chosen by trial.
const BATCH_BYTES: usize = 1600;
/// Most texts in one batch.
const BATCH_TEXTS: usize = 16;

/// Groups texts, given their lengths in bytes, so that a batch holds texts of similar length.
///
/// Longest first: the last batches to finish are short, so no session ends long after the others.
fn batches(lengths: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, usize)> = lengths.enumerate().collect();
    order.sort_unstable_by_key(|&(place, length)| (std::cmp::Reverse(length), place));
    let mut plan: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for (place, length) in order {
        if room == 0 {
            plan.push(Vec::new());
            room = (BATCH_BYTES / length.max(1)).clamp(1, BATCH_TEXTS);
        }
        room -= 1;
        if let Some(batch) = plan.last_mut() {
            batch.push(place);
        }
    }
    plan
}

#[cfg(test)]
mod tests;
