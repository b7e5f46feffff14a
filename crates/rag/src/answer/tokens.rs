//! Counting tokens without the model's tokenizer.
//!
//! Ollama has no endpoint for its models' tokenizers, and each model has its own. Two counts stand in:
//! [`most`] is used to keep a prompt within its budget, [`least`] to notice that a model
//! saw less than was sent. Between them lies what any tokenizer in use makes of a text.

/// Tokens a chat template adds around one turn.
pub(super) const PER_TURN: u32 = 8;

/// The fewest tokens a text can have: none of the tokenizers in use joins words across white space.
pub(super) fn least(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// More tokens than a tokenizer makes of a text people write.
///
/// Latin words are counted at a token for every four letters begun (English has five and a bit),
/// digits and signs at one each, letters of other alphabets at one each, and signs of
/// syllabic and ideographic writing at two, which small vocabularies need.
pub(super) fn most(text: &str) -> u32 {
    let mut tokens = 0_u32;
    let mut letters = 0_u32;
    let mut blank = false;
    for character in text.chars() {
        let letter = character.is_ascii_alphabetic();
        if letter {
            // Long runs are seldom words; hashes and links come in shorter pieces.
            let begins = if letters < 12 { letters.is_multiple_of(4) } else { letters.is_multiple_of(2) };
            tokens += u32::from(begins);
            letters += 1;
        } else {
            letters = 0;
            tokens += match character {
                ' ' => u32::from(blank),
                _ if (character as u32) < 0x0900 => 1,
                _ => 2,
            };
        }
        blank = character == ' ';
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn english_prose_is_counted_on_the_high_side() {
        let text = "Begin the day with the one thing that matters most, and the rest will follow.";
        // 17 tokens for the vocabularies of the large families.
        assert!((17..=34).contains(&most(text)), "{}", most(text));
        assert_eq!(least(text), 15);
    }

    proptest! {
        #[test]
        fn the_least_is_never_more_than_the_most(text in "\\PC{0,300}") {
            prop_assert!(least(&text) <= most(&text));
        }

        #[test]
        fn a_longer_text_never_counts_less(a in "\\PC{0,60}", b in "\\PC{0,60}") {
            let longer = format!("{a}{b}");
            prop_assert!(most(&longer) >= most(&a));
        }
    }
}
