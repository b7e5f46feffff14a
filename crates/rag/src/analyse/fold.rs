//! Folding: what differs only in writing becomes the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, compatible forms, typographic apostrophes as plain ones, and no accents where
/// people leave them out when they type: in Latin, Greek, Hebrew and Arabic writing.
pub(super) fn fold(text: &str) -> String {
    let mut drops_marks = false;
    text.nfkd()
        .filter(move |&character| {
            if is_combining_mark(character) {
                return !drops_marks;
            }
            drops_marks = leaves_out_accents(character);
            true
        })
        .map(|character| if matches!(character, '\u{2019}' | '\u{02bc}') { '\'' } else { character })
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

fn leaves_out_accents(character: char) -> bool {
    matches!(character,
        '\u{0000}'..='\u{03ff}' | '\u{1e00}'..='\u{1fff}' | '\u{0590}'..='\u{05ff}' | '\u{0600}'..='\u{06ff}')
}

/// The one sign this word consists of, if it belongs to a writing without spaces between words.
pub(super) fn sign(word: &str) -> Option<char> {
    let mut characters = word.chars();
    let first = characters.next()?;
    let alone = characters.next().is_none();
    let ideographic = matches!(first,
        '\u{3040}'..='\u{309f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}');
    (alone && ideographic).then_some(first)
}
