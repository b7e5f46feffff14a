//! From a question to an answer that was checked.

use std::{sync::Arc, time::Duration};

use coxswain_domain::{
    CreatorId, KnowledgeBaseId, SharedClock,
    account::CreatorSettings,
    answer::{AnswerTrace, PromptSize},
    conversation::{Author, Message},
    ports::{ChatError, ChatModel, Embedder},
};
use coxswain_store::{Db, StoreError, conversations::Settled, live::Live};
use tokio::time::Instant;

use super::{
    confidence, ends,
    evidence::{self, Evidence},
    extract,
    language::{self, Language},
    problem,
    prompt::{self, Ingredients, PromptLimits},
    queue::Queue,
    rewrite,
    stream::{self, End, Sink, Streamed},
    verify::{self, Strictness, Verified},
};
use crate::retrieve::{Mode, Passage, Query, RetrieveError, Retriever};

/// How questions are answered.
#[derive(Clone, Copy, Debug)]
pub struct AnswerSettings {
    /// Passages an answer is made from, at most.
    pub passages: usize,
    /// Earlier messages looked at, at most.
    pub history: u32,
    /// Confidence below which the engine says that it does not know, 0 to 1.
    pub min_confidence: f32,
    /// What happens to unsupported statements.
    pub strictness: Strictness,
    /// The prompt's sizes.
    pub limits: PromptLimits,
    /// Questions a model answers at once.
    pub at_once: usize,
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self {
            passages: 5,
            history: 8,
            min_confidence: confidence::THRESHOLD,
            strictness: Strictness::default(),
            limits: PromptLimits::default(),
            at_once: 2,
        }
    }
}

/// What the engine works with.
pub struct AnswerParts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// Who is told while an answer grows.
    pub live: Live,
    /// Finds passages.
    pub retriever: Retriever,
    /// Embeds questions and sentences.
    pub embedder: Arc<dyn Embedder>,
    /// The chat model; `None` for extractive answers.
    pub model: Option<Arc<dyn ChatModel>>,
    /// How questions are answered.
    pub settings: AnswerSettings,
}

/// Answers questions.
pub struct AnswerEngine {
    pub(super) parts: AnswerParts,
    queue: Queue,
}

/// A question in its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Whose knowledge.
    pub creator: CreatorId,
    /// Only these bases; empty for all.
    pub bases: &'a [KnowledgeBaseId],
    /// The question in the client's own words.
    pub question: &'a str,
    /// The question's vector, where the caller has it.
    pub vector: Option<&'a [f32]>,
    /// What was said before, oldest first.
    pub history: &'a [Message],
    /// What the creator has decided.
    pub settings: &'a CreatorSettings,
}

/// A model call, for the books.
#[derive(Clone, Debug)]
pub(super) struct Spent {
    pub(super) model: String,
    pub(super) prompt_tokens: u32,
    pub(super) completion_tokens: u32,
    pub(super) took: Duration,
}

/// An answer, before it is settled.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its end: text, citations, whether it abstained, what went wrong.
    pub end: Settled,
    /// How it came about.
    pub trace: AnswerTrace,
    /// What the model cost.
    pub(super) spent: Option<Spent>,
    /// Why the question is a knowledge gap, if it is one.
    pub gap: Option<&'static str>,
}

/// Why a question could not be worked on at all: worth another try.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Retrieval failed.
    #[error(transparent)]
    Retrieve(#[from] RetrieveError),
}

/// A question on its way.
struct Work<'a> {
    asked: Asked<'a>,
    /// What was searched for: the question, standing alone, without whose words it asks for.
    searched: String,
    started: Instant,
    language: Option<Language>,
    vector: Option<Vec<f32>>,
    passages: Vec<Passage>,
    trace: AnswerTrace,
}

impl AnswerEngine {
    /// An engine over these parts.
    pub fn new(parts: AnswerParts) -> Self {
        let queue = Queue::new(parts.settings.at_once);
        Self { parts, queue }
    }

    /// Answers a question outside any conversation; `hear` gets the text as it comes.
    pub async fn answer(
        &self,
        asked: Asked<'_>,
        hear: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, AnswerError> {
        let mut sink = Sink::Listener(hear);
        let mut answer = self.compose(asked, &mut sink).await?;
        let mut tx = self.parts.db.read(asked.creator).await?;
        super::conclude::check_quotes(&mut tx, asked.creator, &mut answer).await?;
        Ok(answer)
    }

    pub(super) async fn compose(&self, asked: Asked<'_>, sink: &mut Sink<'_>) -> Result<Answer, AnswerError> {
        let mut work = self.find(asked).await?;
        if work.passages.is_empty() {
            return Ok(work.abstain("no_passages", sink));
        }
        if work.trace.confidence < self.parts.settings.min_confidence {
            return Ok(work.abstain("low_confidence", sink));
        }
        if sink.cancelled().is_cancelled() {
            return Ok(work.finish(ends::cancelled(Verified::default()), None));
        }
        match &self.parts.model {
            Some(model) => self.generate(work, Arc::clone(model), sink).await,
            None => Ok(self.extract(&mut work, sink).await),
        }
    }

    /// Everything up to the passages.
    async fn find<'a>(&self, asked: Asked<'a>) -> Result<Work<'a>, AnswerError> {
        let started = Instant::now();
        let clients: Vec<&str> = asked
            .history
            .iter()
            .filter(|message| message.author == Author::Client)
            .map(|message| message.text.as_str())
            .collect();
        let rewrite = rewrite::standalone(asked.question, &clients);
        let language = language::detect(asked.question, &clients);
        let mut trace = AnswerTrace {
            language: language.map(|language| language.code.to_owned()),
            ..AnswerTrace::default()
        };
        trace.timings_ms.rewrite = milliseconds(started.elapsed());
        let text = rewrite.as_deref().unwrap_or(asked.question);
        let about = self.parts.retriever.about(asked.creator, text).await?;
        let text = about.as_ref().map_or(text, |about| about.topic.as_str()).to_owned();
        let begun = Instant::now();
        let vector = match asked.vector {
            Some(given) if rewrite.is_none() && about.is_none() => Some(given.to_vec()),
            _ => self.embed(&text).await,
        };
        trace.timings_ms.embed = milliseconds(begun.elapsed());
        let begun = Instant::now();
        let mode = if vector.is_some() { Mode::Hybrid } else { Mode::Lexical };
        let top = self.parts.settings.passages;
        let query = Query {
            vector: vector.clone(),
            bases: asked.bases.to_vec(),
            mode,
            named: about.map(|about| about.documents).unwrap_or_default(),
            ..Query::new(asked.creator, text, top)
        };
        let passages = self.parts.retriever.retrieve(&query).await?;
        trace.timings_ms.retrieve = milliseconds(begun.elapsed());
        metrics::histogram!("coxswain_retrieval_seconds").record(begun.elapsed());
        trace.confidence = confidence::of(&query.text, &passages, !query.named.is_empty());
        trace.passages = passages.iter().map(|passage| evidence::trace(passage, false)).collect();
        trace.rewrite = rewrite;
        Ok(Work { asked, searched: query.text, started, language, vector, passages, trace })
    }

    /// The question's vector; without one, words alone find passages.
    async fn embed(&self, text: &str) -> Option<Vec<f32>> {
        let begun = Instant::now();
        let embedded = self.parts.embedder.embed_query(text).await;
        metrics::histogram!("coxswain_embedding_seconds", "of" => "question").record(begun.elapsed());
        embedded
            .inspect_err(|error| tracing::warn!(%error, "the question is searched for by its words alone"))
            .ok()
    }

    async fn extract(&self, work: &mut Work<'_>, sink: &mut Sink<'_>) -> Answer {
        let passages = std::mem::take(&mut work.passages);
        let evidence = Evidence::of(&passages);
        let vector = work.vector.as_deref();
        let found =
            extract::extract(&work.searched, vector, &evidence, &self.parts.embedder, work.language).await;
        let Some(found) = found else {
            return work.abstain("no_passages", sink);
        };
        work.trace.timings_ms.first_token = milliseconds(work.started.elapsed());
        sink.push(&found.text);
        for (passage, trace) in passages.iter().zip(&mut work.trace.passages) {
            trace.used = found.citations.iter().any(|citation| citation.chunk_id == passage.row.chunk_id);
        }
        let verified = Verified { text: found.text, citations: found.citations, dropped: Vec::new() };
        work.finish(ends::done(verified), None)
    }

    async fn generate(
        &self,
        mut work: Work<'_>,
        model: Arc<dyn ChatModel>,
        sink: &mut Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        let settings = self.parts.settings;
        let ingredients = Ingredients {
            question: work.asked.question,
            history: work.asked.history,
            passages: &work.passages,
            voice: &work.asked.settings.voice,
            language: work.language,
            strict: settings.strictness == Strictness::Strict,
        };
        let prompt = prompt::build(&ingredients, settings.limits);
        if prompt.used == 0 {
            // Without a passage a model could only guess.
            tracing::warn!("ollama.num_ctx leaves no room for a passage; the answer is made of quotes");
            return Ok(self.extract(&mut work, sink).await);
        }
        let num_ctx = settings.limits.num_ctx;
        let least = prompt.request.prompt_tokens;
        let mut size = PromptSize { tokens: prompt.tokens, budget: prompt.budget, num_ctx, evaluated: None };
        for trace in work.trace.passages.iter_mut().take(prompt.used) {
            trace.used = true;
        }
        work.passages.truncate(prompt.used);
        let cancel = sink.cancelled();
        let begun = Instant::now();
        let turn = tokio::select! {
            turn = self.queue.turn(work.asked.creator) => turn,
            () = cancel.cancelled() => return Ok(work.finish(ends::cancelled(Verified::default()), None)),
        };
        work.trace.timings_ms.queue = milliseconds(begun.elapsed());
        metrics::histogram!("coxswain_model_wait_seconds").record(begun.elapsed());
        let called = Instant::now();
        let begun = tokio::select! {
            begun = model.answer(prompt.request) => begun,
            () = cancel.cancelled() => return Ok(work.finish(ends::cancelled(Verified::default()), None)),
        };
        let streamed = match begun {
            Ok(stream) => stream::pass_on(stream, sink).await?,
            Err(ChatError::Unreachable { url }) => {
                tracing::warn!(url, "the model server cannot be reached; the answer is made of quotes");
                drop(turn);
                return Ok(self.extract(&mut work, sink).await);
            }
            Err(error) => {
                work.trace.prompt = Some(size);
                work.trace.model = Some(model.name().to_owned());
                return Ok(work.failed(Verified::default(), &error, None));
            }
        };
        drop(turn);
        size.evaluated = streamed.prompt_tokens;
        work.trace.prompt = Some(size);
        work.trace.model = Some(model.name().to_owned());
        let spent = Spent {
            model: model.name().to_owned(),
            prompt_tokens: streamed.prompt_tokens.unwrap_or(least),
            completion_tokens: streamed.completion_tokens,
            took: called.elapsed(),
        };
        Ok(work.check(streamed, spent, settings.strictness, sink))
    }
}

impl Work<'_> {
    /// Says with the creator's own words that the knowledge does not cover this.
    fn abstain(&mut self, reason: &'static str, sink: &mut Sink<'_>) -> Answer {
        let text = self.asked.settings.no_answer_message.clone();
        sink.push(&text);
        self.abstained(text, reason, None)
    }

    fn abstained(&mut self, text: String, reason: &'static str, spent: Option<Spent>) -> Answer {
        Answer { gap: Some(reason), ..self.finish(ends::abstained(text), spent) }
    }

    fn check(
        mut self,
        streamed: Streamed,
        spent: Spent,
        strictness: Strictness,
        sink: &mut Sink<'_>,
    ) -> Answer {
        let first = streamed.first_token.map_or_else(|| self.started.elapsed(), |first| first - self.started);
        self.trace.timings_ms.first_token = milliseconds(first);
        metrics::counter!("coxswain_tokens_total", "kind" => "prompt").increment(spent.prompt_tokens.into());
        metrics::counter!("coxswain_tokens_total", "kind" => "completion")
            .increment(spent.completion_tokens.into());
        if let End::Failed(error @ ChatError::ContextCut { .. }) = &streamed.end {
            // The model did not see what it was asked to rely on: nothing it said may stand.
            return self.failed(Verified::default(), error, Some(spent));
        }
        let complete = matches!(streamed.end, End::Complete);
        if stream::says_no_answer(&streamed.text) || (complete && streamed.text.trim().is_empty()) {
            let message = self.asked.settings.no_answer_message.clone();
            sink.push(&message);
            return self.abstained(message, "not_in_passages", Some(spent));
        }
        let passages = std::mem::take(&mut self.passages);
        let evidence = Evidence::of(&passages);
        let foreign = foreign(self.language, &passages);
        // Only a whole answer loses statements: of a broken one everything that came is kept.
        let strictness = if complete { strictness } else { Strictness::Balanced };
        let mut verified = verify::verify(&streamed.text, &evidence, strictness, foreign);
        self.trace.dropped = std::mem::take(&mut verified.dropped);
        match streamed.end {
            End::Complete if verified.text.is_empty() => {
                let message = self.asked.settings.no_answer_message.clone();
                self.abstained(message, "unsupported", Some(spent))
            }
            End::Complete => self.finish(ends::done(verified), Some(spent)),
            End::Cancelled => self.finish(ends::cancelled(verified), Some(spent)),
            End::Failed(error) => self.failed(verified, &error, Some(spent)),
        }
    }

    fn failed(&mut self, verified: Verified, error: &ChatError, spent: Option<Spent>) -> Answer {
        tracing::warn!(%error, "the model did not answer");
        self.finish(ends::failed(verified, problem::of(error)), spent)
    }

    fn finish(&mut self, end: Settled, spent: Option<Spent>) -> Answer {
        self.trace.timings_ms.total = milliseconds(self.started.elapsed());
        Answer { end, trace: std::mem::take(&mut self.trace), spent, gap: None }
    }
}

/// Whether the answer's language is surely not the passages': then shared words prove nothing.
fn foreign(language: Option<Language>, passages: &[Passage]) -> bool {
    let Some(own) = language else { return false };
    let theirs = passages.first().and_then(|passage| language::detect(&passage.row.text, &[]));
    theirs.is_some_and(|theirs| theirs.code != own.code)
}

fn milliseconds(duration: Duration) -> f64 {
    // Hundredths are as fine as anyone reads.
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}
