//! Sentences of a text, as places in it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Longest quote shown, in characters.
pub(super) const QUOTE: usize = 300;

/// Words that end in a full stop and end no sentence.
const ABBREVIATIONS: [&str; 27] = [
    "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "jr.", "sr.", "vs.", "etc.", "e.g.", "i.e.", "cf.", "fig.",
    "no.", "vol.", "p.", "pp.", "ed.", "approx.", "inc.", "ltd.", "bzw.", "z.b.", "d.h.", "ca.", "nr.",
];

/// The sentences of a text, in order, without the white space around them.
///
/// A single line break inside a sentence is kept (pages are wrapped); a blank line, or a line that
/// ends like a heading before a list, ends it.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Range<usize>> = None;
    for (start, piece) in text.split_sentence_bound_indices() {
        let end = start + piece.len();
        let range = open.take().map_or(start..end, |before: Range<usize>| before.start..end);
        let sofar = &text[range.clone()];
        if continues(sofar, &text[end..]) {
            open = Some(range);
        } else {
            sentences.extend(trim(text, range));
        }
    }
    sentences.extend(open.and_then(|range| trim(text, range)));
    sentences
}

/// Whether a sentence goes on after what looked like its end.
fn continues(sofar: &str, rest: &str) -> bool {
    let body = sofar.trim_end();
    if body.is_empty() {
        return false;
    }
    let gap = &sofar[body.len()..];
    let next = rest.trim_start_matches([' ', '\t', '\r']);
    if gap.matches('\n').count() > 1 || (gap.contains('\n') && next.starts_with('\n')) {
        return false;
    }
    if ends(body) {
        return abbreviated(body);
    }
    // A wrapped line goes on, unless a list begins.
    gap.contains('\n') && !begins_item(next)
}

fn ends(body: &str) -> bool {
    let body = body.trim_end_matches(['"', '\'', ')', ']', '\u{201d}', '\u{2019}', '»', '*', '_']);
    body.ends_with(['.', '!', '?', '…', ':', '。', '！', '？', '؟', '।'])
}

fn abbreviated(body: &str) -> bool {
    let word = body.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    let word = word.trim_start_matches(['(', '"', '[', '\u{201c}']);
    // One letter and a stop is an initial.
    let initial = word.ends_with('.') && word.chars().count() == 2 && word.starts_with(char::is_alphabetic);
    initial || ABBREVIATIONS.contains(&word)
}

fn begins_item(line: &str) -> bool {
    let mut characters = line.chars();
    match characters.next() {
        Some('-' | '*' | '•' | '–' | '#' | '|' | '>') => true,
        Some(digit) if digit.is_ascii_digit() => {
            line.trim_start_matches(|character: char| character.is_ascii_digit()).starts_with(['.', ')'])
        }
        _ => false,
    }
}

fn trim(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = range.start + piece.trim_end().len();
    (start < end).then_some(start..end)
}

/// The sentence, or its beginning up to a word's end, in at most [`QUOTE`] characters.
pub(super) fn quotable(text: &str, sentence: Range<usize>) -> Range<usize> {
    let piece = &text[sentence.clone()];
    let Some((limit, _)) = piece.char_indices().nth(QUOTE) else {
        return sentence;
    };
    let head = &piece[..limit];
    let at = head.rfind(['.', ';', ',', '\u{3002}']).filter(|&at| at > limit / 2);
    let at = at.or_else(|| head.rfind(char::is_whitespace).filter(|&at| at > limit / 2)).unwrap_or(limit);
    let cut = trim(text, sentence.start..sentence.start + at);
    cut.unwrap_or(sentence.start..sentence.start + limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn abbreviations_and_initials_end_no_sentence() {
        let text = "Mr. E. A. Bennett rose early, e.g. at six. He wrote. “Was it hard?” asked Dr. Low.";
        assert_eq!(
            texts(text),
            ["Mr. E. A. Bennett rose early, e.g. at six.", "He wrote.", "“Was it hard?”", "asked Dr. Low."]
        );
    }

    #[test]
    fn a_wrapped_line_goes_on_and_a_blank_line_does_not() {
        let text = "The first hour\nof the day decides.\n\nHeading\n\nNext one\n- an item\n- another";
        assert_eq!(
            texts(text),
            ["The first hour\nof the day decides.", "Heading", "Next one", "- an item", "- another"]
        );
    }

    proptest! {
        #[test]
        fn sentences_are_slices_in_order_and_quotes_are_short(text in "[a-zA-Z .!?\n\"é世\u{1F6A3}]{0,900}") {
            let mut last = 0;
            for sentence in split(&text) {
                prop_assert!(sentence.start >= last && sentence.end <= text.len());
                last = sentence.end;
                let quote = &text[quotable(&text, sentence)];
                prop_assert!(!quote.is_empty() && quote.chars().count() <= QUOTE);
            }
            let kept: usize = split(&text).iter().map(|range| text[range.clone()].split_whitespace().count()).sum();
            prop_assert!(kept >= text.split_whitespace().count());
        }
    }
}
