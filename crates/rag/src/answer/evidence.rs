//! Passages cut into sentences, with the words of each: what statements are held against.

use std::ops::Range;

use coxswain_domain::{answer::TracePassage, citation::Citation};

use super::{
    sentences,
    words::{Weights, Words},
};
use crate::retrieve::Passage;

/// One sentence of a passage.
pub(super) struct Sentence {
    /// Its place in the passage's text.
    pub(super) range: Range<usize>,
    /// Its words.
    pub(super) words: Words,
}

/// One passage, cut.
pub(super) struct Source<'a> {
    /// The passage.
    pub(super) passage: &'a Passage,
    /// Its sentences, in order.
    pub(super) sentences: Vec<Sentence>,
    /// Its words, its heading's and its title's: a statement may name what the passage is about.
    pub(super) words: Words,
}

/// The passages of one answer, cut.
pub(super) struct Evidence<'a> {
    /// The passages, in the order they are numbered from 1.
    pub(super) sources: Vec<Source<'a>>,
    /// How much each word says among them.
    pub(super) weights: Weights,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(passages: &'a [Passage]) -> Self {
        let sources: Vec<Source<'a>> = passages.iter().map(Source::of).collect();
        let weights = Weights::over(
            sources.iter().flat_map(|source| &source.sentences).map(|sentence| &sentence.words),
        );
        Self { sources, weights }
    }
}

impl<'a> Source<'a> {
    fn of(passage: &'a Passage) -> Self {
        let text = passage.row.text.as_str();
        let sentence = |range: Range<usize>| {
            let words = Words::of(&text[range.clone()]);
            Sentence { range, words }
        };
        let sentences: Vec<Sentence> = sentences::split(text).into_iter().map(sentence).collect();
        let mut words = Words::of(passage.row.heading.as_deref().unwrap_or_default());
        words.join(&Words::of(&passage.row.title));
        for sentence in &sentences {
            words.join(&sentence.words);
        }
        Self { passage, sentences, words }
    }

    /// The text of a place in the passage.
    pub(super) fn text(&self, range: Range<usize>) -> &'a str {
        &self.passage.row.text[range]
    }
}

fn page(passage: &Passage) -> Option<u32> {
    passage.row.page.and_then(|page| u32::try_from(page).ok())
}

/// A citation of words in a passage.
pub(super) fn cite(passage: &Passage, n: usize, quote: &str) -> Citation {
    Citation {
        n: u32::try_from(n).unwrap_or(u32::MAX),
        document_id: passage.row.document_id,
        version_id: passage.row.version_id,
        version_number: passage.row.version_number,
        title: passage.row.title.clone(),
        page: page(passage),
        heading: passage.row.heading.clone(),
        start_ms: passage.row.start_ms.and_then(|start| u64::try_from(start).ok()),
        quote: quote.to_owned(),
        url: passage.row.citation_url.clone(),
        chunk_id: passage.row.chunk_id,
        score: passage.score,
    }
}

/// What is remembered of a passage.
pub(super) fn trace(passage: &Passage, used: bool) -> TracePassage {
    TracePassage {
        chunk_id: passage.row.chunk_id,
        document_id: passage.row.document_id,
        title: Some(passage.row.title.clone()),
        page: page(passage),
        heading: passage.row.heading.clone(),
        score: passage.score,
        dense: passage.dense,
        lexical: passage.lexical,
        used,
        text: Some(passage.row.text.clone()),
    }
}
