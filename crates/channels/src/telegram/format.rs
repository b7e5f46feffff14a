//! Our answers' Markdown → text with formatting.
//!
//! What Telegram has no formatting for is written in plain signs: headings in bold, list items with a bullet
//! or their number, a rule as a line of dashes. HTML in an answer is shown as it stands, never obeyed.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::rich::{Rich, Style};

/// Reads Markdown. What has only signs and no words in it is taken literally.
pub(super) fn parse(markdown: &str) -> Rich {
    let mut writer = Writer::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        writer.event(event);
    }
    if !writer.rich.is_blank() {
        return writer.rich;
    }
    let mut literal = Rich::default();
    literal.push(&Style::default(), markdown);
    literal
}

#[derive(Default)]
struct Writer {
    rich: Rich,
    style: Style,
    /// Nested, so that the end of an inner one does not end the outer.
    bold: usize,
    italic: usize,
    strike: usize,
    quotes: usize,
    /// One for each list we are in: the next number, or none for bullets.
    lists: Vec<Option<u64>>,
    /// What separates the next text from what is there.
    gap: Gap,
    /// In front of the next text: a bullet or a number.
    marker: String,
    /// A quotation began or ended since the last text.
    quote_edge: bool,
    /// Bytes of text in front of a link, to see whether it has words of its own.
    link_from: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Line,
    Paragraph,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Code(code) => {
                self.style.code = true;
                self.text(&code);
                self.style.code = false;
            }
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.wish(Gap::Paragraph);
                self.text("———");
                self.wish(Gap::Paragraph);
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            // Footnotes, formulas and check boxes are not switched on: they come as text.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.wish(self.block_gap()),
            Tag::Heading { .. } => {
                self.wish(Gap::Paragraph);
                self.bold += 1;
            }
            Tag::BlockQuote(_) => {
                self.wish(Gap::Paragraph);
                self.quote_edge |= self.quotes == 0;
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.wish(self.block_gap());
                self.style.pre = Some(match kind {
                    CodeBlockKind::Fenced(language) => language_name(&language),
                    CodeBlockKind::Indented => String::new(),
                });
            }
            Tag::List(first) => {
                self.wish(if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line });
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.style.link = web_address(&dest_url);
                self.link_from = self.rich.len();
            }
            _ => {}
        }
        self.settle();
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.wish(self.block_gap()),
            TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Heading(_) => {
                self.bold -= 1;
                self.wish(Gap::Paragraph);
            }
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                self.quote_edge |= self.quotes == 0;
                self.wish(Gap::Paragraph);
            }
            TagEnd::CodeBlock => {
                self.style.pre = None;
                self.end_block();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.wish(if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line });
            }
            TagEnd::Item => {
                self.marker.clear();
                self.gap = Gap::Line;
            }
            TagEnd::Emphasis => self.italic -= 1,
            TagEnd::Strong => self.bold -= 1,
            TagEnd::Strikethrough => self.strike -= 1,
            TagEnd::Link | TagEnd::Image => {
                // A link without words of its own shows its address.
                if self.rich.len() == self.link_from
                    && let Some(url) = self.style.link.clone()
                {
                    self.text(&url);
                }
                self.style.link = None;
            }
            _ => {}
        }
        self.settle();
    }

    /// Within a list everything stays close together.
    fn block_gap(&self) -> Gap {
        if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line }
    }

    fn item(&mut self) {
        self.gap = self.gap.max(Gap::Line);
        let indent = "   ".repeat(self.lists.len().saturating_sub(1));
        self.marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number += 1;
                marker
            }
            _ => format!("{indent}• "),
        };
    }

    fn wish(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn settle(&mut self) {
        self.style.bold = self.bold > 0;
        self.style.italic = self.italic > 0;
        self.style.strike = self.strike > 0;
        self.style.quote = self.quotes > 0;
    }

    /// What stands between blocks belongs to neither; only within one quotation it belongs to that.
    fn separate(&mut self) {
        let before = self.rich.runs.last().map(|run| run.style.quote);
        let quote = self.style.quote && !self.quote_edge && before == Some(true);
        if before.is_some() {
            self.rich.push(
                &Style { quote, ..Style::default() },
                match self.gap {
                    Gap::None => "",
                    Gap::Line => "\n",
                    Gap::Paragraph => "\n\n",
                },
            );
        }
        self.gap = Gap::None;
        self.quote_edge = false;
        let marker = std::mem::take(&mut self.marker);
        self.rich.push(&Style { quote: self.style.quote, ..Style::default() }, &marker);
    }

    fn text(&mut self, text: &str) {
        self.separate();
        self.rich.push(&self.style, text);
    }

    fn line_break(&mut self) {
        let indent = "   ".repeat(self.lists.len());
        self.text(&format!("\n{indent}"));
    }

    /// Code and HTML end with their last line's break, which nobody should see.
    fn end_block(&mut self) {
        if let Some(last) = self.rich.runs.last_mut() {
            last.text.truncate(last.text.trim_end_matches('\n').len());
            if last.text.is_empty() {
                self.rich.runs.pop();
            }
        }
        self.wish(self.block_gap());
    }
}

/// Only letters, digits and a few signs: it becomes part of an attribute.
fn language_name(info: &str) -> String {
    let name = info.split([' ', ',', '{']).next().unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '#' | '_');
    if name.len() <= 32 && name.chars().all(plain) { name.to_owned() } else { String::new() }
}

/// The address, if it leads to the web and nowhere else.
fn web_address(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn becomes(markdown: &str, html: &str) {
        assert_eq!(parse(markdown).html(), html, "{markdown}");
    }

    #[test]
    fn emphasis_and_links() {
        becomes("**a** *b* ~~c~~ `d<e`", "<b>a</b> <i>b</i> <s>c</s> <code>d&lt;e</code>");
        becomes("***a** b*", "<b><i>a</i></b><i> b</i>");
        becomes(
            "[a & b](https://a.example/?x=1&y=2)",
            "<a href=\"https://a.example/?x=1&amp;y=2\">a &amp; b</a>",
        );
        becomes("[x](javascript:alert(1)) [y](tg://user?id=1)", "x y");
        becomes(
            "![](https://a.example/p.png)",
            "<a href=\"https://a.example/p.png\">https://a.example/p.png</a>",
        );
    }

    #[test]
    fn blocks_are_kept_apart() {
        becomes("# Head\ntext\nmore\n\nnext", "<b>Head</b>\n\ntext\nmore\n\nnext");
        becomes("> a\n>\n> b\n\nc", "<blockquote>a\n\nb</blockquote>\n\nc");
        becomes(
            "> a\n\n<!-- -->\n\n> b",
            "<blockquote>a</blockquote>\n\n&lt;!-- --&gt;\n\n<blockquote>b</blockquote>",
        );
        becomes(
            "```rust\nlet a = 1 < 2;\n```\nafter",
            "<pre><code class=\"language-rust\">let a = 1 &lt; 2;</code></pre>\n\nafter",
        );
        becomes("a\n\n---\n\nb", "a\n\n———\n\nb");
    }

    #[test]
    fn lists_keep_their_order_and_depth() {
        becomes(
            "Do:\n\n1. one\n2. two\n   - deep\n3. three\n\nend",
            "Do:\n\n1. one\n2. two\n   • deep\n3. three\n\nend",
        );
        becomes("- a\n\n- b", "• a\n• b");
        becomes("- a\n  b", "• a\n   b");
    }

    #[test]
    fn html_in_an_answer_is_shown_and_never_obeyed() {
        becomes("a <b>b</b> <script>", "a &lt;b&gt;b&lt;/b&gt; &lt;script&gt;");
        becomes("<div onclick=\"x\">\n\nhi", "&lt;div onclick=&quot;x&quot;&gt;\n\nhi");
    }

    #[test]
    fn what_is_nothing_but_signs_stays_as_it_is() {
        becomes("[x]: https://a.example", "[x]: https://a.example");
    }
}
