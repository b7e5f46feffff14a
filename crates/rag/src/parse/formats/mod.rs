//! One reader a format. Each turns a file into parts; none trusts what is in it.

mod csv;
mod epub;
mod html;
mod html_walk;
mod markdown;
mod office;
mod pdf;
mod pdf_layout;
mod subtitles;
mod text;

use std::path::Path;

use coxswain_domain::document::DocumentKind;

pub(super) use pdf::open as open_pdf;

use super::ParseError;
use super::sink::Sink;

/// Reads the file at `path` into `sink`.
pub(crate) fn read(
    kind: DocumentKind,
    path: &Path,
    pdfium: Option<&Path>,
    sink: &mut Sink<'_>,
) -> Result<(), ParseError> {
    match kind {
        DocumentKind::Pdf => pdf::read(pdfium, path, sink),
        DocumentKind::Docx => office::read_docx(path, sink),
        DocumentKind::Pptx => office::read_pptx(path, sink),
        DocumentKind::Epub => epub::read(path, sink),
        DocumentKind::Html => html::read(&text::load_html(path)?, sink),
        DocumentKind::Markdown => markdown::read(&text::load(path)?, sink),
        DocumentKind::Text => text::read(&text::load(path)?, sink),
        DocumentKind::Csv => csv::read(&text::load(path)?, sink),
        DocumentKind::Srt | DocumentKind::Vtt => subtitles::read(&text::load(path)?, sink),
    }
}
