//! Words for the lexical index: text becomes terms.
//!
//! Words are found by the Unicode rules, folded (case, width, accents) and stemmed for the
//! text's language. Writing without spaces gives overlapping pairs of characters. The same
//! text always gives the same terms, so what is stored can be compared with what is asked.

mod fold;
mod stop_words;

use coxswain_domain::ports::TermWeight;
use rust_stemmers::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation;
use whatlang::{Lang, Script};

/// Longest term in characters; longer runs are cut, as they are seldom words.
const LONGEST: usize = 40;

/// The terms of a passage, in order, with repeats.
pub fn terms(text: &str) -> Vec<String> {
    terms_in(text, language(text).unwrap_or(Lang::Eng))
}

/// The terms of a question.
///
/// A question is often too short to tell its language. Then the stems of the likely languages
/// are all asked for; those no passage holds cost nothing.
pub fn query_terms(text: &str) -> Vec<TermWeight> {
    let languages = match language(text) {
        Some(sure) => vec![sure],
        None => candidates(text),
    };
    let mut found: Vec<TermWeight> = Vec::new();
    for (rank, language) in languages.into_iter().enumerate() {
        let mut own: Vec<TermWeight> = Vec::new();
        for term in terms_in(text, language) {
            match own.iter_mut().find(|known| known.term == term) {
                Some(known) => known.weight += 1.0,
                None => own.push(TermWeight { term, weight: 1.0 }),
            }
        }
        if rank > 0 {
            own.retain(|term| found.iter().all(|known| known.term != term.term));
        }
        found.extend(own);
    }
    found
}

/// The language of a text, when it is long enough to be sure.
fn language(text: &str) -> Option<Lang> {
    let found = whatlang::detect(text)?;
    // A script of one language decides by itself; among languages that share one, short texts mislead.
    let sure = found.is_reliable() && (text.len() >= 60 || found.script() != Script::Latin);
    sure.then(|| found.lang())
}

/// The languages a short text may be in, most likely first.
fn candidates(text: &str) -> Vec<Lang> {
    let mut languages = vec![Lang::Eng];
    if let Some(lang) = whatlang::detect_lang(text).filter(|lang| *lang != Lang::Eng) {
        languages.push(lang);
    }
    languages
}

fn terms_in(text: &str, language: Lang) -> Vec<String> {
    let stemmer = algorithm(language).map(Stemmer::create);
    let stop_words = stop_words::of(language);
    let folded = fold::fold(text);
    let mut terms = Vec::new();
    let mut before: Option<char> = None;
    for word in folded.unicode_words().flat_map(|word| word.split('_')).filter(|word| !word.is_empty()) {
        if let Some(sign) = fold::sign(word) {
            // Pairs carry meaning where single signs are too common; the first sign stands alone
            // so that a text of one sign can be found.
            terms.push(before.map_or_else(|| sign.to_string(), |previous| format!("{previous}{sign}")));
            before = Some(sign);
            continue;
        }
        before = None;
        if stop_words.binary_search(&word).is_ok() {
            continue;
        }
        let stem =
            stemmer.as_ref().map_or_else(|| word.to_owned(), |stemmer| stemmer.stem(word).into_owned());
        terms.push(match stem.char_indices().nth(LONGEST) {
            Some((end, _)) => stem[..end].to_owned(),
            None => stem,
        });
    }
    terms
}

fn algorithm(language: Lang) -> Option<Algorithm> {
    Some(match language {
        Lang::Ara => Algorithm::Arabic,
        Lang::Dan => Algorithm::Danish,
        Lang::Nld => Algorithm::Dutch,
        Lang::Eng => Algorithm::English,
        Lang::Fin => Algorithm::Finnish,
        Lang::Fra => Algorithm::French,
        Lang::Deu => Algorithm::German,
        Lang::Ell => Algorithm::Greek,
        Lang::Hun => Algorithm::Hungarian,
        Lang::Ita => Algorithm::Italian,
        Lang::Nob => Algorithm::Norwegian,
        Lang::Por => Algorithm::Portuguese,
        Lang::Ron => Algorithm::Romanian,
        Lang::Rus => Algorithm::Russian,
        Lang::Spa => Algorithm::Spanish,
        Lang::Swe => Algorithm::Swedish,
        Lang::Tam => Algorithm::Tamil,
        Lang::Tur => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        query_terms(text).into_iter().map(|term| term.term).collect()
    }

    #[test]
    fn forms_of_a_word_meet() {
        let passage =
            terms("The rowers were rowing slowly, and every rower's oars moved together in the water.");
        for word in ["row", "rowing"] {
            assert!(passage.contains(&asked(word)[0]), "{word}");
        }
        assert!(!passage.contains(&"the".to_owned()));
    }

    #[test]
    fn accents_case_and_width_do_not_matter() {
        assert_eq!(terms("RÉSUMÉ"), terms("resume"));
        assert_eq!(terms("ｃｏａｃｈ"), terms("coach"));
        assert_eq!(terms("l\u{2019}eau"), terms("l'eau"));
    }

    #[test]
    fn russian_keeps_its_letters() {
        // й is not и with an accent.
        assert_ne!(fold::fold("мой"), fold::fold("мои"));
    }

    #[test]
    fn a_short_question_finds_a_passage_in_another_language() {
        let passage = terms(
            "Wer seine Gewohnheiten ändern möchte, beginnt am besten mit kleinen Übungen am Morgen und \
             wiederholt sie jeden Tag, bis sie selbstverständlich werden.",
        );
        let question = asked("Welche Übungen für Gewohnheiten?");
        assert!(
            question.iter().filter(|term| passage.contains(term)).count() >= 2,
            "{question:?} {passage:?}"
        );
    }

    #[test]
    fn writing_without_spaces_gives_pairs() {
        let passage = terms("习惯的力量");
        assert!(asked("习惯").iter().any(|term| passage.contains(term) && term.chars().count() == 2));
    }

    #[test]
    fn repeated_words_of_a_question_weigh_more() {
        let weights = query_terms("water water everywhere");
        assert_eq!(weights[0], TermWeight { term: "water".into(), weight: 2.0 });
    }

    #[test]
    fn names_with_underscores_are_found_by_their_words() {
        assert_eq!(terms("INGESTION_KEY"), terms("ingestion key"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_short_terms_without_spaces(text in "\\PC{0,200}") {
            for term in terms(&text) {
                proptest::prop_assert!(!term.is_empty() && !term.contains(char::is_whitespace));
                proptest::prop_assert!(term.chars().count() <= LONGEST);
            }
        }
    }
}
