//! Answers without a model: the sentences that support an answer best, quoted and cited.

use std::{fmt::Write, ops::Range, sync::Arc};

use coxswain_domain::{citation::Citation, ports::Embedder};

use super::{
    evidence::{self, Evidence},
    language::{self, Language},
    sentences,
    words::Words,
};

/// Sentences whose meaning is compared with the question's; each costs a call of the embedding model.
const COMPARED: usize = 8;
/// Quotes in one answer.
const QUOTES: usize = 3;
/// A sentence shorter than this says too little to quote.
const SHORTEST: usize = 20;
/// A sentence shorter than this is quoted with the next one: "You simply begin." needs what follows.
const TERSE: usize = 40;
/// How good a further quote must be, beside the best.
const WORTH: f32 = 0.85;

/// An answer made of quotes.
pub(super) struct Extract {
    pub(super) text: String,
    pub(super) citations: Vec<Citation>,
}

struct Candidate {
    source: usize,
    range: Range<usize>,
    place: usize,
    score: f32,
}

/// The best supported sentences, in the order of their worth. `None`: no passage holds a sentence.
///
/// `vector` is the question's, where it could be embedded; without it words decide alone.
pub(super) async fn extract(
    question: &str,
    vector: Option<&[f32]>,
    evidence: &Evidence<'_>,
    embedder: &Arc<dyn Embedder>,
    language: Option<Language>,
) -> Option<Extract> {
    let mut candidates = by_words(question, evidence);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(COMPARED);
    if let Some(vector) = vector {
        for candidate in &mut candidates {
            let text = evidence.sources[candidate.source].text(candidate.range.clone());
            // A sentence that cannot be embedded keeps what its words gave it.
            if let Ok(own) = embedder.embed_query(text).await {
                let near: f32 = own.iter().zip(vector).map(|(a, b)| a * b).sum();
                candidate.score = 0.5 * candidate.score + 0.5 * near.max(0.0);
            }
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    write(candidates, evidence, language)
}

fn by_words(question: &str, evidence: &Evidence<'_>) -> Vec<Candidate> {
    let asked = Words::of(question);
    let best = evidence.sources.first().map_or(1.0, |source| source.passage.score).max(f32::EPSILON);
    let mut found = Vec::new();
    for (number, source) in evidence.sources.iter().enumerate() {
        let rank = source.passage.score / best;
        for (place, sentence) in source.sentences().iter().enumerate() {
            let text = source.text(sentence.range.clone());
            let question_itself = text.ends_with(['?', '？', '؟']);
            if text.len() < SHORTEST || question_itself {
                continue;
            }
            let covered = asked.covered_by(&sentence.words, &evidence.weights);
            let score = 0.7 * covered + 0.3 * rank;
            found.push(Candidate { source: number, range: sentence.range.clone(), place, score });
        }
    }
    if found.is_empty() {
        // Nothing but headings, questions or scraps: the best passage's first words are better than none.
        found.extend(evidence.sources.iter().enumerate().filter_map(|(number, source)| {
            let first = source.sentences().first()?;
            Some(Candidate {
                source: number,
                range: first.range.clone(),
                place: 0,
                score: source.passage.score,
            })
        }));
    }
    found
}

fn write(candidates: Vec<Candidate>, evidence: &Evidence<'_>, language: Option<Language>) -> Option<Extract> {
    let best = candidates.first()?.score;
    let mut citations: Vec<Citation> = Vec::new();
    let mut said: Vec<Words> = Vec::new();
    let mut text = language::quotes_intro(language).to_owned();
    for candidate in candidates {
        if citations.len() == QUOTES || candidate.score < WORTH * best {
            break;
        }
        let source = &evidence.sources[candidate.source];
        let words = &source.sentences()[candidate.place].words;
        let repeats = said.iter().any(|earlier| words.covered_by(earlier, &evidence.weights) > 0.8);
        if repeats || citations.iter().any(|citation| citation.chunk_id == source.passage.row.chunk_id) {
            continue;
        }
        let whole = in_context(source, candidate.place);
        let quote = source.text(sentences::quotable(&source.passage.row.text, whole));
        said.push(words.clone());
        let number = citations.len() + 1;
        citations.push(evidence::cite(source.passage, number, quote));
        let shown = quote.split_whitespace().collect::<Vec<_>>().join(" ");
        // Writing to a string cannot fail.
        let _ = write!(text, "\n\n“{shown}” [{number}]");
    }
    (!citations.is_empty()).then_some(Extract { text, citations })
}

/// The sentence, with the one before it where it points back to it, or the one after it where it
/// says little alone; where both fit a quote.
fn in_context(source: &evidence::Source<'_>, place: usize) -> Range<usize> {
    let own = source.sentences()[place].range.clone();
    let text = source.text(own.clone()).to_lowercase();
    let fits = |both: &Range<usize>| {
        let text = source.text(both.clone());
        text.chars().count() <= sentences::QUOTE && !text.contains("\n\n")
    };
    let points = ["this ", "that ", "these ", "those ", "it ", "he ", "she ", "they ", "but ", "so "];
    let before = place.checked_sub(1).map(|before| source.sentences()[before].range.start..own.end);
    let after = source.sentences().get(place + 1).map(|after| own.start..after.range.end);
    let wanted = if points.iter().any(|pointer| text.starts_with(pointer)) {
        before
    } else {
        after.filter(|_| text.chars().count() < TERSE)
    };
    wanted.filter(fits).unwrap_or(own)
}
