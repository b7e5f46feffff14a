//! Comparing texts by their words: fast, and without knowing their language.
//!
//! A word counts as its first letters, which is stemming enough for most languages written with
//! spaces; writing without spaces counts in pairs of signs.

use std::collections::HashMap;

/// Letters of a word that count.
const STEM: usize = 6;
/// Shortest word that says something; numbers always do.
const SHORTEST: usize = 4;
/// Longer words that say nothing.
const STOP: [&str; 36] = [
    "about", "after", "also", "been", "before", "being", "could", "does", "from", "have", "into", "just",
    "like", "more", "most", "much", "only", "other", "over", "should", "some", "such", "than", "that",
    "their", "them", "then", "there", "these", "they", "this", "what", "when", "which", "with", "would",
];

/// The words of a text that say something, each once, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(Vec<u64>);

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut found = Vec::with_capacity(text.len() / 8);
        let mut word = String::with_capacity(24);
        let mut sign = None;
        for character in text.chars().chain(std::iter::once(' ')) {
            if character.is_ascii_alphanumeric() {
                sign = None;
                word.push(character.to_ascii_lowercase());
            } else if is_sign(character) {
                take(&mut word, &mut found);
                if let Some(before) = sign.replace(character) {
                    found.push(hash([before, character].into_iter()));
                }
            } else if character.is_alphanumeric() {
                sign = None;
                word.extend(character.to_lowercase());
            } else {
                sign = None;
                take(&mut word, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        Self(found)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Which share of these words the other text has, weighed.
    pub(super) fn covered_by(&self, other: &Self, weights: &Weights) -> f32 {
        let (mut shared, mut all) = (0.0, 0.0);
        for word in &self.0 {
            let weight = weights.of(*word);
            all += weight;
            if other.0.binary_search(word).is_ok() {
                shared += weight;
            }
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// Every word of either.
    pub(super) fn join(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
        self.0.sort_unstable();
        self.0.dedup();
    }
}

fn take(word: &mut String, found: &mut Vec<u64>) {
    if !word.is_empty() {
        let numeric = word.starts_with(|character: char| character.is_numeric());
        let long = word.chars().nth(SHORTEST - 1).is_some();
        if numeric || (long && STOP.binary_search(&word.as_str()).is_err()) {
            found.push(hash(word.chars().take(STEM)));
        }
        word.clear();
    }
}

fn is_sign(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{0e00}'..='\u{0e7f}')
}

/// FNV-1a over characters: the words of one answer are far too few to collide.
fn hash(characters: impl Iterator<Item = char>) -> u64 {
    characters.fold(0xcbf2_9ce4_8422_2325, |hash, character| {
        (hash ^ u64::from(u32::from(character))).wrapping_mul(0x0100_0000_01b3)
    })
}

/// How much each word says: rare ones more.
#[derive(Debug, Default)]
pub(super) struct Weights {
    found: HashMap<u64, f32>,
    texts: f32,
}

impl Weights {
    /// Learns from the texts that will be compared.
    pub(super) fn over<'a>(texts: impl Iterator<Item = &'a Words>) -> Self {
        let mut weights = Self::default();
        for text in texts {
            weights.texts += 1.0;
            for word in &text.0 {
                *weights.found.entry(*word).or_default() += 1.0;
            }
        }
        weights
    }

    fn of(&self, word: u64) -> f32 {
        let found = self.found.get(&word).copied().unwrap_or_default();
        (1.0 + (self.texts + 1.0) / (found + 1.0)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet_and_small_words_do_not_count() {
        let (a, b) =
            (Words::of("She practises the morning promises"), Words::of("A promise; practising mornings"));
        assert_eq!((a.len(), b.len()), (3, 3));
        assert!(a.covered_by(&b, &Weights::default()) > 0.99);
    }

    #[test]
    fn rare_words_say_more() {
        let texts = ["habit morning", "habit evening", "habit water"].map(Words::of);
        let weights = Weights::over(texts.iter());
        let asked = Words::of("morning habit");
        let (rare, common) = (Words::of("morning"), Words::of("habit"));
        assert!(asked.covered_by(&rare, &weights) > asked.covered_by(&common, &weights));
    }

    #[test]
    fn stop_words_are_sorted_for_binary_search() {
        assert!(STOP.is_sorted());
    }
}
