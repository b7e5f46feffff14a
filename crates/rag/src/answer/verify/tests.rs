use proptest::prelude::*;

use super::*;
use crate::{answer::fixture::passage, retrieve::Passage};

const WATER: &str = "Drink water after waking. A glass of water restores what the night took.";
const SLEEP: &str = "Sleep eight hours. Regular sleep repairs muscles after hard training.";

fn check(answer: &str, strictness: Strictness) -> Verified {
    let passages = [passage(WATER), passage(SLEEP)];
    verify(answer, &Evidence::of(&passages), strictness, false)
}

#[test]
fn each_statement_gets_the_sentence_that_supports_it() {
    let found = check("A glass of water restores you. [1] Sleep repairs muscles [2].", Strictness::Balanced);
    assert_eq!(found.text, "A glass of water restores you. [1] Sleep repairs muscles [2].");
    let quotes: Vec<_> =
        found.citations.iter().map(|citation| (citation.n, citation.quote.as_str())).collect();
    assert_eq!(
        quotes,
        [
            (1, "A glass of water restores what the night took."),
            (2, "Regular sleep repairs muscles after hard training.")
        ]
    );
    assert!(found.dropped.is_empty());
}

#[test]
fn numbers_that_were_not_given_and_unsupported_ones_are_dropped() {
    let answer = "Water restores you [7]. Volcanoes erupt beneath Icelandic glaciers [2].";
    let found = check(answer, Strictness::Balanced);
    assert!(!found.text.contains("[7]") && !found.text.contains("[2]"), "{}", found.text);
    assert!(found.text.contains("Volcanoes"));
    assert_eq!(found.dropped.len(), 2);
    let found = check(answer, Strictness::Strict);
    assert!(!found.text.contains("Volcanoes"), "{}", found.text);
}

#[test]
fn a_statement_a_passage_plainly_holds_needs_no_marker() {
    let found = check("Regular sleep repairs muscles after training.", Strictness::Strict);
    assert_eq!(found.text, "Regular sleep repairs muscles after training [2].");
    assert_eq!(found.citations.len(), 1);
}

#[test]
fn one_marker_is_taken_out_and_no_other() {
    assert_eq!(without("One [1][2]. Two [2]. Three [1, 2, 3].", 2), "One [1]. Two. Three [1][3].");
}

proptest! {
    /// Whatever documents hold and models write: every quote shown is in its passage, and short.
    #[test]
    fn every_quote_is_in_its_passage(
        texts in prop::collection::vec("([a-zé世\u{1F6A3}]{1,8}[ .!?\n\"\\[\\]1-3]{1,3}){0,60}", 1..4),
        said in "([a-zé世]{1,8}[ .!?\n]{0,2}(\\[[0-9, ]{0,4}\\])?){0,40}",
        echo in 0usize..4,
        strict in any::<bool>(),
        foreign in any::<bool>(),
    ) {
        let passages: Vec<Passage> = texts.iter().map(|text| passage(text)).collect();
        let evidence = Evidence::of(&passages);
        // Models repeat what they read: otherwise little would be supported.
        let answer = format!("{said} {} [{echo}]", texts.get(echo).map_or("", String::as_str));
        let strictness = if strict { Strictness::Strict } else { Strictness::Balanced };
        let found = verify(&answer, &evidence, strictness, foreign);
        for citation in &found.citations {
            let n = citation.n as usize;
            prop_assert!(n >= 1 && n <= texts.len());
            prop_assert!(!citation.quote.is_empty());
            prop_assert!(texts[n - 1].contains(&citation.quote));
            prop_assert!(citation.quote.chars().count() <= sentences::QUOTE);
            prop_assert!(citation.page == Some(3));
        }
        for marker in markers::find(&found.text) {
            let cited = |n: &usize| found.citations.iter().any(|citation| citation.n as usize == *n);
            prop_assert!(marker.numbers.iter().all(cited), "{}", found.text);
        }
    }
}
