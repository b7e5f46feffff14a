//! How sure the engine is that what was found answers the question.
//!
//! Two signs, fitted together on the public sets `squad2` and `scifact_ablated`, whose unanswerable
//! questions are near misses: how well the best passage fits (the fused score, which keeps the cosine
//! similarity), and which share of the question's words it holds. Others were tried and left (gaps
//! between passages, words weighed by rarity, the best sentence, missing names): they add nothing
//! on both sets. Far-off questions come out near zero.

use super::words::{Weights, Words};
use crate::retrieve::Passage;

/// Confidence below which it is better to say that the material does not cover the question: low,
/// since a model that reads the passages can still say so, and silence where there is an answer is a fault, too.
pub(super) const THRESHOLD: f32 = 0.25;

const FIT: f32 = 6.0;
const HELD: f32 = 1.64;
const BIAS: f32 = -5.25;
/// What the best passage's fit is worth where the question could not be embedded.
const UNKNOWN_FIT: f32 = 0.75;

/// What it is worth that a document names whose words are asked for: people ask what an author says
/// about what the author wrote of. Chosen by trial on a few books; the public sets hold no such questions.
const NAMED: f32 = 1.0;

/// A number from 0 to 1 that is higher where the passages more likely answer the question.
///
/// `named`: whether the question asks what somebody said whom a document names.
pub(super) fn of(question: &str, passages: &[Passage], named: bool) -> f32 {
    let Some(best) = passages.first() else { return 0.0 };
    let asked = Words::of(question);
    let mut there = Words::of(&best.row.text);
    there.join(&Words::of(&best.row.title));
    there.join(&Words::of(best.row.heading.as_deref().unwrap_or_default()));
    let held = asked.covered_by(&there, &Weights::default());
    let compared = passages.iter().any(|passage| passage.dense.is_some());
    let fit = if compared { best.score } else { UNKNOWN_FIT * held };
    let prior = if named { BIAS + NAMED } else { BIAS };
    1.0 / (1.0 + (-(FIT * fit + HELD * held + prior)).exp())
}
