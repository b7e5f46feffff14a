//! Cuts a long text into messages that Telegram takes, where a reader would pause.

use unicode_segmentation::UnicodeSegmentation;

use super::rich::Rich;

/// Most UTF-16 units one message may have, counted without its formatting.
pub(super) const LIMIT: usize = 4096;

/// Marks heaped on one letter beyond this many bytes are nobody's language, and may be torn apart.
const LONGEST_LETTER: usize = 128;

/// One letter as a reader sees it.
struct Letter<'a> {
    run: usize,
    text: &'a str,
    /// UTF-16 units.
    units: usize,
    /// How well the text can be cut behind it.
    after: Cut,
}

impl Letter<'_> {
    fn is_space(&self) -> bool {
        is_space(self.text)
    }
}

/// Places to cut, from the worst to the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// Inside a word.
    Letter,
    /// Between words of a link or of code.
    Torn,
    Word,
    Sentence,
    Line,
    Paragraph,
}

/// Cuts text into parts of at most `limit` UTF-16 units each. None is empty, and together they say the same;
/// only white space at the cuts is gone.
pub(super) fn split(rich: &Rich, limit: usize) -> Vec<Rich> {
    let letters = letters(rich);
    let mut parts = Vec::new();
    let mut start = 0;
    while start < letters.len() {
        let end = next_cut(&letters, start, limit);
        let part = trimmed(rich, &letters[start..end]);
        if !part.is_blank() {
            parts.push(part);
        }
        start = end;
    }
    parts
}

fn letters(rich: &Rich) -> Vec<Letter<'_>> {
    let visible = rich.visible();
    let mut sentence_ends =
        visible.split_sentence_bound_indices().map(|(start, text)| start + text.len()).peekable();
    let texts: Vec<(usize, &str)> = rich
        .runs
        .iter()
        .enumerate()
        .flat_map(|(run, it)| it.text.graphemes(true).flat_map(pieces).map(move |text| (run, text)))
        .collect();
    let mut letters = Vec::with_capacity(texts.len());
    let mut end = 0;
    for (index, &(run, text)) in texts.iter().enumerate() {
        end += text.len();
        while sentence_ends.next_if(|&sentence| sentence < end).is_some() {}
        let place = Place {
            text: &visible[..end],
            letter: text,
            next: texts.get(index + 1).map(|&(_, next)| next),
            in_atom: rich.runs[run].style.is_atomic()
                && texts.get(index + 1).is_some_and(|&(other, _)| other == run),
            ends_sentence: sentence_ends.peek() == Some(&end),
        };
        letters.push(Letter { run, text, units: text.encode_utf16().count(), after: place.cut() });
    }
    letters
}

/// The letter itself, or its characters when it is absurdly long.
fn pieces(letter: &str) -> impl Iterator<Item = &str> {
    let whole = letter.len() <= LONGEST_LETTER;
    letter
        .char_indices()
        .filter(move |(at, _)| !whole || *at == 0)
        .map(move |(at, character)| if whole { letter } else { &letter[at..at + character.len_utf8()] })
}

/// A place where the text could be cut.
struct Place<'a> {
    /// All text up to here.
    text: &'a str,
    /// The last letter of that.
    letter: &'a str,
    next: Option<&'a str>,
    /// Between two letters of one link, or of one stretch of code.
    in_atom: bool,
    ends_sentence: bool,
}

impl Place<'_> {
    fn cut(&self) -> Cut {
        let Some(next) = self.next else { return Cut::Paragraph };
        // Behind white space, so that the next part begins with a word.
        if !is_space(self.letter) || is_space(next) {
            Cut::Letter
        } else if self.in_atom {
            Cut::Torn
        } else if self.text.trim_end_matches([' ', '\t']).ends_with("\n\n") {
            Cut::Paragraph
        } else if self.text.trim_end_matches([' ', '\t']).ends_with('\n') {
            Cut::Line
        } else if self.ends_sentence {
            Cut::Sentence
        } else {
            Cut::Word
        }
    }
}

/// The end of the part that begins at `start`: the last of the best places to cut in its second half.
fn next_cut(letters: &[Letter<'_>], start: usize, limit: usize) -> usize {
    let mut units = 0;
    let mut best: Option<(Cut, usize)> = None;
    for (index, letter) in letters.iter().enumerate().skip(start) {
        units += letter.units;
        // White space that stands over is taken away afterwards.
        if units > limit && !letter.is_space() {
            return best.map_or(start + 1, |(_, end)| end);
        }
        let cut = if units * 2 >= limit { letter.after } else { letter.after.min(Cut::Word) };
        if best.is_none_or(|(so_far, _)| cut >= so_far) {
            best = Some((cut, index + 1));
        }
    }
    letters.len()
}

/// The letters as text again, without white space at both ends. Code keeps the indent of its first line.
fn trimmed(rich: &Rich, letters: &[Letter<'_>]) -> Rich {
    let indents = |letter: &Letter<'_>| {
        rich.runs[letter.run].style.pre.is_some() && !letter.text.contains(['\n', '\r'])
    };
    let first = letters.iter().position(|letter| !letter.is_space() || indents(letter));
    let last = letters.iter().rposition(|letter| !letter.is_space());
    let mut out = Rich::default();
    if let (Some(first), Some(last)) = (first, last) {
        for letter in letters.get(first..=last).unwrap_or_default() {
            out.push(&rich.runs[letter.run].style, letter.text);
        }
    }
    out
}

fn is_space(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::{LIMIT, split};
    use crate::telegram::{
        format::parse,
        rich::{is_blank, visible},
    };

    fn parts(markdown: &str, limit: usize) -> Vec<String> {
        split(&parse(markdown), limit).iter().map(|part| visible(&part.html())).collect()
    }

    #[test]
    fn paragraphs_before_lines_before_sentences_before_words() {
        assert_eq!(parts("Aa bb. Cc dd.\n\nEe ff. Gg hh.", 20), ["Aa bb. Cc dd.", "Ee ff. Gg hh."]);
        assert_eq!(parts("Aa bb cc dd. Ee ff gg hh ii.", 20), ["Aa bb cc dd.", "Ee ff gg hh ii."]);
        assert_eq!(parts("Aa bb cc dd ee ff gg hh", 12), ["Aa bb cc dd", "ee ff gg hh"]);
        assert_eq!(parts("Aabbccddee", 4), ["Aabb", "ccdd", "ee"]);
    }

    #[test]
    fn a_letter_of_several_code_points_stays_whole() {
        let family = "👩‍👩‍👧‍👦";
        assert_eq!(parts(&family.repeat(3), 12), [family; 3]);
    }

    #[test]
    fn a_link_is_not_torn_while_there_is_another_place() {
        let html: Vec<String> = split(&parse("Read on at [the long page](https://a.example) now"), 20)
            .iter()
            .map(super::Rich::html)
            .collect();
        assert_eq!(html, ["Read on at", "<a href=\"https://a.example/\">the long page</a> now"]);
    }

    #[test]
    fn formatting_goes_on_in_the_next_part() {
        let html: Vec<String> = split(&parse("**aa bb *cc dd***"), 6).iter().map(super::Rich::html).collect();
        assert_eq!(html, ["<b>aa bb</b>", "<b><i>cc dd</i></b>"]);
    }

    /// The tags of a part close in the order they were opened; anything else is an error for Telegram.
    pub(in crate::telegram) fn balanced(html: &str) -> Result<(), String> {
        let mut open = Vec::new();
        for (at, _) in html.match_indices('<') {
            let tag = html[at + 1..].split('>').next().ok_or("a tag has no end")?;
            let name = tag.split(' ').next().unwrap_or_default();
            if let Some(closed) = name.strip_prefix('/') {
                if open.pop() != Some(closed) {
                    return Err(format!("</{closed}> closes nothing in {html}"));
                }
            } else if ["b", "i", "s", "code", "pre", "a", "blockquote"].contains(&name) {
                open.push(name);
            } else {
                return Err(format!("<{name}> is no tag of Telegram's"));
            }
        }
        open.is_empty().then_some(()).ok_or_else(|| format!("{open:?} stay open in {html}"))
    }

    fn without_space(text: &str) -> String {
        text.chars().filter(|letter| !is_blank(letter.encode_utf8(&mut [0; 4]))).collect()
    }

    /// Markdown as a model writes it, and as it never should.
    fn markdown() -> impl Strategy<Value = String> {
        let word = "[a-zäß<>&\"😀ก-ฮא-ת]{1,9}";
        let inline = prop_oneof![
            4 => word.prop_map(|it| it),
            1 => word.prop_map(|it| format!("**{it} {it}**")),
            1 => word.prop_map(|it| format!("*{it}. {it}*")),
            1 => word.prop_map(|it| format!("~~{it}~~")),
            1 => word.prop_map(|it| format!("`{it} {it}`")),
            1 => word.prop_map(|it| format!("[{it} {it}](https://a.example/?q=1&r=<2>)")),
            1 => "[*_`~\\[\\]()>#\n -]{1,6}",
        ];
        let line = proptest::collection::vec(inline, 1..12).prop_map(|words| words.join(" "));
        let block = prop_oneof![
            4 => line.clone(),
            1 => line.clone().prop_map(|it| format!("# {it}")),
            1 => line.clone().prop_map(|it| format!("> {it}\n> {it}")),
            1 => line.clone().prop_map(|it| format!("- {it}\n- {it}\n  1. {it}")),
            1 => line.prop_map(|it| format!("```rust\n    {it}\n{it}\n```")),
        ];
        proptest::collection::vec(block, 1..8).prop_map(|blocks| blocks.join("\n\n"))
    }

    proptest! {
        #[test]
        fn every_part_stands_alone_and_together_they_say_the_same(text in markdown(), limit in 1_usize..160) {
            let whole = parse(&text);
            let parts = split(&whole, limit);
            for part in &parts {
                let html = part.html();
                balanced(&html).map_err(TestCaseError::fail)?;
                let seen = visible(&html);
                prop_assert!(!is_blank(&seen));
                // Only a single letter of several units may be longer than a limit this small.
                let units = seen.encode_utf16().count();
                prop_assert!(units <= limit || limit < 12, "{units} > {limit}: {seen:?}");
            }
            let joined: String = parts.iter().map(|part| visible(&part.html())).collect();
            prop_assert_eq!(without_space(&joined), without_space(&whole.visible()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_people_type_fits_and_is_whole(text in "\\PC{0,9000}") {
            let whole = parse(&text);
            for part in split(&whole, LIMIT) {
                let html = part.html();
                balanced(&html).map_err(TestCaseError::fail)?;
                prop_assert!(visible(&html).encode_utf16().count() <= LIMIT);
            }
            let joined: String = split(&whole, LIMIT).iter().map(super::Rich::visible).collect();
            prop_assert_eq!(without_space(&joined), without_space(&whole.visible()));
        }
    }
}
