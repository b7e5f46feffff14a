//! Plain text: any encoding, paragraphs between blank lines, headings guessed with care.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::super::sections::Sections;
use super::super::sink::Sink;
use super::super::{ParseError, clean};

/// Lines longer than this were not broken by hand: each is a paragraph of its own.
const UNWRAPPED: usize = 120;
/// A block whose lines are all shorter than this is verse, an address or a list: lines stay.
const VERSE: usize = 50;
/// A heading is at most this long.
const HEADING: usize = 70;

/// Reads a text file in whatever encoding it has.
pub(super) fn load(path: &Path) -> Result<String, ParseError> {
    Ok(decode(&std::fs::read(path)?, None))
}

/// Reads an HTML file, whose encoding may be declared within.
pub(super) fn load_html(path: &Path) -> Result<String, ParseError> {
    let bytes = std::fs::read(path)?;
    let declared = declared_charset(&bytes[..bytes.len().min(4096)]);
    Ok(decode(&bytes, declared))
}

/// A byte order mark decides; else UTF-8 if it is (nearly) valid; else what was declared; else
/// the encoding the bytes are most likely in.
fn decode(bytes: &[u8], declared: Option<&'static Encoding>) -> String {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, &bytes[mark..]),
        None if is_nearly_utf8(bytes) => (UTF_8, bytes),
        // Declared UTF-8, and yet it is not: the declaration is wrong.
        None => match declared {
            Some(declared) if declared != UTF_8 => (declared, bytes),
            _ => (guess(bytes), bytes),
        },
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether the bytes are UTF-8 but for at most one flaw in a hundred foreign characters: one
/// damaged byte must not turn a whole book into nonsense.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad * 100 <= good
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

fn declared_charset(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=").or_else(|| head.split_once("encoding="))?;
    let label: String = rest
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    Encoding::for_label(label.as_bytes())
}

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut sections = Sections::new(sink);
    let mut block = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            write_block(&mut block, &mut sections)?;
        } else {
            block.push(line);
        }
    }
    write_block(&mut block, &mut sections)?;
    sections.finish()
}

fn write_block(block: &mut Vec<&str>, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let result = match block.as_slice() {
        [] => Ok(()),
        [line] if looks_like_heading(line) => sections.heading(line),
        lines if lines.iter().any(|line| line.chars().count() > UNWRAPPED) => {
            lines.iter().try_for_each(|line| sections.paragraph(line))
        }
        lines => sections.paragraph(&unwrap(lines)),
    };
    block.clear();
    result
}

/// Joins the lines of a paragraph that was wrapped by hand, keeping list items and verse apart.
pub(super) fn unwrap(lines: &[&str]) -> String {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let mut out = String::new();
    let mut paragraph = String::new();
    for line in lines {
        if longest < VERSE || is_item(line) {
            end_line(&mut out, &mut paragraph);
        }
        clean::join(&mut paragraph, &clean::line(line));
    }
    end_line(&mut out, &mut paragraph);
    out
}

fn end_line(out: &mut String, paragraph: &mut String) {
    if !out.is_empty() && !paragraph.is_empty() {
        out.push('\n');
    }
    out.push_str(paragraph);
    paragraph.clear();
}

/// Whether a line begins an item of a list: a bullet, or a number with a dot or bracket.
pub(super) fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with(['•', '◦', '▪', '‣', '●', '○', '■', '–', '·', '*', '-', '+']) {
        return line.chars().nth(1).is_some_and(char::is_whitespace);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut after = line.chars().skip(digits);
    (1..=3).contains(&digits)
        && after.next().is_some_and(|c| matches!(c, '.' | ')'))
        && after.next().is_some_and(char::is_whitespace)
}

/// Whether a line standing alone is a heading: all capitals, or "Chapter 3" and its like.
pub(super) fn looks_like_heading(line: &str) -> bool {
    let line = line.trim();
    if line.chars().count() > HEADING || line.ends_with([',', ';', ':']) {
        return false;
    }
    let letters = || line.chars().filter(|c| c.is_alphabetic());
    let cased = letters().any(char::is_uppercase) && !letters().any(char::is_lowercase);
    (cased && letters().all(char::is_uppercase)) || is_numbered_division(line)
}

fn is_numbered_division(line: &str) -> bool {
    const DIVISIONS: [&str; 12] = [
        "chapter", "part", "book", "section", "lesson", "letter", "module", "unit", "week", "day", "step",
        "appendix",
    ];
    let mut words = line.split_whitespace();
    let (Some(first), Some(number)) = (words.next(), words.next()) else { return false };
    let number = number.trim_end_matches([':', '.', ')', '-']);
    DIVISIONS.iter().any(|division| first.eq_ignore_ascii_case(division))
        && !line.ends_with('.')
        && (number.bytes().all(|b| b.is_ascii_digit()) || number.chars().all(|c| "IVXLC".contains(c)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::sink::collect;
    use super::*;

    #[test]
    fn encodings_are_recognised() {
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("Grüße aus Köln".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&utf16, None), "Grüße aus Köln");
        assert_eq!(decode(b"caf\xE9 cr\xE8me, d\xE9j\xE0 vu", None), "café crème, déjà vu");
        let declared = declared_charset(b"<meta charset=\"windows-1251\">");
        assert_eq!(decode(b"\xCF\xF0\xE8\xE2\xE5\xF2", declared), "Привет");
        assert_eq!(decode("Привет".as_bytes(), None), "Привет");
        assert_eq!(decode(b"caf\xE9 cr\xE8me, d\xE9j\xE0 vu", Some(UTF_8)), "café crème, déjà vu");
        let flawed = ["é".repeat(200).as_bytes(), b"\xFF"].concat();
        assert_eq!(decode(&flawed, None), "é".repeat(200) + "\u{FFFD}");
    }

    #[test]
    fn wrapped_lines_become_paragraphs_under_headings() {
        let text = "THE DAILY MIRACLE\r\n\r\n\"Yes, he's one of those men that don't know how \
                    to manage.\r\nGood situation. Regular income.\"\r\n\r\nSecond paragraph.\r\n";
        let (_, parts) = collect(|sink| read(text, sink)).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].heading.as_deref(), Some("THE DAILY MIRACLE"));
        assert!(
            parts[0].text.ends_with(
                "don't know how to manage. Good situation. Regular income.\"\n\nSecond paragraph."
            )
        );
    }

    #[test]
    fn items_and_verse_keep_their_lines() {
        assert_eq!(unwrap(&["- one", "- two"]), "- one\n- two");
        assert_eq!(
            unwrap(&["Tyger Tyger, burning bright,", "In the forests of the night;"]).lines().count(),
            2
        );
    }

    #[test]
    fn ordinary_sentences_are_no_headings() {
        for line in ["Part of me wants to go", "I am.", "2024", "Chapter and verse", "Day by day"] {
            assert!(!looks_like_heading(line), "{line}");
        }
        for line in ["CHAPTER IX", "Chapter 4: Sleep", "Week 2", "VII", "ÜBER UNS"] {
            assert!(looks_like_heading(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "([A-Za-zäß0-9*.-]{1,9}[ \r\n]{1,3}){0,60}") {
            let words = |text: &str| -> Vec<String> {
                text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
            };
            let read = collect(|sink| read(&text, sink)).map(|(_, parts)| parts).unwrap_or_default();
            let out: Vec<String> = read.iter().flat_map(|part| words(&part.text)).collect();
            prop_assert_eq!(out, words(&text));
        }

        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = decode(&bytes, None);
            let _ = collect(|sink| read(&text, sink));
        }
    }
}
