//! Markdown: sections under their headings, words without marks.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::ParseError;
use super::super::sections::Sections;
use super::super::sink::Sink;
use super::{html, text};

pub(super) fn read(source: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader {
        sections: Sections::new(sink),
        guess: count_headings(source, options) < 2,
        text: String::new(),
        marker: None,
        lists: Vec::new(),
        hidden: 0,
        title: false,
    };
    for event in Parser::new_ext(source, options) {
        reader.event(event)?;
    }
    reader.paragraph()?;
    reader.sections.finish()
}

fn count_headings(source: &str, options: Options) -> usize {
    Parser::new_ext(source, options)
        .filter(|event| matches!(event, Event::Start(Tag::Heading { .. })))
        .count()
}

struct Reader<'a, 'sink> {
    sections: Sections<'a, 'sink>,
    /// Guess headings as in plain text: the source marks none.
    guess: bool,
    text: String,
    /// What stands before the next paragraph: the bullet or number of its item.
    marker: Option<String>,
    /// The next number of each list we are in; none for bullets.
    lists: Vec<Option<u64>>,
    /// Depth of elements whose text is not read: images, front matter.
    hidden: usize,
    title: bool,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), ParseError> {
        match event {
            Event::Start(tag) => return self.start(&tag),
            Event::End(tag) => return self.end(tag),
            Event::Text(text) | Event::Code(text) if self.hidden == 0 => self.text.push_str(&text),
            Event::Html(html) => self.text.push_str(&html),
            Event::SoftBreak | Event::HardBreak if self.hidden == 0 => self.text.push('\n'),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>) -> Result<(), ParseError> {
        match tag {
            Tag::Image { .. } | Tag::MetadataBlock(_) => self.hidden += 1,
            Tag::List(first) => {
                self.paragraph()?;
                self.lists.push(*first);
            }
            Tag::Item => {
                self.paragraph()?;
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                });
            }
            Tag::TableCell if !self.text.is_empty() => self.text.push_str(" | "),
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock => {
                self.paragraph()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), ParseError> {
        match tag {
            TagEnd::Image | TagEnd::MetadataBlock(_) => self.hidden -= 1,
            TagEnd::List(_) => {
                self.paragraph()?;
                self.lists.pop();
            }
            TagEnd::Heading(_) => {
                let heading = std::mem::take(&mut self.text);
                if !std::mem::replace(&mut self.title, true) {
                    self.sections.title(&heading);
                }
                self.sections.heading(&heading)?;
            }
            TagEnd::HtmlBlock => {
                let source = std::mem::take(&mut self.text);
                html::read_fragment(&source, &mut self.sections)?;
            }
            TagEnd::CodeBlock => {
                let code = std::mem::take(&mut self.text);
                self.sections.paragraph(&code)?;
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.text);
                self.sections.line(&row)?;
            }
            TagEnd::Paragraph | TagEnd::Item => self.paragraph()?,
            _ => {}
        }
        Ok(())
    }

    /// Passes on the paragraph gathered so far, with its bullet or number.
    fn paragraph(&mut self) -> Result<(), ParseError> {
        let source = std::mem::take(&mut self.text);
        if source.trim().is_empty() {
            return Ok(());
        }
        let lines: Vec<&str> = source.lines().collect();
        if let Some(marker) = self.marker.take() {
            return self.sections.line(&format!("{marker}{}", text::unwrap(&lines)));
        }
        match lines.as_slice() {
            [line] if self.guess && text::looks_like_heading(line) => self.sections.heading(line),
            lines => self.sections.paragraph(&text::unwrap(lines)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sink::collect;
    use super::*;

    #[test]
    fn sections_follow_headings_and_marks_go() {
        let source = "---\ntitle: x\n---\n# Sleep\n\nGo to bed **early**, see\n[this page](https://e.org).\n\n\
                      ## Morning\n\n- rise\n- *walk*\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
                      ![picture](p.png)\n";
        let (document, parts) = collect(|sink| read(source, sink)).unwrap();
        assert_eq!(document.title.as_deref(), Some("Sleep"));
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].text, "Sleep\n\nGo to bed early, see\nthis page.");
        assert_eq!(parts[1].heading.as_deref(), Some("Morning"));
        assert_eq!(parts[1].text, "Morning\n\n- rise\n- walk\n1. one\n2. two\na | b\n1 | 2");
    }

    #[test]
    fn html_inside_is_read_as_html() {
        let (_, parts) =
            collect(|sink| read("# A\n\n<div>Kept<script>gone()</script></div>\n", sink)).unwrap();
        assert_eq!(parts[0].text, "A\n\nKept");
    }
}
