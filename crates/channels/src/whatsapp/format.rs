//! From the Markdown of our answers to the markup of `WhatsApp`: `*bold*`, `_italic_`, `~strike~`,
//! `` `code` ``, lists and `> quotes`. Links become text with the address behind it.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::rich::Rich;

/// Longest text of one message, in characters.
pub const TEXT_AT_MOST: usize = 4_096;

/// One answer in one message: replies are paid for each, so longer text is cut behind a sentence.
pub fn render(markdown: &str) -> String {
    let mut writer = Writer::default();
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        writer.event(event);
    }
    let text = writer.rich.written(TEXT_AT_MOST);
    match (text.trim().is_empty(), markdown.trim()) {
        (false, _) => text,
        (true, "") => "…".into(),
        (true, plain) => Rich::plain(plain).written(TEXT_AT_MOST),
    }
}

#[derive(Default)]
struct Writer {
    rich: Rich,
    /// Where each open emphasis, heading or code block began.
    open: Vec<usize>,
    /// Where each open link's text began, and its address.
    links: Vec<(usize, String)>,
    /// The next number of each open list; `None` for dots.
    lists: Vec<Option<u64>>,
    quotes: usize,
    /// Line breaks to write before the next text.
    breaks: usize,
    /// A list item's dot or number was written and nothing else yet.
    fresh_item: bool,
    in_code: bool,
    cells: usize,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.lines(&text),
            Event::Html(text) | Event::InlineHtml(text) => self.lines(&text),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]")),
            Event::TaskListMarker(done) => self.text(if done { "☑ " } else { "☐ " }),
            Event::Code(code) => {
                let start = self.flush();
                self.text(&code);
                self.rich.mark(start, "`");
            }
            // A mark must end on the line it began on.
            Event::SoftBreak | Event::HardBreak if !self.open.is_empty() => self.text(" "),
            Event::SoftBreak | Event::HardBreak => self.breaks = self.breaks.max(1),
            Event::Rule => self.breaks = 2,
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Table(_) | Tag::HtmlBlock => self.block(),
            Tag::Heading { .. } => {
                self.block();
                self.begin();
            }
            Tag::CodeBlock(_) => {
                self.block();
                self.begin();
                self.in_code = true;
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.quotes += 1;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::TableRow | Tag::TableHead => {
                self.breaks = self.breaks.max(1);
                self.cells = 0;
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.text(" · ");
                }
                self.cells += 1;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.begin(),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let start = self.flush();
                self.links.push((start, dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Strong => self.finish("*"),
            TagEnd::Emphasis => self.finish("_"),
            TagEnd::Strikethrough => self.finish("~"),
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.finish("```");
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link | TagEnd::Image => self.address(),
            _ => {}
        }
    }

    /// A new paragraph, list or the like; right behind an item's dot it begins on the same line.
    fn block(&mut self) {
        if !self.fresh_item {
            self.breaks = 2;
        }
    }

    fn begin(&mut self) {
        let start = self.flush();
        self.open.push(start);
    }

    fn finish(&mut self, sign: &'static str) {
        if let Some(start) = self.open.pop() {
            self.rich.mark(start, sign);
        }
    }

    fn item(&mut self) {
        self.breaks = self.breaks.max(1);
        let indent = "  ".repeat(self.lists.len().saturating_sub(1));
        let dot = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{indent}{}. ", *number - 1)
            }
            _ => format!("{indent}- "),
        };
        self.text(&dot);
        self.fresh_item = true;
    }

    /// Writes the address behind a link's text, unless the text is the address.
    fn address(&mut self) {
        let Some((start, url)) = self.links.pop() else { return };
        let shown = self.rich.plain[start..].trim();
        let bare = url.trim_start_matches("mailto:").trim_start_matches("tel:");
        let is_address =
            ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme));
        if !is_address || shown == bare || shown == url {
            return;
        }
        let address = if shown.is_empty() { bare.to_owned() } else { format!(" ({bare})") };
        self.text(&address);
    }

    fn text(&mut self, text: &str) {
        self.flush();
        self.fresh_item = false;
        self.rich.plain.push_str(text);
    }

    /// Text that may hold several lines.
    fn lines(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            self.breaks += usize::from(number > 0);
            if !line.is_empty() {
                self.text(line);
            }
        }
    }

    /// Writes what separates the next text from the last one; where the next text begins.
    fn flush(&mut self) -> usize {
        let plain = &mut self.rich.plain;
        let begins_line = plain.is_empty() || self.breaks > 0;
        if !plain.is_empty() {
            plain.extend(std::iter::repeat_n('\n', self.breaks));
        }
        if begins_line && self.quotes > 0 && !plain.ends_with("> ") {
            plain.push_str("> ");
        }
        self.breaks = 0;
        plain.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::whatsapp::rich::length;

    #[test]
    fn markdown_becomes_the_markup_of_whatsapp() {
        let cases = [
            ("**bold** and *italic*, ~~gone~~ and `x = 1`", "*bold* and _italic_, ~gone~ and `x = 1`"),
            ("# Sleep **well**\nDim the lights.", "*Sleep well*\n\nDim the lights."),
            ("See [the book](https://mira.example/a_b).", "See the book (https://mira.example/a_b)."),
            ("<https://mira.example>", "https://mira.example"),
            ("[x](javascript:alert(1))", "x"),
            (
                "- one\n- two\n  - three\n\n1. first\n2. second",
                "- one\n- two\n  - three\n\n1. first\n2. second",
            ),
            ("- one\n\n- two\n\n  more", "- one\n- two\n\nmore"),
            ("> quoted\n> words\n\nplain", "> quoted\n> words\n\nplain"),
            ("```rust\nlet a = 1;\n\nlet b = 2;\n```", "```let a = 1;\n\nlet b = 2;```"),
            ("***both***", "_*both*_"),
            ("un**believ**able 2*3", "unbelievable 2*3"),
            ("**over\ntwo lines**", "*over two lines*"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a · b\n1 · 2"),
            ("- [x] done", "- ☑ done"),
            ("a < b & c", "a < b & c"),
            ("---", "---"),
            ("", "…"),
        ];
        for (markdown, expected) in cases {
            assert_eq!(render(markdown), expected, "{markdown:?}");
        }
    }

    #[test]
    fn an_answer_that_is_too_long_ends_behind_a_sentence() {
        let text = render(&"This is **one** sentence. ".repeat(400));
        assert!(length(&text) <= TEXT_AT_MOST && length(&text) > TEXT_AT_MOST - 40);
        assert!(text.ends_with("*one* sentence. …"), "{}", &text[text.len() - 60..]);
    }

    fn markdown() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            "[a-zäß日🎉]{1,8}",
            Just("**bold words**".to_owned()),
            Just("_soft_".to_owned()),
            Just("[text](https://e.example/x)".to_owned()),
            Just("`code`".to_owned()),
            Just("~~old~~".to_owned()),
            Just("\n\n".to_owned()),
            Just("\n- ".to_owned()),
            Just("\n> ".to_owned()),
            Just("\n# ".to_owned()),
            Just("\n```\n".to_owned()),
            Just("**".to_owned()),
            Just("[".to_owned()),
            Just("Ends here.".to_owned()),
        ];
        prop::collection::vec(word, 0..900).prop_map(|words| words.join(" "))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn one_message_of_a_lawful_length_whatever_the_model_wrote(markdown in markdown()) {
            let text = render(&markdown);
            prop_assert!(length(&text) <= TEXT_AT_MOST);
            prop_assert!(!text.trim().is_empty());
            prop_assert_eq!(render(&markdown), text, "the same every time");
        }

        #[test]
        fn anything_at_all_can_be_rendered(text in any::<String>()) {
            prop_assert!(length(&render(&text)) <= TEXT_AT_MOST);
        }

        #[test]
        fn no_markdown_shows(words in prop::collection::vec("[a-z]{1,9}", 1..600)) {
            let markdown: String = words.iter().enumerate().map(|(n, word)| match n % 4 {
                0 => format!("**{word}** "),
                1 => format!("[{word}](https://e.example) "),
                2 => format!("~~{word}~~ "),
                _ => format!("{word}. "),
            }).collect();
            let text = render(&markdown);
            for sign in ["**", "~~", "]("] {
                prop_assert!(!text.contains(sign), "{sign} in {text}");
            }
            for sign in ['*', '~'] {
                prop_assert_eq!(text.matches(sign).count() % 2, 0, "every {} is closed, in {}", sign, text);
            }
        }
    }
}
