//! What a file is: by its name, and by what is in it. Both must agree.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use coxswain_domain::document::DocumentKind;

use super::{ParseError, Reason};

/// Bytes from the beginning of a file that [`kind`] looks at.
pub const HEAD: usize = 8 << 10;

/// Reads the beginning of the file at `path`, which a person called `name`, and says what it is.
pub fn file(path: &Path, name: &str) -> Result<DocumentKind, ParseError> {
    let mut head = Vec::with_capacity(HEAD);
    File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    kind(name, &head)
}

/// Says what a file called `name` is that begins with `head` (up to [`HEAD`] bytes).
///
/// Archives are told apart only when they are opened; see [`check`] for that.
pub fn kind(name: &str, head: &[u8]) -> Result<DocumentKind, ParseError> {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let kind = DocumentKind::from_extension(extension).ok_or_else(|| unsupported(extension))?;
    check(kind, head)?;
    Ok(kind)
}

/// Checks that content beginning with `head` can be of this `kind`.
pub fn check(kind: DocumentKind, head: &[u8]) -> Result<(), ParseError> {
    if head.is_empty() {
        return Err(ParseError::rejected(Reason::NoText, "The file is empty."));
    }
    let content = Content::of(head);
    let agrees = match kind {
        DocumentKind::Pdf => content == Content::Pdf,
        DocumentKind::Docx | DocumentKind::Pptx | DocumentKind::Epub => content == Content::Zip,
        DocumentKind::Html
        | DocumentKind::Markdown
        | DocumentKind::Text
        | DocumentKind::Csv
        | DocumentKind::Srt
        | DocumentKind::Vtt => content == Content::Text,
    };
    if agrees {
        return Ok(());
    }
    if content == Content::Ole && matches!(kind, DocumentKind::Docx | DocumentKind::Pptx) {
        return Err(ParseError::rejected(
            Reason::Encrypted,
            "The file is protected by a password, or in the format of Office 97 to 2003. Save it \
             without a password in the present format.",
        ));
    }
    Err(ParseError::rejected(
        Reason::WrongExtension,
        format!("The name says {}, but the content looks like {}.", describe(kind), content.describe()),
    ))
}

/// The formats that can be read, for a sentence.
pub fn supported() -> String {
    "PDF, Word (.docx), PowerPoint (.pptx), EPUB, HTML, Markdown, plain text, CSV of questions and \
     answers, and subtitles (.srt, .vtt)"
        .to_owned()
}

fn unsupported(extension: &str) -> ParseError {
    let what = match extension.to_ascii_lowercase().as_str() {
        "" => "Files without an extension".to_owned(),
        "doc" | "ppt" => "Office files of before 2007".to_owned(),
        "xls" | "xlsx" | "ods" => "Spreadsheets".to_owned(),
        "zip" | "rar" | "7z" | "gz" | "tar" => "Archives".to_owned(),
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "tif" | "tiff" => "Images".to_owned(),
        "mp3" | "m4a" | "wav" | "mp4" | "mov" | "webm" => "Recordings".to_owned(),
        other => format!("Files of the type .{}", other.chars().take(12).collect::<String>()),
    };
    ParseError::rejected(
        Reason::UnsupportedFormat,
        format!("{what} cannot be read. These can: {}.", supported()),
    )
}

/// A kind as a person would say it.
pub(crate) const fn describe(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Pdf => "PDF",
        DocumentKind::Docx => "Word",
        DocumentKind::Pptx => "PowerPoint",
        DocumentKind::Epub => "EPUB",
        DocumentKind::Html => "HTML",
        DocumentKind::Markdown => "Markdown",
        DocumentKind::Text => "plain text",
        DocumentKind::Csv => "CSV",
        DocumentKind::Srt => "SRT subtitles",
        DocumentKind::Vtt => "WebVTT subtitles",
    }
}

/// What the first bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Pdf,
    Zip,
    Ole,
    Rtf,
    Image,
    Packed,
    Sound,
    Program,
    Text,
    Binary,
}

/// Marks at the beginning of a file, from the formats' own specifications.
const MAGIC: [(&[u8], Content); 16] = [
    (b"PK\x03\x04", Content::Zip),
    (b"PK\x05\x06", Content::Zip),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Content::Ole),
    (b"{\\rtf", Content::Rtf),
    (b"\x89PNG", Content::Image),
    (b"\xFF\xD8\xFF", Content::Image),
    (b"GIF8", Content::Image),
    (b"II*\0", Content::Image),
    (b"MM\0*", Content::Image),
    (b"\x1F\x8B", Content::Packed),
    (b"7z\xBC\xAF\x27\x1C", Content::Packed),
    (b"Rar!", Content::Packed),
    (b"ID3", Content::Sound),
    (b"RIFF", Content::Sound),
    (b"\x7FELF", Content::Program),
    (b"MZ", Content::Program),
];

impl Content {
    fn of(head: &[u8]) -> Self {
        // The PDF mark may stand anywhere in the first KiB (ISO 32000, implementation notes).
        if head[..head.len().min(1024)].windows(5).any(|bytes| bytes == b"%PDF-") {
            return Self::Pdf;
        }
        if let Some((_, content)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
            return *content;
        }
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Self::Text;
        }
        // One stray control character is an accident; a NUL or many are not text.
        let control = head.iter().filter(|byte| matches!(byte, 1..=8 | 14..=26 | 28..=31 | 127)).count();
        if head.contains(&0) || control * 20 > head.len() { Self::Binary } else { Self::Text }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF",
            Self::Zip => "a ZIP archive (as Office and EPUB files are)",
            Self::Ole => "an Office file of before 2007, or one with a password",
            Self::Rtf => "rich text (RTF)",
            Self::Image => "an image",
            Self::Packed => "a compressed archive",
            Self::Sound => "a recording",
            Self::Program => "a program",
            Self::Text => "plain text",
            Self::Binary => "binary data",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(name: &str, head: &[u8]) -> (Reason, String) {
        match kind(name, head) {
            Err(ParseError::Rejected { reason, sentence }) => (reason, sentence),
            other => panic!("{name} gave {other:?}"),
        }
    }

    #[test]
    fn name_and_content_that_agree_are_accepted() {
        assert_eq!(kind("a.PDF", b"%PDF-1.7\n").unwrap(), DocumentKind::Pdf);
        assert_eq!(kind("a.pdf", b"\n\njunk%PDF-1.7\n").unwrap(), DocumentKind::Pdf);
        assert_eq!(kind("a.docx", b"PK\x03\x04....").unwrap(), DocumentKind::Docx);
        assert_eq!(kind("a.txt", b"\xFF\xFEa\0b\0").unwrap(), DocumentKind::Text);
        assert_eq!(kind("a.md", "# Überschrift".as_bytes()).unwrap(), DocumentKind::Markdown);
    }

    #[test]
    fn content_that_contradicts_the_name_is_named() {
        let (why, sentence) = reason("a.docx", b"%PDF-1.7\n");
        assert_eq!(why, Reason::WrongExtension);
        assert_eq!(sentence, "The name says Word, but the content looks like a PDF.");
        assert_eq!(reason("a.txt", b"ab\0\0cd").0, Reason::WrongExtension);
        assert_eq!(reason("a.pdf", b"<html>").0, Reason::WrongExtension);
    }

    #[test]
    fn a_locked_office_file_is_called_locked() {
        assert_eq!(reason("a.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1..").0, Reason::Encrypted);
    }

    #[test]
    fn other_formats_are_refused_with_those_that_can_be_read() {
        let (why, sentence) = reason("table.xlsx", b"PK\x03\x04");
        assert_eq!(why, Reason::UnsupportedFormat);
        assert!(sentence.starts_with("Spreadsheets cannot be read. These can: PDF"), "{sentence}");
        assert_eq!(reason("noname", b"hello").0, Reason::UnsupportedFormat);
    }

    #[test]
    fn an_empty_file_is_empty_whatever_its_name() {
        assert_eq!(reason("a.docx", b"").0, Reason::NoText);
    }
}
