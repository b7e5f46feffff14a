//! Where readers put what they find, and how much of it they may.

use coxswain_domain::document::Part;

use super::{Event, Limits, ParseError, ParsedDocument, Reason, Warning, clean};

/// Warnings kept for one document; a book of scans would otherwise name every page.
const WARNINGS: usize = 2_000;

/// Collects what a reader finds and passes each event on at once.
pub(crate) struct Sink<'a> {
    limits: &'a Limits,
    emit: &'a mut dyn FnMut(Event) -> Result<(), ParseError>,
    document: ParsedDocument,
    parts: u64,
    characters: u64,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(limits: &'a Limits, emit: &'a mut dyn FnMut(Event) -> Result<(), ParseError>) -> Self {
        Self { limits, emit, document: ParsedDocument::default(), parts: 0, characters: 0 }
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// Passes a part on. A part without a letter or digit is dropped: nobody can ask for it.
    pub(crate) fn part(&mut self, part: Part) -> Result<(), ParseError> {
        if !part.text.chars().any(char::is_alphanumeric) {
            return Ok(());
        }
        self.parts += 1;
        self.characters += part.text.chars().count() as u64;
        if self.characters > self.limits.characters {
            return Err(too_large("characters of text", self.limits.characters));
        }
        if self.parts > self.limits.parts {
            return Err(too_large("sections", self.limits.parts));
        }
        (self.emit)(Event::Part(part))
    }

    pub(crate) fn progress(&mut self, done: u32, total: Option<u32>) -> Result<(), ParseError> {
        (self.emit)(Event::Progress { done, total })
    }

    /// Notes what could not be read. Past the number kept, the rest is only counted as such.
    pub(crate) fn warn(&mut self, page: Option<u32>, reason: impl Into<String>) {
        let warnings = &mut self.document.warnings;
        match warnings.len() {
            0..WARNINGS => warnings.push(Warning { page, reason: reason.into() }),
            WARNINGS => warnings.push(Warning { page: None, reason: "more could not be read".into() }),
            _ => {}
        }
    }

    /// Notes the title, unless one is known or this one says nothing.
    pub(crate) fn title(&mut self, title: &str) {
        let title = clean::line(title);
        if self.document.title.is_none() && title.chars().any(char::is_alphanumeric) {
            self.document.title = Some(title.chars().take(300).collect());
        }
    }

    pub(crate) fn pages_total(&mut self, pages: u32) {
        self.document.pages_total = Some(pages);
    }

    /// Ends the document, which must have held text.
    pub(crate) fn finish(self) -> Result<ParsedDocument, ParseError> {
        if self.parts > 0 {
            return Ok(self.document);
        }
        let scanned = self.document.warnings.iter().any(|warning| warning.page.is_some());
        Err(ParseError::rejected(
            Reason::NoText,
            if scanned {
                "The document holds no text: its pages are images or drawings. Upload a version \
                 with text, for example one that went through text recognition."
            } else {
                "The document holds no text."
            },
        ))
    }
}

fn too_large(what: &str, most: u64) -> ParseError {
    ParseError::rejected(
        Reason::TooLarge,
        format!("The document holds more than {most} {what}, the most that is allowed. Split it."),
    )
}

/// Runs a reader over nothing but memory, for tests.
#[cfg(test)]
pub(crate) fn collect(
    read: impl FnOnce(&mut Sink<'_>) -> Result<(), ParseError>,
) -> Result<(ParsedDocument, Vec<Part>), ParseError> {
    let limits = Limits::default();
    let mut parts = Vec::new();
    let mut emit = |event| {
        if let Event::Part(part) = event {
            parts.push(part);
        }
        Ok(())
    };
    let mut sink = Sink::new(&limits, &mut emit);
    read(&mut sink)?;
    let document = sink.finish()?;
    Ok((document, parts))
}
