//! `eval answers`: an answer for each question of a set, by the engine that serves clients.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use coxswain_domain::account::CreatorSettings;
use coxswain_domain::conversation::{Author, Message, MessageStatus};
use coxswain_domain::ports::ChatModel;
use coxswain_domain::{Clock, ConversationId, MessageId, TurnId};
use coxswain_store::live::Live;
use serde::Serialize;

use super::dataset::{self, Question};
use super::{EvalError, EvalKnowledge, EvalOptions};
use crate::answer::{AnswerEngine, AnswerParts, AnswerSettings, Asked};

/// What a run of answers did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AnswersRun {
    /// Questions answered.
    pub answered: usize,
    /// Questions the engine said it cannot answer.
    pub abstained: usize,
    /// Median milliseconds of one answer.
    pub p50_ms: f64,
}

/// One line of the run.
#[derive(Serialize)]
struct AnswerLine<'a> {
    id: &'a str,
    answer: &'a str,
    abstained: bool,
    confidence: f32,
    citations: Vec<CitationLine<'a>>,
    latency_ms: f64,
}

#[derive(Serialize)]
struct CitationLine<'a> {
    doc_id: &'a str,
    quote: &'a str,
}

/// Answers every question of the set, at most `limit`, and writes one JSON line for each.
/// Without a model, or while its server is not there, answers are made of quotes.
pub async fn answers(
    options: &EvalOptions,
    model: impl Into<Option<Arc<dyn ChatModel>>>,
    limit: Option<usize>,
    out: &Path,
    mut progress: impl FnMut(&str, usize, usize),
) -> Result<AnswersRun, EvalError> {
    let mut questions = dataset::questions(&options.dataset)?;
    questions.truncate(limit.unwrap_or(usize::MAX));
    let knowledge = EvalKnowledge::open(options, |done, all| progress("documents", done, all)).await?;
    let engine = AnswerEngine::new(AnswerParts {
        db: knowledge.db.clone(),
        clock: Arc::clone(&options.clock),
        live: Live::default(),
        retriever: knowledge.retriever.clone(),
        embedder: Arc::clone(&options.embedder),
        model: model.into(),
        settings: AnswerSettings::default(),
    });
    let mut file = BufWriter::new(File::create(out)?);
    let mut run = AnswersRun::default();
    let mut times = Vec::with_capacity(questions.len());
    for (done, question) in questions.iter().enumerate() {
        let (line, took) = answer(&engine, &knowledge, options.clock.as_ref(), question).await?;
        times.push(took);
        file.write_all(&line.text)?;
        if line.abstained {
            run.abstained += 1;
        } else {
            run.answered += 1;
        }
        progress("questions", done + 1, questions.len());
    }
    file.flush()?;
    times.sort_by(f64::total_cmp);
    run.p50_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    Ok(run)
}

struct Line {
    text: Vec<u8>,
    abstained: bool,
}

async fn answer(
    engine: &AnswerEngine,
    knowledge: &EvalKnowledge,
    clock: &dyn Clock,
    question: &Question,
) -> Result<(Line, f64), EvalError> {
    let history = history(clock, question);
    let settings = CreatorSettings::default();
    let asked = Asked {
        creator: knowledge.creator,
        bases: &[],
        question: &question.text,
        vector: None,
        history: &history,
        settings: &settings,
    };
    let begun = std::time::Instant::now();
    let answer = engine.answer(asked, &mut |_| ()).await?;
    let latency_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let citations = answer.end.citations.iter();
    let line = AnswerLine {
        id: &question.id,
        answer: &answer.end.text,
        abstained: answer.end.abstained,
        confidence: answer.trace.confidence,
        citations: citations
            .filter_map(|citation| {
                Some(CitationLine { doc_id: citation.url.as_deref()?, quote: &citation.quote })
            })
            .collect(),
        latency_ms,
    };
    let mut text = serde_json::to_vec(&line).map_err(std::io::Error::from)?;
    text.push(b'\n');
    Ok((Line { text, abstained: answer.end.abstained }, latency_ms))
}

/// The conversation before a question, as the engine reads it from a database.
fn history(clock: &dyn Clock, question: &Question) -> Vec<Message> {
    let now = clock.now();
    let (conversation_id, turn_id) = (ConversationId::new(now), TurnId::new(now));
    let message = |(seq, turn): (i64, &dataset::HistoryTurn)| Message {
        id: MessageId::new(now),
        conversation_id,
        turn_id,
        seq,
        author: if turn.role == "user" { Author::Client } else { Author::Engine },
        text: turn.text.clone(),
        status: MessageStatus::Done,
        abstained: false,
        citations: Vec::new(),
        problem: None,
        created_at: now,
        completed_at: Some(now),
    };
    (1..).zip(&question.metadata.history).map(message).collect()
}
