//! `eval retrieval`: a TREC run over the questions of a set.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::dataset::{self, Question};
use super::{EvalError, EvalKnowledge, EvalOptions};
use crate::retrieve::{Mode, Query};

/// What a run of retrieval did.
#[derive(Clone, Debug, Serialize)]
pub struct RetrievalRun {
    /// Questions asked.
    pub questions: usize,
    /// Median milliseconds from a question's vector and words to its passages, embedding included.
    pub p50_ms: f64,
    /// The same, 99 of 100 questions.
    pub p99_ms: f64,
}

/// Asks every question of the set and writes the documents found, best first, as a TREC run.
pub async fn retrieval(
    options: &EvalOptions,
    mode: Mode,
    top: usize,
    out: &Path,
    mut progress: impl FnMut(&str, usize, usize),
) -> Result<RetrievalRun, EvalError> {
    let questions = dataset::questions(&options.dataset)?;
    let knowledge = EvalKnowledge::open(options, |done, all| progress("documents", done, all)).await?;
    let mut run = BufWriter::new(File::create(out)?);
    let mut times = Vec::with_capacity(questions.len());
    for (done, question) in questions.iter().enumerate() {
        let begun = std::time::Instant::now();
        let found = documents(&knowledge, question, mode, top).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        for (rank, (document, score)) in found.iter().enumerate() {
            writeln!(run, "{} Q0 {document} {} {score:.6} coxswain", question.id, rank + 1)?;
        }
        progress("questions", done + 1, questions.len());
    }
    run.flush()?;
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(RetrievalRun { questions: questions.len(), p50_ms: at(50), p99_ms: at(99) })
}

/// The documents of the best passages, each by its best, at most `top`.
async fn documents(
    knowledge: &EvalKnowledge,
    question: &Question,
    mode: Mode,
    top: usize,
) -> Result<Vec<(String, f32)>, EvalError> {
    // A document may hold several of the best passages.
    let query = Query { mode, ..Query::new(knowledge.creator, &question.text, top * 3) };
    let passages = knowledge.retriever.retrieve(&query).await?;
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for passage in passages {
        let Some(document) = passage.row.citation_url else { continue };
        if seen.insert(document.clone()) {
            found.push((document, passage.score));
        }
    }
    found.truncate(top);
    Ok(found)
}
