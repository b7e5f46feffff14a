//! The list of an answer's sources within the one message the answer is.

use super::{format::TEXT_AT_MOST, rich::length};
use crate::road::sources::{QUOTE_AT_MOST, Source, Sources, quoted};

/// How long quotes may be, in characters, from what is wished to what still says something.
const QUOTES: [usize; 4] = [QUOTE_AT_MOST, 120, 80, 40];

/// How much of the list is written.
#[derive(Clone, Copy)]
struct Extent {
    /// So many sources, the first ones.
    named: usize,
    /// So many of them with their quotes and addresses.
    quoted: usize,
    /// Characters of a quote.
    quote: usize,
}

/// The text with as much of its sources below as one message still holds: quotes are shortened first, then left out
/// from the last source on, then sources are. The text itself stays as it is.
pub(super) fn below(text: &str, sources: &Sources) -> String {
    let room = TEXT_AT_MOST.saturating_sub(length(text));
    let list = extents(sources.places.len()).map(|extent| list(sources, extent));
    let fits = list.into_iter().find(|list| length(list) <= room).unwrap_or_default();
    format!("{text}{fits}")
}

/// From everything to the first title.
fn extents(all: usize) -> impl Iterator<Item = Extent> {
    let [.., least] = QUOTES;
    QUOTES
        .into_iter()
        .map(move |quote| Extent { named: all, quoted: all, quote })
        .chain((0..all).rev().map(move |quoted| Extent { named: all, quoted, quote: least }))
        .chain((1..all).rev().map(move |named| Extent { named, quoted: 0, quote: least }))
}

fn list(sources: &Sources, extent: Extent) -> String {
    let mut text = format!("\n\n*{}*", sources.heading);
    for (number, source) in sources.places.iter().take(extent.named).enumerate() {
        push(&mut text, "\n", &tame(&format!("{} {}", source.marks, source.title)));
        if number < extent.quoted {
            words(&mut text, source, extent.quote);
        }
    }
    text
}

fn words(text: &mut String, source: &Source, at_most: usize) {
    for quote in &source.quotes {
        push(text, "\n> ", &tame(&quoted(quote, at_most)));
    }
    if let Some(url) = &source.url {
        push(text, "\n", url);
    }
}

fn push(text: &mut String, before: &str, line: &str) {
    text.push_str(before);
    text.push_str(line);
}

/// A line in which no pair of signs is taken for markup. `WhatsApp` knows no escape, so those that would be are
/// written with letters that look like them; a sign that does nothing stays as it is.
fn tame(line: &str) -> String {
    const ALIKE: [(char, char); 4] = [('*', '∗'), ('_', 'ˍ'), ('~', '∼'), ('`', 'ˋ')];
    let mut line = line.to_owned();
    for (sign, alike) in ALIKE {
        // Three of these mark also within words and over several lines.
        if marks(&line, sign) || (sign == '`' && line.contains("```")) {
            line = line.replace(sign, alike.encode_utf8(&mut [0; 4]));
        }
    }
    line
}

/// Whether a sign that can open stands before one that can close.
fn marks(line: &str, sign: char) -> bool {
    let mut opened = false;
    for (at, _) in line.match_indices(sign) {
        let before = line[..at].chars().next_back();
        let after = line[at + sign.len_utf8()..].chars().next();
        let closes =
            before.is_some_and(|it| !it.is_whitespace()) && !after.is_some_and(char::is_alphanumeric);
        if opened && closes {
            return true;
        }
        opened |= after.is_some_and(|it| !it.is_whitespace()) && !before.is_some_and(char::is_alphanumeric);
    }
    false
}

#[cfg(test)]
mod tests {
    use coxswain_domain::citation::Citation;
    use proptest::prelude::*;

    use super::*;
    use crate::road::{
        phrases::Language,
        sources::tests::{any_sources, citation},
    };

    fn long_sources() -> Sources {
        let quote = "Row easy on the first days. ".repeat(9);
        let citations: Vec<_> = (1..=4).map(|n| citation(n, "Row well", Some(n), &quote)).collect();
        Sources::of(&citations, Language::English).unwrap()
    }

    #[test]
    fn quotes_stand_as_quotes_and_addresses_as_they_are() {
        let url = Some("https://mira.example/a_b_c?x=*1*".to_owned());
        let citations = [
            Citation { url: url.clone(), ..citation(1, "Row well", Some(12), "Row\neasy.") },
            citation(2, "Rest", None, "Sleep."),
            Citation { url, ..citation(3, "Row well", Some(12), "Breathe.") },
        ];
        let sources = Sources::of(&citations, Language::German).unwrap();
        let expected = "Rest [2].\n\n*Quellen*\n[1] [3] Row well, Seite 12\n> “Row easy.”\n> “Breathe.”\n\
            https://mira.example/a_b_c?x=*1*\n[2] Rest\n> “Sleep.”";
        assert_eq!(below("Rest [2].", &sources), expected);
    }

    #[test]
    fn signs_mark_nothing_and_stay_where_they_mark_nothing_anyway() {
        for (line, expected) in [
            ("2 * 3 * 4 and 5*", "2 * 3 * 4 and 5*"),
            ("snake_case_name", "snake_case_name"),
            ("a *bold* word", "a ∗bold∗ word"),
            ("_soft_, ~gone~, `x`", "ˍsoftˍ, ∼gone∼, ˋxˋ"),
            ("in```side", "inˋˋˋside"),
            ("“*all*”", "“∗all∗”"),
        ] {
            assert_eq!(tame(line), expected);
        }
    }

    #[test]
    fn a_long_text_shortens_quotes_then_drops_them_then_sources() {
        let sources = long_sources();
        let beside = |length: usize| {
            let text = "x".repeat(length);
            let whole = below(&text, &sources);
            whole.strip_prefix(&text).map(str::to_owned).unwrap()
        };
        assert_eq!(beside(1_000), list(&sources, Extent { named: 4, quoted: 4, quote: QUOTE_AT_MOST }));
        let shorter = beside(TEXT_AT_MOST - 600);
        assert_eq!(shorter.matches("\n> “Row easy on the first days").count(), 4);
        let one = beside(TEXT_AT_MOST - 180);
        assert!(one.matches("\n> ").count() == 1 && one.ends_with("[4] Row well, page 4"), "{one}");
        let titles = beside(TEXT_AT_MOST - 60);
        assert_eq!(titles, "\n\n*Sources*\n[1] Row well, page 1\n[2] Row well, page 2");
        assert_eq!(beside(TEXT_AT_MOST), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn one_message_holds_the_whole_text_whatever_the_sources_say(
            text in "[a-z😀.\n ]{0,4096}", sources in any_sources(),
        ) {
            let text = crate::whatsapp::format::render(&text);
            let whole = below(&text, &sources);
            prop_assert!(whole.starts_with(&text));
            prop_assert!(length(&whole) <= TEXT_AT_MOST);
            let (list, all) = (&whole[text.len()..], sources.places.len());
            let full = self::list(&sources, Extent { named: all, quoted: all, quote: QUOTE_AT_MOST });
            prop_assert_eq!(list == full, length(&text) + length(&full) <= TEXT_AT_MOST, "all that fits");
            for line in list.lines().skip(3).filter(|line| !line.starts_with("https://")) {
                prop_assert!(line.starts_with('[') || line.starts_with("> “"), "{line}");
                prop_assert!(['*', '_', '~', '`'].iter().all(|sign| !marks(line, *sign)), "{line}");
            }
        }
    }
}
