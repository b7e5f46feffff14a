//! HTML: what a reader sees of a page, without the furniture around it.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::super::sections::Sections;
use super::super::sink::Sink;
use super::super::{ParseError, Reason};
use super::html_walk::walk;

/// The article must hold this share of the page's text to be taken for the page, in percent.
/// Below it the page is a list or a form, and the extractor has picked one piece of it.
const ARTICLE: usize = 50;

/// Nested deeper than this a page is refused: an HTML parser searches all open elements at each
/// tag, so its time grows with the square of the depth.
const NESTED: usize = 5_000;

/// Elements that end without an end tag, or have none.
const UNCLOSED: [&str; 28] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "optgroup", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track",
    "wbr",
];

/// Nested deeper than this a page is no article, and not worth an extractor's time.
const DEPTH: usize = 256;

pub(super) fn read(source: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let page = parse(source)?;
    sink.title(&page.select("head > title").text());
    let depth = prune(&page);
    let article = if depth > DEPTH { None } else { article(&page) };
    let chosen = article.as_ref().unwrap_or(&page);
    let mut sections = Sections::new(sink);
    if let Some(heading) = page.select("h1").nodes().first() {
        sections.title(&heading.text());
        // The extractor may take the page's heading for its title and leave it out.
        let same = |kept: &NodeRef<'_>| kept.text().trim() == heading.text().trim();
        if !chosen.select("h1, h2").nodes().iter().any(same) {
            sections.heading(&heading.text())?;
        }
    }
    walk(&chosen.root(), &mut sections)?;
    sections.finish()
}

fn parse(source: &str) -> Result<Document, ParseError> {
    if nesting(source) > NESTED {
        return Err(ParseError::rejected(
            Reason::Unsafe,
            format!("The page is nested more than {NESTED} elements deep, which no page needs."),
        ));
    }
    Ok(Document::from(source))
}

/// How deep elements are nested, by their tags alone.
fn nesting(source: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for tag in source.split('<').skip(1) {
        let (closes, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name[..end].to_ascii_lowercase();
        if name.is_empty() || UNCLOSED.contains(&name.as_str()) {
            continue;
        }
        depth = if closes { depth.saturating_sub(1) } else { depth + 1 };
        deepest = deepest.max(depth);
    }
    deepest
}

/// Takes out what is not text of the document, and says how deep the rest is nested.
fn prune(page: &Document) -> usize {
    let mut deepest = 0;
    let mut furniture = Vec::new();
    let mut rest = vec![(page.root(), 0)];
    while let Some((node, depth)) = rest.pop() {
        deepest = deepest.max(depth);
        for child in node.children_it(false).filter(NodeRef::is_element) {
            if is_furniture(&child) {
                furniture.push(child);
            } else {
                rest.push((child, depth + 1));
            }
        }
    }
    for node in furniture {
        node.remove_from_parent();
    }
    deepest
}

/// Navigation, forms, code, and what is hidden from the eye.
fn is_furniture(node: &NodeRef<'_>) -> bool {
    let Some(name) = node.node_name() else { return false };
    let attribute = |name| node.attr(name).unwrap_or_default().to_ascii_lowercase();
    let style = || attribute("style").split_whitespace().collect::<String>();
    matches!(
        &*name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "iframe"
            | "object"
            | "nav"
            | "footer"
            | "aside"
            | "form"
            | "button"
            | "select"
            | "dialog"
    ) || node.has_attr("hidden")
        || attribute("aria-hidden") == "true"
        || matches!(attribute("role").as_str(), "navigation" | "banner" | "search")
        || style().contains("display:none")
        || style().contains("visibility:hidden")
}

/// Reads a piece of HTML as it is, as part of a larger document.
pub(super) fn read_fragment(source: &str, sections: &mut Sections<'_, '_>) -> Result<(), ParseError> {
    let page = parse(source)?;
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
    fn nesting_is_read_until_no_page_needs_it() {
        let nested = |depth| format!("{}deep{}", "<div>".repeat(depth), "</div>".repeat(depth));
        assert_eq!(text(&nested(NESTED)), "deep");
        let error = collect(|sink| read(&nested(100_000), sink)).unwrap_err();
        assert_eq!(error.code(), "unsafe");
    }

    #[test]
    fn unclosed_paragraphs_are_not_nesting() {
        assert_eq!(nesting(&"<p>one<br><li>two".repeat(10_000)), 0);
    }

    #[test]
    fn lists_in_lists_keep_their_order_and_numbers() {
        let source = "<ol start=3><li>Three<ul><li>apple</li><li>pear</li></ul></li><li>Four</li></ol>";
        assert_eq!(text(source), "3. Three\n- apple\n- pear\n4. Four");
    }

    #[test]
    fn navigation_and_footers_are_not_the_page() {
        let source = "<body><nav>Home Shop</nav><main><h1>Rest</h1><p>Sleep is training.</p></main>\
                      <footer>Imprint</footer></body>";
        assert_eq!(text(source), "Rest\n\nSleep is training.");
    }
}
