//! Checking what a model wrote against the passages it was given.
//!
//! Each statement that names a passage gets the sentence of that passage that supports it best as its
//! quote; a marker whose passage does not support the statement is taken out. A statement
//! without a marker gets one where a passage plainly holds it. What is dropped is recorded.

use std::{fmt::Write, ops::Range};

use coxswain_domain::{answer::Dropped, citation::Citation};

use super::{
    evidence::{self, Evidence, Source},
    markers::{self, Marker},
    sentences,
    words::Words,
};

/// Share of a statement's words a passage must hold to support it.
const SUPPORT: f32 = 0.25;
/// Share at which a passage supports a statement that does not name it.
const PLAIN: f32 = 0.6;
/// Words a statement needs before their absence means anything.
const WORDS: usize = 3;

/// How much an answer may hold that its passages do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Unsupported statements are taken out.
    Strict,
    /// Unsupported statements stay, without a citation.
    #[default]
    Balanced,
}

/// An answer that was checked.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) text: String,
    pub(super) citations: Vec<Citation>,
    pub(super) dropped: Vec<Dropped>,
}

/// A sentence of the answer, with the markers that belong to it.
struct Statement<'t> {
    /// With the white space before it.
    lead: &'t str,
    /// Its own words, without markers.
    body: String,
    numbers: Vec<usize>,
}

/// What a passage was found to say for the answer's statements.
#[derive(Default)]
struct Support {
    /// Sentences of the passage, with how well each supports a statement.
    sentences: Vec<(usize, f32)>,
}

/// Checks an answer. `foreign`: it is written in another language than its passages, so words prove nothing.
pub(super) fn verify(
    answer: &str,
    evidence: &Evidence<'_>,
    strictness: Strictness,
    foreign: bool,
) -> Verified {
    let mut verified = Verified::default();
    let mut support: Vec<Support> = evidence.sources.iter().map(|_| Support::default()).collect();
    for statement in statements(answer) {
        let words = Words::of(&statement.body);
        let kept = cited(&statement, &words, evidence, foreign, &mut support, &mut verified.dropped);
        let empty = kept.is_empty() && words.len() >= WORDS;
        if empty && strictness == Strictness::Strict {
            let reason = "no passage supports it".to_owned();
            verified.dropped.push(Dropped { sentence: statement.body.trim().to_owned(), reason });
            continue;
        }
        verified.text.push_str(statement.lead);
        verified.text.push_str(&statement.body);
        for n in kept {
            // Writing to a string cannot fail.
            let _ = write!(verified.text, "{}[{n}]", if verified.text.ends_with(']') { "" } else { " " });
        }
    }
    verified.text = verified.text.trim().to_owned();
    for (place, (source, support)) in evidence.sources.iter().zip(&support).enumerate() {
        if let Some(quote) = quote(source, support) {
            verified.citations.push(evidence::cite(source.passage, place + 1, quote));
        }
    }
    verified
}

/// The passages a statement may cite, in the order it names them.
fn cited(
    statement: &Statement<'_>,
    words: &Words,
    evidence: &Evidence<'_>,
    foreign: bool,
    support: &mut [Support],
    dropped: &mut Vec<Dropped>,
) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut drop = |reason: String| {
        dropped.push(Dropped { sentence: statement.body.trim().to_owned(), reason });
    };
    for &n in &statement.numbers {
        let Some(source) = n.checked_sub(1).and_then(|place| evidence.sources.get(place)) else {
            drop(format!("passage {n} was not given"));
            continue;
        };
        if kept.contains(&n) {
            continue;
        }
        let covered = words.covered_by(&source.words, &evidence.weights);
        if covered < SUPPORT && words.len() >= WORDS && !foreign {
            drop(format!("passage {n} does not support it"));
        } else if let Some(best) = best_sentence(source, words, evidence) {
            support[n - 1].sentences.push(best);
            kept.push(n);
        }
    }
    if kept.is_empty() && words.len() > WORDS {
        let plain = evidence.sources.iter().enumerate().filter_map(|(place, source)| {
            let best = best_sentence(source, words, evidence)?;
            (best.1 >= PLAIN).then_some((place, best))
        });
        if let Some((place, best)) = plain.max_by(|a, b| a.1.1.total_cmp(&b.1.1)) {
            support[place].sentences.push(best);
            kept.push(place + 1);
        }
    }
    kept
}

fn best_sentence(source: &Source<'_>, words: &Words, evidence: &Evidence<'_>) -> Option<(usize, f32)> {
    let scored = source.sentences.iter().enumerate();
    // Of equals the first: `max_by` would take the last.
    scored
        .map(|(place, sentence)| (place, words.covered_by(&sentence.words, &evidence.weights)))
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The stretch of the passage that holds all supporting sentences, or the best of them where that is too long.
fn quote<'a>(source: &Source<'a>, support: &Support) -> Option<&'a str> {
    let best = support.sentences.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let first = support.sentences.iter().map(|sentence| sentence.0).min()?;
    let last = support.sentences.iter().map(|sentence| sentence.0).max()?;
    let all = source.sentences[first].range.start..source.sentences[last].range.end;
    let range = if source.text(all.clone()).chars().count() <= sentences::QUOTE {
        all
    } else {
        source.sentences[best.0].range.clone()
    };
    Some(source.text(sentences::quotable(&source.passage.row.text, range)))
}

/// Cuts an answer into statements. Markers after a full stop belong to the sentence before it.
fn statements(answer: &str) -> Vec<Statement<'_>> {
    let found = markers::find(answer);
    let mut cut: Vec<Statement<'_>> = Vec::new();
    let mut last = 0;
    for range in sentences::split(answer) {
        let own: Vec<&Marker> = found
            .iter()
            .filter(|marker| range.start <= marker.range.start && marker.range.end <= range.end)
            .collect();
        let mut start = range.start;
        let mut own = own.into_iter().peekable();
        while let Some(marker) = own.next_if(|marker| answer[start..marker.range.start].trim().is_empty()) {
            match cut.last_mut() {
                Some(before) => before.numbers.extend(&marker.numbers),
                None => break,
            }
            start = marker.range.end;
        }
        let rest = &answer[start..range.end];
        start += rest.len() - rest.trim_start_matches([' ', '.']).len();
        let own: Vec<&Marker> = own.collect();
        let body = bare(answer, start..range.end, &own);
        let numbers: Vec<usize> = own.iter().flat_map(|marker| marker.numbers.iter().copied()).collect();
        if body.trim().is_empty() {
            if let Some(before) = cut.last_mut() {
                before.numbers.extend(numbers);
            }
        } else {
            // Only white space lies between sentences, so nothing of the answer is lost or doubled.
            cut.push(Statement { lead: &answer[last..range.start], body, numbers });
        }
        last = range.end;
    }
    cut
}

/// A place of the answer without its markers and the blanks before them.
fn bare(answer: &str, range: Range<usize>, own: &[&Marker]) -> String {
    let mut body = String::with_capacity(range.len());
    let mut from = range.start;
    for marker in own.iter().filter(|marker| marker.range.start >= range.start) {
        body.push_str(answer[from..marker.range.start].trim_end());
        from = marker.range.end;
    }
    body.push_str(&answer[from..range.end]);
    body
}

/// The text without the markers of one passage.
pub(super) fn without(text: &str, n: u32) -> String {
    let mut clean = text.to_owned();
    let found = markers::find(text);
    for marker in found.into_iter().rev().filter(|marker| marker.numbers == [n as usize]) {
        let start = text[..marker.range.start].trim_end_matches(' ').len();
        clean.replace_range(start..marker.range.end, "");
    }
    clean
}

#[cfg(test)]
mod tests;
