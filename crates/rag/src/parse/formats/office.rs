//! Word and `PowerPoint`, through undoc's model of the document.

use std::ops::ControlFlow;
use std::path::Path;

use coxswain_domain::document::Part;
use undoc::{Block, Paragraph, ParseEvent, Section, SectionStreamOptions, Table};

use super::super::sections::Sections;
use super::super::sink::Sink;
use super::super::{DocumentKind, ParseError, Reason, archive, clean};

/// Tables inside tables deeper than this are layout, not text.
const NESTED: usize = 8;

/// Word: sections under their headings.
pub(super) fn read_docx(path: &Path, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    archive::check(path, DocumentKind::Docx, sink.limits())?;
    stream(path, sink, |sink, section, _| {
        let mut sections = Sections::new(sink);
        for block in &section.content {
            write_block(block, &mut sections)?;
        }
        sections.finish()
    })
}

/// `PowerPoint`: one part a slide, its speaker notes last.
pub(super) fn read_pptx(path: &Path, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    archive::check(path, DocumentKind::Pptx, sink.limits())?;
    stream(path, sink, |sink, section, total| {
        sink.pages_total(total);
        let number = u32::try_from(section.index + 1).unwrap_or(u32::MAX);
        let mut paragraphs = Vec::new();
        for block in &section.content {
            slide_block(block, &mut paragraphs);
        }
        for note in section.notes.iter().flatten() {
            paragraphs.push(text_of(note));
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        let name = section.name.as_deref().map(clean::line).filter(|name| !name.is_empty());
        sink.part(Part {
            page: Some(number),
            heading: name,
            text: paragraphs.join("\n\n"),
            ..Part::default()
        })?;
        sink.progress(number, Some(total))
    })
}

/// Runs undoc over the file, handing on each section with the number of sections.
fn stream(
    path: &Path,
    sink: &mut Sink<'_>,
    mut each: impl FnMut(&mut Sink<'_>, &Section, u32) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    let options = SectionStreamOptions { lenient: true, extract_resources: false };
    let mut total = 0;
    let mut failure = None;
    undoc::parse_file_streaming(path, options, |event| {
        let result = match event {
            ParseEvent::DocumentStart { metadata, section_count, .. } => {
                total = u32::try_from(section_count).unwrap_or(u32::MAX);
                sink.title(metadata.title.as_deref().unwrap_or_default());
                check_pages(total, sink)
            }
            ParseEvent::SectionParsed(section) => each(sink, section, total),
            ParseEvent::SectionFailed { index, error } => failed(index, total, &error, sink),
            ParseEvent::DocumentEnd | ParseEvent::ResourceExtracted { .. } => Ok(()),
        };
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })
    .map_err(|error| explain(&error))?;
    failure.map_or(Ok(()), Err)
}

fn check_pages(total: u32, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let most = sink.limits().pages;
    if total > most {
        return Err(ParseError::rejected(
            Reason::TooLarge,
            format!("The document has {total} slides; at most {most} are read. Split it."),
        ));
    }
    Ok(())
}

/// One slide of many may be damaged; if there is no other, the document is.
fn failed(index: usize, total: u32, error: &undoc::Error, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    if total <= 1 {
        return Err(explain(error));
    }
    let page = u32::try_from(index + 1).ok();
    sink.warn(page, "is damaged and could not be read");
    Ok(())
}

fn explain(error: &undoc::Error) -> ParseError {
    match error {
        undoc::Error::Encrypted => ParseError::rejected(
            Reason::Encrypted,
            "The file is protected by a password. Save a copy without one and upload that.",
        ),
        _ => ParseError::damaged("The file is damaged: its content could not be read."),
    }
}

fn write_block(block: &Block, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    match block {
        Block::Paragraph(paragraph) if is_heading(paragraph) => sections.heading(&text_of(paragraph)),
        Block::Paragraph(paragraph) if paragraph.is_list_item() => {
            sections.line(&format!("{}{}", marker(paragraph), text_of(paragraph)))
        }
        Block::Paragraph(paragraph) => sections.paragraph(&text_of(paragraph)),
        Block::Table(table) => {
            let mut rows = Vec::new();
            rows_of(table, 0, &mut rows);
            rows.iter().try_for_each(|row| sections.line(row))
        }
        Block::Note { content, .. } => {
            content.iter().try_for_each(|paragraph| sections.paragraph(&text_of(paragraph)))
        }
        Block::PageBreak | Block::SectionBreak | Block::Image { .. } => Ok(()),
    }
}

/// A heading by its outline level, or by the name every language of Word gives the style.
fn is_heading(paragraph: &Paragraph) -> bool {
    let name = paragraph.style_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let level = name.strip_prefix("heading ");
    paragraph.is_heading() || level.is_some_and(|level| level.parse::<u8>().is_ok())
}

fn slide_block(block: &Block, paragraphs: &mut Vec<String>) {
    match block {
        Block::Paragraph(paragraph) => paragraphs.push(text_of(paragraph)),
        Block::Table(table) => {
            let mut rows = Vec::new();
            rows_of(table, 0, &mut rows);
            paragraphs.push(rows.join("\n"));
        }
        Block::Note { content, .. } => paragraphs.extend(content.iter().map(text_of)),
        Block::PageBreak | Block::SectionBreak | Block::Image { .. } => {}
    }
}

/// The words of a paragraph, without marks for notes and pictures.
fn text_of(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    for run in &paragraph.runs {
        text.push_str(&run.text);
        if run.line_break {
            text.push('\n');
        }
    }
    let lines: Vec<String> = text.lines().map(clean::line).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn marker(paragraph: &Paragraph) -> String {
    match paragraph.list_info.as_ref().and_then(|list| list.number) {
        Some(number) => format!("{number}. "),
        None => "- ".to_owned(),
    }
}

/// The rows of a table, cells separated by a bar; tables inside cells follow their row.
fn rows_of(table: &Table, depth: usize, rows: &mut Vec<String>) {
    for row in &table.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| cell.content.iter().map(text_of).collect::<Vec<_>>().join(" "))
            .collect();
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(cells.join(" | "));
        }
        for nested in row.cells.iter().flat_map(|cell| &cell.nested_tables) {
            if depth < NESTED {
                rows_of(nested, depth + 1, rows);
            }
        }
    }
}
