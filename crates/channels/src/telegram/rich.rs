//! Text with formatting, and how it is written in Telegram's HTML.
//!
//! Formatting is a property of each stretch of text, not a tree, so a message can be cut anywhere between
//! two letters and both halves still say what they are: tags are made last, and always balanced.

/// How a stretch of text looks. Telegram lets code carry nothing but a quotation around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of them may stand with any other")]
pub(super) struct Style {
    pub(super) quote: bool,
    /// A quotation that shows its first lines until it is tapped.
    pub(super) folded: bool,
    pub(super) link: Option<String>,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
    /// Preformatted, in this language; empty for none.
    pub(super) pre: Option<String>,
}

/// A stretch of text that looks the same from end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) style: Style,
    pub(super) text: String,
}

/// Text with formatting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rich {
    pub(super) runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    Quote,
    Folded,
    Link(String),
    Bold,
    Italic,
    Strike,
    Code,
    Pre(String),
}

impl Style {
    /// From the outermost to the innermost, in the same order everywhere.
    fn tags(&self) -> Vec<Tag> {
        let mut tags = Vec::new();
        if self.folded {
            tags.push(Tag::Folded);
        } else if self.quote {
            tags.push(Tag::Quote);
        }
        if let Some(language) = &self.pre {
            tags.push(Tag::Pre(language.clone()));
        } else if self.code {
            tags.push(Tag::Code);
        } else {
            tags.extend(self.link.clone().map(Tag::Link));
            let simple = [(self.bold, Tag::Bold), (self.italic, Tag::Italic), (self.strike, Tag::Strike)];
            tags.extend(simple.into_iter().filter_map(|(on, tag)| on.then_some(tag)));
        }
        tags
    }

    /// Whether a cut inside would tear something that belongs together.
    pub(super) const fn is_atomic(&self) -> bool {
        self.link.is_some() || self.code
    }
}

impl Tag {
    fn open(&self, out: &mut String) {
        match self {
            Self::Quote => out.push_str("<blockquote>"),
            Self::Folded => out.push_str("<blockquote expandable>"),
            Self::Link(url) => {
                out.push_str("<a href=\"");
                escape(url, out);
                out.push_str("\">");
            }
            Self::Bold => out.push_str("<b>"),
            Self::Italic => out.push_str("<i>"),
            Self::Strike => out.push_str("<s>"),
            Self::Code => out.push_str("<code>"),
            Self::Pre(language) if language.is_empty() => out.push_str("<pre>"),
            Self::Pre(language) => {
                out.push_str("<pre><code class=\"language-");
                escape(language, out);
                out.push_str("\">");
            }
        }
    }

    fn close(&self, out: &mut String) {
        out.push_str(match self {
            Self::Quote | Self::Folded => "</blockquote>",
            Self::Link(_) => "</a>",
            Self::Bold => "</b>",
            Self::Italic => "</i>",
            Self::Strike => "</s>",
            Self::Code => "</code>",
            Self::Pre(language) if language.is_empty() => "</pre>",
            Self::Pre(_) => "</code></pre>",
        });
    }
}

impl Rich {
    /// Adds text; what looks like the stretch before it becomes one with it.
    pub(super) fn push(&mut self, style: &Style, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.style == *style => last.text.push_str(text),
            _ => self.runs.push(Run { style: style.clone(), text: text.to_owned() }),
        }
    }

    /// Bytes of text.
    pub(super) fn len(&self) -> usize {
        self.runs.iter().map(|run| run.text.len()).sum()
    }

    /// UTF-16 units of text.
    pub(super) fn units(&self) -> usize {
        self.runs.iter().map(|run| run.text.encode_utf16().count()).sum()
    }

    /// What a reader sees, without formatting.
    pub(super) fn visible(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }

    /// Whether a reader would see nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.runs.iter().all(|run| is_blank(&run.text))
    }

    /// In Telegram's HTML.
    pub(super) fn html(&self) -> String {
        let mut out = String::new();
        let mut open: Vec<Tag> = Vec::new();
        for run in &self.runs {
            let wanted = run.style.tags();
            let shared = open.iter().zip(&wanted).take_while(|(one, other)| one == other).count();
            for tag in open.drain(shared..).rev() {
                tag.close(&mut out);
            }
            for tag in &wanted[shared..] {
                tag.open(&mut out);
            }
            open = wanted;
            escape(&run.text, &mut out);
        }
        for tag in open.iter().rev() {
            tag.close(&mut out);
        }
        out
    }
}

/// Whether Telegram would take the text for empty: it strips spaces, control characters and what is invisible.
pub(super) fn is_blank(text: &str) -> bool {
    let invisible = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}')
    };
    text.chars().all(invisible)
}

/// Text without formatting, in Telegram's HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
}

/// What a reader sees of HTML that [`Rich::html`] wrote.
pub(super) fn visible(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(['<', '&']) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with('<') {
            rest = rest.split_once('>').map_or("", |(_, after)| after);
            continue;
        }
        let names = [("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&amp;", '&')];
        let known = names.into_iter().find_map(|(name, letter)| Some((letter, rest.strip_prefix(name)?)));
        let (letter, after) = known.unwrap_or(('&', &rest[1..]));
        out.push(letter);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Rich, Style, is_blank, visible};

    #[test]
    fn neighbours_share_the_tags_they_have_in_common() {
        let bold = Style { bold: true, ..Style::default() };
        let both = Style { italic: true, ..bold.clone() };
        let mut rich = Rich::default();
        rich.push(&bold, "a < ");
        rich.push(&both, "b & \"c\"");
        rich.push(&bold, "!");
        rich.push(&Style::default(), " d");
        let html = rich.html();
        assert_eq!(html, "<b>a &lt; <i>b &amp; &quot;c&quot;</i>!</b> d");
        assert_eq!(visible(&html), rich.visible());
    }

    #[test]
    fn code_carries_no_other_formatting() {
        let style =
            Style { code: true, bold: true, link: Some("https://a.example".into()), ..Style::default() };
        let mut rich = Rich::default();
        rich.push(&style, "x");
        assert_eq!(rich.html(), "<code>x</code>");
    }

    #[test]
    fn what_nobody_sees_is_blank() {
        assert!(is_blank(" \n\t\u{200b}\u{feff}\u{2800}"));
        assert!(!is_blank(" . "));
    }
}
