//! One shape for text from anywhere: NFC, single spaces, nothing invisible.

use unicode_normalization::UnicodeNormalization;

/// One line of text: NFC, every run of whitespace one space, invisible characters gone.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfc().filter(|&c| !is_invisible(c)) {
        if c.is_whitespace() || c.is_control() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    out
}

/// Characters nobody sees. They split words for the index, and hide text from a reader that
/// a model would obey. The joiners U+200C and U+200D stay: Persian, Hindi and others need them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// Appends a line to a paragraph: with a space between, except inside scripts written without.
pub(crate) fn join(paragraph: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    let unspaced = paragraph.chars().next_back().is_some_and(is_unspaced)
        && line.chars().next().is_some_and(is_unspaced);
    if !paragraph.is_empty() && !unspaced {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

/// Chinese and Japanese, whose lines break anywhere.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

/// Cuts text after at most `most` bytes: at the end of a paragraph, else of a sentence, else
/// between words, else between characters. The pieces joined are the text again.
pub(crate) fn split(text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > most {
        let head = &rest[..rest.floor_char_boundary(most)];
        let at = ["\n\n", "\n", ". ", " "]
            .iter()
            .find_map(|mark| head.rfind(mark).map(|at| at + mark.len()))
            .filter(|&at| at > 0)
            .unwrap_or(head.len());
        pieces.push(&rest[..at]);
        rest = &rest[at..];
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_composed_and_single_spaced() {
        assert_eq!(line("  cafe\u{301}\u{a0}\t au\u{ad}bergine\r\n"), "café aubergine");
        assert_eq!(line("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(line("a\u{202e}b\u{e0041}\0c"), "ab c");
    }

    #[test]
    fn lines_join_with_a_space_except_in_chinese_and_japanese() {
        let mut latin = "one".to_owned();
        join(&mut latin, "two");
        let mut han = "一日".to_owned();
        join(&mut han, "之計");
        assert_eq!((latin.as_str(), han.as_str()), ("one two", "一日之計"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC{0,200}") {
            let once = line(&text);
            prop_assert_eq!(line(&once), once);
        }

        #[test]
        fn split_pieces_are_short_and_complete(text in "[a-zé. \n]{0,400}", most in 4usize..60) {
            let pieces = split(&text, most);
            prop_assert_eq!(pieces.concat(), text.as_str());
            prop_assert!(pieces.iter().all(|piece| piece.len() <= most));
        }
    }
}
