//! What an answer stands on, as a list below it, for messengers that show nothing beside a text.

use coxswain_domain::{DocumentId, citation::Citation};
use unicode_segmentation::UnicodeSegmentation;
use url::Url;

use super::phrases::{Language, Phrase, say};

/// Longest quote that is shown, in characters.
pub const QUOTE_AT_MOST: usize = 160;
/// Longest title or heading that is shown, in characters.
const NAME_AT_MOST: usize = 120;

/// The list below an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// What stands above it, in the client's language.
    pub heading: &'static str,
    /// Each place once, in the order the answer first names them. At least one.
    pub places: Vec<Source>,
}

/// One place in one document. Nothing in it holds a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its numbers, as they stand in the answer: `[1] [3]`.
    pub marks: String,
    /// The document's title and where in it: "Row well, page 12".
    pub title: String,
    /// What was quoted from there, word for word and whole, each quote once.
    pub quotes: Vec<String>,
    /// Where the creator says it can be read: an address of the web.
    pub url: Option<String>,
}

impl Sources {
    /// The sources of an answer. `None`: it has none.
    pub(crate) fn of(citations: &[Citation], language: Language) -> Option<Self> {
        let mut places: Vec<(DocumentId, Source)> = Vec::new();
        for citation in citations {
            let (mark, quote) = (format!("[{}]", citation.n), one_line(&citation.quote));
            let (title, url) = (title(citation, language), citation.url.as_deref().and_then(web_address));
            let same = places.iter_mut().find(|(document, known)| {
                *document == citation.document_id && known.title == title && known.url == url
            });
            if let Some((_, known)) = same {
                known.marks = format!("{} {mark}", known.marks);
                if !known.quotes.contains(&quote) {
                    known.quotes.push(quote);
                }
            } else {
                let source = Source { marks: mark, title, quotes: vec![quote], url };
                places.push((citation.document_id, source));
            }
        }
        let places: Vec<_> = places.into_iter().map(|(_, source)| source).collect();
        (!places.is_empty()).then(|| Self { heading: say(Phrase::Sources, language), places })
    }
}

/// A quote in quotation marks: whole, or its beginning up to the end of a word, in at most so many characters,
/// with an ellipsis that is not part of it.
pub(crate) fn quoted(quote: &str, at_most: usize) -> String {
    let shown = beginning(quote, at_most);
    let more = if shown.len() < quote.len() { " …" } else { "" };
    format!("“{shown}”{more}")
}

/// The title, and where in the document as the widget words it: page and time, or else the heading.
fn title(citation: &Citation, language: Language) -> String {
    let page = citation.page.map(|page| say(Phrase::Page, language).replace("{n}", &page.to_string()));
    let time = citation.start_ms.map(|start| say(Phrase::At, language).replace("{time}", &clock_time(start)));
    let heading = citation.heading.as_deref().filter(|_| page.is_none() && time.is_none()).map(name);
    let parts = [Some(name(&citation.title)), page, time, heading];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `m:ss`, and hours where there are any.
fn clock_time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A title or heading, cut where it is too long for a list.
fn name(text: &str) -> String {
    let line = one_line(text);
    let shown = beginning(&line, NAME_AT_MOST);
    if shown.len() < line.len() { format!("{shown} …") } else { line }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As much as `at_most` characters hold, up to the end of a word; of a single word that is longer, its beginning.
fn beginning(text: &str, at_most: usize) -> &str {
    let Some((limit, _)) = text.char_indices().nth(at_most) else { return text };
    let last = |ends: &mut dyn Iterator<Item = usize>| ends.take_while(|end| *end <= limit).last();
    let end = last(&mut text.unicode_word_indices().map(|(at, word)| at + word.len()))
        .or_else(|| last(&mut text.grapheme_indices(true).map(|(at, letter)| at + letter.len())))
        .unwrap_or(limit);
    &text[..end]
}

/// The address as it is safe to write: of the web, without white space.
fn web_address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

#[cfg(test)]
pub(crate) mod tests {
    use coxswain_domain::{ChunkId, VersionId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    pub(crate) fn citation(n: u32, title: &str, page: Option<u32>, quote: &str) -> Citation {
        Citation {
            n,
            document_id: DocumentId(Uuid::nil()),
            version_id: VersionId(Uuid::nil()),
            version_number: 1,
            title: title.to_owned(),
            page,
            heading: None,
            start_ms: None,
            quote: quote.to_owned(),
            url: None,
            chunk_id: ChunkId(Uuid::nil()),
            score: 1.0,
        }
    }

    /// Sources with titles and quotes of every kind: empty, long, full of signs.
    pub(crate) fn any_sources() -> impl Strategy<Value = Sources> {
        let words = "[a-zäß日🎉<>&\"*_~`>#\\[\\]().!\n -]{0,400}";
        let one = (words, words, proptest::option::of(1_u32..999), any::<bool>());
        proptest::collection::vec(one, 1..12).prop_map(|all| {
            let citations: Vec<_> = (1..)
                .zip(all)
                .map(|(n, (title, quote, page, linked))| Citation {
                    url: linked.then(|| format!("https://mira.example/{n}?a=_*_&b=<{n}>")),
                    ..citation(n, &title, page, &quote)
                })
                .collect();
            Sources::of(&citations, Language::English).unwrap()
        })
    }

    fn titles(citations: &[Citation], language: Language) -> Vec<String> {
        let sources = Sources::of(citations, language).unwrap();
        sources.places.into_iter().map(|source| format!("{} {}", source.marks, source.title)).collect()
    }

    #[test]
    fn a_place_is_named_as_the_widget_names_it() {
        let book = citation(1, "Row\nwell", Some(12), "Row easy.");
        let film = Citation { start_ms: Some(3_723_999), heading: Some("Start".into()), ..book.clone() };
        let talk = Citation { page: None, start_ms: Some(61_000), ..book.clone() };
        let page = Citation { page: None, heading: Some("First days".into()), ..book.clone() };
        for (citation, language, expected) in [
            (&book, Language::English, "[1] Row well, page 12"),
            (&book, Language::German, "[1] Row well, Seite 12"),
            (&film, Language::English, "[1] Row well, page 12, at 1:02:03"),
            (&talk, Language::French, "[1] Row well, à 1:01"),
            (&page, Language::English, "[1] Row well, First days"),
        ] {
            assert_eq!(titles(std::slice::from_ref(citation), language), [expected]);
        }
        assert_eq!(Sources::of(&[book], Language::Spanish).map(|list| list.heading), Some("Fuentes"));
        assert_eq!(Sources::of(&[], Language::English), None);
    }

    #[test]
    fn citations_of_one_place_are_one_source_and_no_quote_is_lost_or_said_twice() {
        let citations = [
            citation(1, "Row well", Some(12), "Row easy."),
            citation(2, "Row well", Some(13), "Then rest."),
            citation(3, "Row well", Some(12), "Row  easy."),
            citation(4, "Row well", Some(12), "Breathe."),
            Citation { document_id: DocumentId(Uuid::max()), ..citation(5, "Row well", Some(12), "Other.") },
        ];
        let expected = ["[1] [3] [4] Row well, page 12", "[2] Row well, page 13", "[5] Row well, page 12"];
        assert_eq!(titles(&citations, Language::English), expected);
        let sources = Sources::of(&citations, Language::English).unwrap();
        assert_eq!(sources.places[0].quotes, ["Row easy.", "Breathe."]);
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        let link = |url: &str| {
            let citation = Citation { url: Some(url.into()), ..citation(1, "Row", None, "Row easy.") };
            Sources::of(&[citation], Language::English).unwrap().places.remove(0).url
        };
        assert_eq!(link("https://mira.example/a b").as_deref(), Some("https://mira.example/a%20b"));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("page 3"), None);
    }

    #[test]
    fn a_long_quote_ends_behind_a_word_and_the_ellipsis_is_not_part_of_it() {
        assert_eq!(quoted("Row easy today.", 15), "“Row easy today.”");
        assert_eq!(quoted("Row easy today.", 14), "“Row easy today” …");
        assert_eq!(quoted("Row easy today.", 13), "“Row easy” …");
        assert_eq!(quoted("Rudergerätetraining", 5), "“Ruder” …", "a single word is cut all the same");
    }

    proptest! {
        #[test]
        fn what_is_quoted_stands_in_the_quote_word_for_word(quote in "\\PC{0,400}", at_most in 1_usize..200) {
            let shown = quoted(&quote, at_most);
            let inner = shown.strip_prefix('“').and_then(|it| it.strip_suffix("” …").or(it.strip_suffix('”')));
            let inner = inner.unwrap();
            prop_assert!(quote.starts_with(inner));
            prop_assert!(inner.chars().count() <= at_most);
            let words = || quote.unicode_word_indices().map(|(start, word)| (start, start + word.len()));
            let torn = words().any(|(start, end)| start < inner.len() && inner.len() < end);
            let none_fits = words().all(|(_, end)| quote[..end].chars().count() > at_most);
            prop_assert!(!torn || none_fits, "{shown} tears a word of {quote}");
        }
    }
}
