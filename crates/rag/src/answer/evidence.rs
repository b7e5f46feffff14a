//! Passages with their words, and their sentences: what statements are held against.

use std::{ops::Range, sync::OnceLock};

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

/// One passage, cut where it has to be: finding sentences costs more than all else here.
pub(super) struct Source<'a> {
    /// The passage.
    pub(super) passage: &'a Passage,
    /// Its words, its heading's and its title's: a statement may name what the passage is about.
    pub(super) words: Words,
    sentences: OnceLock<Vec<Sentence>>,
}

/// The passages of one answer.
pub(super) struct Evidence<'a> {
    /// The passages, in the order they are numbered from 1.
    pub(super) sources: Vec<Source<'a>>,
    /// How much each word says among them.
    pub(super) weights: Weights,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(passages: &'a [Passage]) -> Self {
        let sources: Vec<Source<'a>> = passages.iter().map(Source::of).collect();
        let weights = Weights::over(sources.iter().map(|source| &source.words));
        Self { sources, weights }
    }
}

impl<'a> Source<'a> {
    fn of(passage: &'a Passage) -> Self {
        let mut words = Words::of(&passage.row.text);
        words.join(&Words::of(&passage.row.title));
        words.join(&Words::of(passage.row.heading.as_deref().unwrap_or_default()));
        Self { passage, words, sentences: OnceLock::new() }
    }

    /// Its sentences, in order.
    pub(super) fn sentences(&self) -> &[Sentence] {
        let text = self.passage.row.text.as_str();
        let sentence = |range: Range<usize>| {
            let words = Words::of(&text[range.clone()]);
            Sentence { range, words }
        };
        self.sentences.get_or_init(|| sentences::split(text).into_iter().map(sentence).collect())
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
        // The words stay with the chunk.
        text: None,
    }
}
