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

/// A sentence of the answer, up to and with the markers that belong to it.
struct Statement<'t> {
    /// The white space before it.
    lead: &'t str,
    /// Its place in the answer.
    range: Range<usize>,
    /// Its markers, in order.
    markers: Vec<Marker>,
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
        let body = statement.body(answer);
        let words = Words::of(&body);
        let kept = cited(&statement, &body, &words, evidence, foreign, &mut support, &mut verified.dropped);
        if kept.is_empty() && words.len() >= WORDS && strictness == Strictness::Strict {
            let reason = "no passage supports it".to_owned();
            verified.dropped.push(Dropped { sentence: body.trim().to_owned(), reason });
            continue;
        }
        verified.text.push_str(statement.lead);
        statement.write(answer, &kept, &mut verified.text);
    }
    for (place, (source, support)) in evidence.sources.iter().zip(&support).enumerate() {
        if let Some(quote) = quote(source, support) {
            verified.citations.push(evidence::cite(source.passage, place + 1, quote));
        }
    }
    let given = |n: usize| verified.citations.iter().any(|citation| citation.n as usize == n);
    verified.text = only(verified.text.trim(), given);
    verified
}

/// The passages a statement may cite, in the order it names them.
fn cited(
    statement: &Statement<'_>,
    body: &str,
    words: &Words,
    evidence: &Evidence<'_>,
    foreign: bool,
    support: &mut [Support],
    dropped: &mut Vec<Dropped>,
) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut drop = |reason: String| {
        dropped.push(Dropped { sentence: body.trim().to_owned(), reason });
    };
    for &n in statement.markers.iter().flat_map(|marker| &marker.numbers) {
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
            if words.covered_by(&source.words, &evidence.weights) < PLAIN {
                return None;
            }
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
    let scored = source.sentences().iter().enumerate();
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
    let all = source.sentences()[first].range.start..source.sentences()[last].range.end;
    let range = if source.text(all.clone()).chars().count() <= sentences::QUOTE {
        all
    } else {
        source.sentences()[best.0].range.clone()
    };
    Some(source.text(sentences::quotable(&source.passage.row.text, range)))
}

/// Cuts an answer into statements. Markers after a full stop belong to the sentence before it.
fn statements(answer: &str) -> Vec<Statement<'_>> {
    let mut markers = markers::find(answer).into_iter().peekable();
    let mut cut: Vec<Statement<'_>> = Vec::new();
    let mut last = 0;
    for range in sentences::split(answer) {
        let mut start = range.start.max(last);
        while let Some(before) = cut.last_mut()
            && let Some(marker) = markers.next_if(|marker| {
                marker.range.end <= range.end && answer[start..marker.range.start].trim().is_empty()
            })
        {
            start = marker.range.end;
            before.range.end = start;
            before.markers.push(marker);
        }
        let rest = &answer[start..range.end.max(start)];
        start += rest.len() - rest.trim_start().len();
        let lead = cut.last().map_or(0, |before| before.range.end);
        last = range.end.max(start);
        if start < last {
            let mut own = Vec::new();
            while let Some(marker) = markers.next_if(|marker| marker.range.start < last) {
                // A marker may hold what looked like a sentence's end.
                last = last.max(marker.range.end);
                own.push(marker);
            }
            cut.push(Statement { lead: &answer[lead..start], range: start..last, markers: own });
        }
    }
    cut
}

impl Statement<'_> {
    /// Its words, without its markers.
    fn body(&self, answer: &str) -> String {
        let mut body = String::with_capacity(self.range.len());
        self.write_parts(answer, &mut body, |_, _| ());
        body
    }

    /// Writes it as it was, without the numbers that are not kept, and with those it did not have.
    fn write(&self, answer: &str, kept: &[usize], into: &mut String) {
        let had = self.markers.iter().any(|marker| marker.numbers.iter().any(|n| kept.contains(n)));
        self.write_parts(answer, into, |marker, into| {
            push_marker(answer, marker, |n| kept.contains(&n), into);
        });
        if !had && !kept.is_empty() {
            let end = into.trim_end_matches(['.', '!', '?', '…', '。']).len();
            let stop = into.split_off(end);
            for n in kept {
                // Writing to a string cannot fail.
                let _ = write!(into, " [{n}]");
            }
            into.push_str(&stop);
        }
    }

    fn write_parts(&self, answer: &str, into: &mut String, mut marker: impl FnMut(&Marker, &mut String)) {
        let mut from = self.range.start;
        for own in &self.markers {
            into.push_str(&answer[from..own.range.start]);
            marker(own, into);
            from = own.range.end;
        }
        into.push_str(&answer[from..self.range.end]);
    }
}

/// Writes the marker's numbers that are kept; without any, the blanks before it go, too.
fn push_marker(text: &str, marker: &Marker, kept: impl Fn(usize) -> bool, into: &mut String) {
    if marker.numbers.iter().all(|&n| kept(n)) {
        into.push_str(&text[marker.range.clone()]);
    } else if !marker.numbers.iter().any(|&n| kept(n)) {
        into.truncate(into.trim_end_matches(' ').len());
    } else {
        for n in marker.numbers.iter().filter(|&&n| kept(n)) {
            // Writing to a string cannot fail.
            let _ = write!(into, "[{n}]");
        }
    }
}

/// The text with only the numbers that are kept.
fn only(text: &str, kept: impl Fn(usize) -> bool) -> String {
    let mut text = text.to_owned();
    loop {
        let found = markers::find(&text);
        if found.iter().all(|marker| marker.numbers.iter().all(|&n| kept(n))) {
            return text;
        }
        // Taking one marker out may join what was around it to another: look again.
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        for marker in &found {
            clean.push_str(&text[from..marker.range.start]);
            push_marker(&text, marker, &kept, &mut clean);
            from = marker.range.end;
        }
        clean.push_str(&text[from..]);
        text = clean;
    }
}

/// The text without the markers of one passage.
pub(super) fn without(text: &str, n: u32) -> String {
    only(text, |number| number != n as usize)
}

#[cfg(test)]
mod tests;
