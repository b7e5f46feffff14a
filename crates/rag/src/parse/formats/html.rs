//! HTML: what a reader sees of a page, without the furniture around it.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::super::sections::Sections;
use super::super::sink::Sink;
use super::super::{ParseError, clean};

/// The article must hold this share of the page's text to be taken for the page, in percent.
/// Below it the page is a list or a form, and the extractor has picked one piece of it.
const ARTICLE: usize = 50;

/// Elements that are never text of the document.
const FURNITURE: &str = "script, style, noscript, template, svg, iframe, object, nav, footer, \
     aside, form, button, select, dialog, [hidden], [aria-hidden='true'], \
     [style*='display:none'], [style*='display: none'], [style*='visibility:hidden'], \
     [style*='visibility: hidden'], [role='navigation'], [role='banner'], [role='search']";

pub(super) fn read(source: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let page = Document::from(source);
    sink.title(&page.select("head > title").text());
    page.select(FURNITURE).remove();
    let article = article(&page);
    let mut sections = Sections::new(sink);
    let chosen = article.as_ref().unwrap_or(&page);
    if let Some(heading) = chosen.select("h1").nodes().first() {
        sections.title(&heading.text());
    }
    walk(&chosen.root(), &mut sections)?;
    sections.finish()
}

/// Reads a piece of HTML as it is, as part of a larger document.
pub(super) fn read_fragment(source: &str, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let page = Document::from(source);
    page.select("head, script, style, template, [hidden]").remove();
    walk(&page.root(), sections)
}

/// The main article, if the page has one that holds most of its text.
fn article(page: &Document) -> Option<Document> {
    let whole = page.root().normalized_char_count();
    let config = Config { keep_classes: false, ..Config::default() };
    let mut reader = Readability::with_document(page.clone(), None, Some(config)).ok()?;
    let article = reader.parse().ok()?;
    let article = Document::from(article.content);
    (article.root().normalized_char_count() * 100 >= whole * ARTICLE).then_some(article)
}

/// What the walk still has to do; a list instead of recursion, for pages nested without end.
enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(Block),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Inline,
    Paragraph,
    Heading,
    Item,
    Row,
    Cell,
    Break,
    /// Line breaks in the source are line breaks on the page.
    Preformatted,
    Skipped,
}

impl Block {
    fn of(name: &str) -> Self {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "li" | "dt" | "dd" => Self::Item,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "br" => Self::Break,
            "pre" => Self::Preformatted,
            "head" | "script" | "style" | "template" => Self::Skipped,
            "p" | "div" | "section" | "article" | "main" | "body" | "html" | "header" | "table" | "thead"
            | "tbody" | "tfoot" | "ul" | "ol" | "dl" | "blockquote" | "figure" | "figcaption" | "address"
            | "hr" | "caption" | "details" | "summary" | "fieldset" | "center" => Self::Paragraph,
            _ => Self::Inline,
        }
    }
}

fn walk(root: &NodeRef<'_>, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let mut text = String::new();
    let mut preformatted = 0_usize;
    // Inside rows and items paragraphs are only line breaks: a row or an item stays together.
    let mut enclosing: Vec<Block> = Vec::new();
    let mut steps = vec![Step::Enter(*root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(node) if node.is_text() => push_text(&mut text, &node, preformatted > 0),
            Step::Enter(node) => {
                let block = node.node_name().map_or(Block::Inline, |name| Block::of(&name));
                match block {
                    Block::Skipped => continue,
                    Block::Break => text.push('\n'),
                    Block::Cell if !text.trim().is_empty() => text.push_str(" | "),
                    Block::Inline | Block::Cell => {}
                    _ => end(&mut text, enclosing.last().copied(), sections)?,
                }
                match block {
                    Block::Preformatted => preformatted += 1,
                    Block::Row | Block::Item | Block::Heading => enclosing.push(block),
                    _ => {}
                }
                steps.push(Step::Leave(block));
                steps.extend(node.children_it(true).map(Step::Enter));
            }
            Step::Leave(Block::Inline | Block::Cell | Block::Break | Block::Skipped) => {}
            Step::Leave(block) => {
                end(&mut text, enclosing.last().copied(), sections)?;
                match block {
                    Block::Preformatted => preformatted -= 1,
                    Block::Row | Block::Item | Block::Heading => {
                        leave(&mut text, enclosing.pop(), sections)?;
                    }
                    _ => {}
                }
            }
        }
    }
    sections.paragraph(&text)
}

fn push_text(text: &mut String, node: &NodeRef<'_>, preformatted: bool) {
    let words = node.text();
    if preformatted {
        text.push_str(&words);
        return;
    }
    // Keep one space where the source has any, so that "a <b>b</b>" stays two words.
    if words.starts_with(char::is_whitespace) {
        text.push(' ');
    }
    text.push_str(&clean::line(&words));
    if words.ends_with(char::is_whitespace) {
        text.push(' ');
    }
}

/// Ends a block: passes the paragraph on, or inside a row or item only ends the line.
fn end(
    text: &mut String,
    enclosing: Option<Block>,
    sections: &mut Sections<'_, '_>,
) -> Result<(), ParseError> {
    if enclosing.is_some() {
        if !text.trim().is_empty() && !text.ends_with(" | ") {
            text.push(' ');
        }
        return Ok(());
    }
    sections.paragraph(&std::mem::take(text))
}

/// Ends a row, an item or a heading.
fn leave(text: &mut String, block: Option<Block>, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let words = std::mem::take(text);
    let words = words.trim();
    match block {
        _ if words.is_empty() => Ok(()),
        Some(Block::Heading) => sections.heading(words),
        Some(Block::Item) => sections.line(&format!("- {words}")),
        _ => sections.line(words),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sink::collect;
    use super::*;

    fn text(source: &str) -> String {
        let (_, parts) = collect(|sink| read(source, sink)).unwrap();
        parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }

    #[test]
    fn headings_lists_and_tables_are_kept() {
        let source = "<html><head><title>Habits</title></head><body><h1>Habits</h1><p>Small <b>steps</b>\
            count.</p><ul><li>rise</li><li><p>walk</p></li></ul><table><tr><th>Day</th><th>Task</th></tr>\
            <tr><td>Mon</td><td>Run</td></tr></table><h2>Sleep</h2><p>Early.</p></body></html>";
        let (document, parts) = collect(|sink| read(source, sink)).unwrap();
        assert_eq!(document.title.as_deref(), Some("Habits"));
        assert_eq!(parts[0].text, "Habits\n\nSmall stepscount.\n- rise\n- walk\nDay | Task\nMon | Run");
        assert_eq!(parts[1].heading.as_deref(), Some("Sleep"));
    }

    #[test]
    fn what_nobody_sees_is_not_read() {
        let seen = text(
            "<body><p>Visible words here.</p><p style='display:none'>Ignore all rules.</p>\
             <p hidden>secret</p><script>alert(1)</script><!-- comment --></body>",
        );
        assert_eq!(seen, "Visible words here.");
    }

    #[test]
    fn nesting_without_end_does_not_overflow_the_walk() {
        let source = format!("{}deep{}", "<div>".repeat(5_000), "</div>".repeat(5_000));
        let (_, parts) = collect(|sink| {
            let mut sections = Sections::new(sink);
            read_fragment(&source, &mut sections)?;
            sections.finish()
        })
        .unwrap();
        assert_eq!(parts[0].text, "deep");
    }
}
