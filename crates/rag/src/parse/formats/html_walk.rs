//! Walks over a parsed page and writes what is seen: headings, paragraphs, items, rows.

use dom_query::NodeRef;

use super::super::sections::Sections;
use super::super::{ParseError, clean};

/// A cell with more text than this, in bytes, is a piece of layout: its paragraphs stand alone.
const CELL: usize = 200;

/// What an element does to the text around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Inline,
    Paragraph,
    Heading,
    List,
    Item,
    Row,
    Cell,
    Break,
    /// Line breaks in the source are line breaks on the page.
    Preformatted,
    /// Never text.
    Skipped,
}

impl Block {
    fn of(node: &NodeRef<'_>) -> Self {
        let Some(name) = node.node_name() else { return Self::Inline };
        match &*name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "ul" | "ol" | "dl" | "menu" => Self::List,
            "li" | "dt" | "dd" => Self::Item,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "br" => Self::Break,
            "pre" => Self::Preformatted,
            "head" | "script" | "style" | "template" | "noscript" => Self::Skipped,
            "p" | "div" | "section" | "article" | "main" | "body" | "html" | "header" | "table" | "thead"
            | "tbody" | "tfoot" | "blockquote" | "figure" | "figcaption" | "address" | "hr" | "caption"
            | "details" | "summary" | "fieldset" | "center" => Self::Paragraph,
            _ => Self::Inline,
        }
    }

    /// Whether what is inside is one line of its own.
    const fn is_line(self) -> bool {
        matches!(self, Self::Heading | Self::Item | Self::Row)
    }
}

/// What is still to be done; a list instead of recursion, for pages nested without end.
enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(Block),
}

/// Writes everything under `root` to `sections`.
pub(super) fn walk(root: &NodeRef<'_>, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let mut writer = Writer {
        sections,
        text: String::new(),
        lines: Vec::new(),
        lists: Vec::new(),
        marker: None,
        preformatted: 0,
    };
    let mut steps = vec![Step::Enter(*root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(node) if node.is_text() => writer.text(&node),
            Step::Enter(node) => {
                let block = Block::of(&node);
                if block != Block::Skipped {
                    writer.enter(block, &node)?;
                    steps.push(Step::Leave(block));
                    steps.extend(node.children_it(true).map(Step::Enter));
                }
            }
            Step::Leave(block) => writer.leave(block)?,
        }
    }
    writer.flush()
}

struct Writer<'w, 'a, 'sink> {
    sections: &'w mut Sections<'a, 'sink>,
    text: String,
    /// The lines (rows, items, headings) that we are inside of.
    lines: Vec<Block>,
    /// The next number of each list that we are inside of; none for bullets.
    lists: Vec<Option<u64>>,
    /// What stands before the next line: the bullet or number of its item.
    marker: Option<String>,
    preformatted: usize,
}

impl Writer<'_, '_, '_> {
    fn text(&mut self, node: &NodeRef<'_>) {
        let words = node.text();
        if self.preformatted > 0 {
            self.text.push_str(&words);
            return;
        }
        // One space stays where the source has any, so that "a <b>b</b>" stays two words.
        if words.starts_with(char::is_whitespace) {
            self.text.push(' ');
        }
        self.text.push_str(&clean::line(&words));
        if words.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }

    fn enter(&mut self, block: Block, node: &NodeRef<'_>) -> Result<(), ParseError> {
        match block {
            Block::Inline | Block::Skipped => {}
            Block::Break => self.text.push('\n'),
            Block::Cell => {
                if !self.text.trim().is_empty() {
                    self.text.push_str(" | ");
                }
            }
            Block::Paragraph => self.end_paragraph()?,
            Block::List => {
                self.flush()?;
                let first = node.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                self.lists.push(node.has_name("ol").then_some(first));
            }
            Block::Preformatted => {
                self.end_paragraph()?;
                self.preformatted += 1;
            }
            Block::Heading | Block::Item | Block::Row => {
                self.flush()?;
                self.lines.push(block);
                if block == Block::Item {
                    self.marker = Some(self.next_marker());
                }
            }
        }
        Ok(())
    }

    fn next_marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        }
    }

    fn leave(&mut self, block: Block) -> Result<(), ParseError> {
        match block {
            Block::Inline | Block::Skipped | Block::Break | Block::Cell => {}
            Block::Paragraph => self.end_paragraph()?,
            Block::List => {
                self.flush()?;
                self.lists.pop();
            }
            Block::Preformatted => {
                self.end_paragraph()?;
                self.preformatted -= 1;
            }
            Block::Heading | Block::Item | Block::Row => {
                self.flush()?;
                self.lines.pop();
                self.marker = None;
            }
        }
        Ok(())
    }

    /// Ends a paragraph. Inside a line it is only a space, unless the line is a page in a table.
    fn end_paragraph(&mut self) -> Result<(), ParseError> {
        match self.lines.last() {
            Some(Block::Row) if self.text.len() > CELL => {
                let text = std::mem::take(&mut self.text);
                self.sections.paragraph(&text)
            }
            Some(line) if line.is_line() => {
                if !self.text.trim().is_empty() && !self.text.ends_with(" | ") {
                    self.text.push(' ');
                }
                Ok(())
            }
            _ => self.flush(),
        }
    }

    /// Writes what was gathered as what it stands in.
    fn flush(&mut self) -> Result<(), ParseError> {
        let text = std::mem::take(&mut self.text);
        let words = text.trim().trim_end_matches(" |");
        if words.is_empty() {
            return Ok(());
        }
        match self.lines.last() {
            Some(Block::Heading) => self.sections.heading(words),
            Some(_) => {
                let marker = self.marker.take().unwrap_or_default();
                self.sections.line(&format!("{marker}{words}"))
            }
            None => self.sections.paragraph(words),
        }
    }
}
