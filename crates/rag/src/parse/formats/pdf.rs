//! PDF, page by page, through `PDFium`.

use std::path::Path;

use coxswain_domain::document::Part;
use pdfium_render::prelude::*;

use super::super::sink::Sink;
use super::super::{ParseError, Reason, clean, pdfium};
use super::pdf_layout::{self, Line};

/// `PDFium`'s mark for a hyphen that breaks a word at the end of a line.
const BROKEN_WORD: u32 = 0x02;
/// Entries of the outline that are looked at.
const OUTLINE: usize = 5_000;

pub(super) fn read(library: Option<&Path>, path: &Path, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let pdfium = pdfium::bind(library)?;
    let document = open(&pdfium, path)?;
    if let Some(title) = document.metadata().get(PdfDocumentMetadataTagType::Title) {
        sink.title(title.value());
    }
    let total = u32::try_from(document.pages().len()).unwrap_or_default();
    let most = sink.limits().pages;
    if total > most {
        return Err(ParseError::rejected(
            Reason::TooLarge,
            format!("The document says that it has {total} pages; at most {most} are read. Split it."),
        ));
    }
    if total == 0 {
        return Err(ParseError::damaged("The PDF has no pages."));
    }
    sink.pages_total(total);
    let mut headings = outline(&document).into_iter().peekable();
    let mut heading = None;
    for number in 1..=total {
        while let Some((_, title)) = headings.next_if(|(page, _)| *page <= number) {
            heading = Some(title);
        }
        match read_page(&document, number) {
            Ok(Text::Words(text)) => {
                sink.part(Part { page: Some(number), heading: heading.clone(), text, ..Part::default() })?;
            }
            Ok(Text::None(reason)) => sink.warn(Some(number), reason),
            Ok(Text::Blank) => {}
            Err(_) => sink.warn(Some(number), "is damaged and could not be read"),
        }
        sink.progress(number, Some(total))?;
    }
    Ok(())
}

/// Opens a PDF that needs no password.
pub(in super::super) fn open<'a>(pdfium: &'a Pdfium, path: &Path) -> Result<PdfDocument<'a>, ParseError> {
    use PdfiumInternalError::{PasswordError, SecurityError};
    pdfium.load_pdf_from_file(path, None).map_err(|error| match error {
        PdfiumError::PdfiumLibraryInternalError(PasswordError | SecurityError) => ParseError::rejected(
            Reason::Encrypted,
            "The PDF is protected by a password. Save a copy without one and upload that.",
        ),
        PdfiumError::IoError(error) => error.into(),
        _ => ParseError::damaged("The PDF is damaged: its structure could not be read."),
    })
}

/// What a page holds.
enum Text {
    Words(String),
    /// No text, though there is something to see; says what.
    None(&'static str),
    Blank,
}

fn read_page(document: &PdfDocument<'_>, number: u32) -> Result<Text, PdfiumError> {
    let index = PdfPageIndex::try_from(number - 1).map_err(|_| PdfiumError::PageIndexOutOfBounds)?;
    let page = document.pages().get(index)?;
    let lines = lines(&page.text()?);
    let text = pdf_layout::paragraphs(&lines);
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    if letters > 0 {
        let unmapped = text.chars().filter(|&c| is_unmapped(c)).count();
        return Ok(if unmapped > letters {
            Text::None("has text whose letters cannot be told (its font has no character map)")
        } else {
            Text::Words(text)
        });
    }
    let mut seen = Text::Blank;
    for object in page.objects().iter() {
        match object.object_type() {
            PdfPageObjectType::Image | PdfPageObjectType::XObjectForm => {
                return Ok(Text::None("holds only an image"));
            }
            PdfPageObjectType::Path | PdfPageObjectType::Shading => {
                seen = Text::None("holds only drawings");
            }
            _ => {}
        }
    }
    Ok(seen)
}

/// Glyphs without a meaning: the replacement character and the private use areas.
fn is_unmapped(c: char) -> bool {
    matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// The lines of a page, each with where it stands.
fn lines(text: &PdfPageText<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut ends: Option<(usize, usize)> = None;
    let chars = text.chars();
    for (index, glyph) in chars.iter().enumerate() {
        let value = glyph.unicode_value();
        match char::from_u32(value) {
            _ if value == BROKEN_WORD => {
                line.hyphenated = true;
                finish_line(&mut lines, &mut line, &mut ends, &chars);
            }
            Some('\n' | '\r') => finish_line(&mut lines, &mut line, &mut ends, &chars),
            Some('\u{644}') if is_torn_ligature(&line.text, &chars, index) => {
                let alef = line.text.pop().unwrap_or_default();
                line.text.extend(['\u{644}', alef]);
                ends = Some((ends.map_or(index, |(first, _)| first), index));
            }
            Some(c) => {
                line.text.push(c);
                if !c.is_whitespace() && !c.is_control() {
                    ends = Some((ends.map_or(index, |(first, _)| first), index));
                }
            }
            None => {}
        }
    }
    finish_line(&mut lines, &mut line, &mut ends, &chars);
    lines
}

/// Whether the lam at `index` and the alef before it are one glyph on the page. `PDFium` takes the
/// ligature apart and then turns the line around, which leaves its two letters in wrong order.
fn is_torn_ligature(line: &str, chars: &PdfPageTextChars<'_>, index: usize) -> bool {
    let alef = line.ends_with(['\u{627}', '\u{623}', '\u{625}', '\u{622}']);
    let origin = |index| chars.get(index).and_then(|glyph| glyph.origin()).ok();
    alef && index > 0 && origin(index - 1).is_some_and(|before| Some(before) == origin(index))
}

fn finish_line(
    lines: &mut Vec<Line>,
    line: &mut Line,
    ends: &mut Option<(usize, usize)>,
    chars: &PdfPageTextChars<'_>,
) {
    let mut line = std::mem::take(line);
    let Some((first, last)) = ends.take() else { return };
    let origin = |index| {
        chars.get(index).and_then(|glyph| glyph.origin()).unwrap_or((PdfPoints::ZERO, PdfPoints::ZERO))
    };
    let ((first_x, y), (last_x, _)) = (origin(first), origin(last));
    // A right-to-left line begins on the right.
    line.left = first_x.value.min(last_x.value);
    line.right = first_x.value.max(last_x.value);
    line.y = y.value;
    lines.push(line);
}

/// The outline's entries as (page counted from 1, title), in the order of pages.
fn outline(document: &PdfDocument<'_>) -> Vec<(u32, String)> {
    let mut entries: Vec<(u32, String)> = document
        .bookmarks()
        .iter()
        .take(OUTLINE)
        .filter_map(|bookmark| {
            let page = bookmark.destination()?.page_index().ok()?;
            let title = clean::line(&bookmark.title()?);
            (!title.is_empty()).then_some((u32::try_from(page).ok()? + 1, title))
        })
        .collect();
    entries.sort_by_key(|(page, _)| *page);
    entries
}
