//! How sure the engine is that what was found answers the question.

use super::{evidence::Evidence, words::Words};
use crate::retrieve::Passage;

/// Confidence below which it is better to say that the material does not cover the question.
pub(super) const THRESHOLD: f32 = 0.25;

/// A number from 0 to 1 that is higher where the passages more likely answer the question.
pub(super) fn of(question: &str, passages: &[Passage]) -> f32 {
    let Some(best) = passages.first() else { return 0.0 };
    let asked = Words::of(question);
    let evidence = Evidence::of(passages);
    let near = best.dense.unwrap_or_else(|| if best.lexical.is_some() { 0.4 } else { 0.0 }).max(0.0);
    if asked.len() == 0 {
        return near;
    }
    let held = |source: &super::evidence::Source<'_>| asked.covered_by(&source.words, &evidence.weights);
    let covered = evidence.sources.iter().map(held).fold(0.0, f32::max);
    let sentences = evidence.sources.iter().flat_map(|source| &source.sentences);
    let sentence =
        sentences.map(|sentence| asked.covered_by(&sentence.words, &evidence.weights)).fold(0.0, f32::max);
    0.5 * near + 0.25 * covered + 0.25 * sentence
}
