//! From headings and paragraphs to parts: one part a section, long sections in several.

use coxswain_domain::document::Part;

use super::sink::Sink;
use super::{ParseError, clean};

/// Bytes after which a section's part is closed at the next paragraph.
const PART: usize = 24 << 10;
/// So many headings in a row with nothing between are a table of contents.
const CONTENTS: usize = 4;

/// Gathers paragraphs under their heading and passes each section on as a part.
pub(crate) struct Sections<'a, 'sink> {
    sink: &'a mut Sink<'sink>,
    heading: Option<String>,
    /// Headings since the last paragraph.
    run: usize,
    text: String,
}

impl<'a, 'sink> Sections<'a, 'sink> {
    pub(crate) fn new(sink: &'a mut Sink<'sink>) -> Self {
        Self { sink, heading: None, run: 0, text: String::new() }
    }

    pub(crate) fn title(&mut self, title: &str) {
        self.sink.title(title);
    }

    /// A heading. It begins a new part, unless only headings came before it: a chapter's number
    /// and its name belong together.
    pub(crate) fn heading(&mut self, text: &str) -> Result<(), ParseError> {
        let heading = clean::line(text);
        if heading.is_empty() {
            return Ok(());
        }
        if self.run == 0 {
            self.flush()?;
        }
        self.run += 1;
        self.push(&heading);
        self.heading = Some(heading);
        Ok(())
    }

    /// A paragraph, list item or table row; line breaks in it stay.
    pub(crate) fn paragraph(&mut self, text: &str) -> Result<(), ParseError> {
        let lines: Vec<String> = text.lines().map(clean::line).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        if self.run >= CONTENTS {
            self.heading = None;
        }
        self.run = 0;
        self.push(&lines.join("\n"));
        if self.text.len() > PART {
            self.flush()?;
        }
        Ok(())
    }

    /// Another line of the last paragraph: the next row of a table, the next item of a list.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), ParseError> {
        let line = clean::line(text);
        if line.is_empty() {
            return Ok(());
        }
        if self.text.is_empty() || self.run > 0 {
            return self.paragraph(&line);
        }
        self.text.push('\n');
        self.text.push_str(&line);
        if self.text.len() > PART {
            self.flush()?;
        }
        Ok(())
    }

    fn push(&mut self, block: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(block);
    }

    fn flush(&mut self) -> Result<(), ParseError> {
        let text = std::mem::take(&mut self.text);
        for piece in clean::split(&text, 2 * PART) {
            self.sink.part(Part {
                heading: self.heading.clone(),
                text: piece.trim().to_owned(),
                ..Part::default()
            })?;
        }
        Ok(())
    }

    /// Passes on what is left.
    pub(crate) fn finish(mut self) -> Result<(), ParseError> {
        self.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sink::collect;
    use super::*;

    #[test]
    fn a_chapters_number_and_name_share_a_part() {
        let (_, parts) = collect(|sink| {
            let mut sections = Sections::new(sink);
            sections.heading("Chapter I")?;
            sections.heading("The daily miracle")?;
            sections.paragraph("Yes, he's one of those men.")?;
            sections.heading("Chapter II")?;
            sections.paragraph("But before I begin.")?;
            sections.finish()
        })
        .unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].heading.as_deref(), Some("The daily miracle"));
        assert_eq!(parts[0].text, "Chapter I\n\nThe daily miracle\n\nYes, he's one of those men.");
        assert_eq!(parts[1].heading.as_deref(), Some("Chapter II"));
    }

    #[test]
    fn a_table_of_contents_is_nobodys_heading() {
        let (_, parts) = collect(|sink| {
            let mut sections = Sections::new(sink);
            for name in ["Contents", "One", "Two", "Three"] {
                sections.heading(name)?;
            }
            sections.paragraph("Note of the editor.")?;
            sections.finish()
        })
        .unwrap();
        assert_eq!(parts[0].heading, None);
    }

    #[test]
    fn a_paragraph_without_end_is_cut() {
        let (_, parts) = collect(|sink| {
            let mut sections = Sections::new(sink);
            sections.paragraph(&"x".repeat(200_000))?;
            sections.finish()
        })
        .unwrap();
        assert!(parts.len() > 1);
        assert_eq!(parts.iter().map(|part| part.text.len()).sum::<usize>(), 200_000);
    }
}
