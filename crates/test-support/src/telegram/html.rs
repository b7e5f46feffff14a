//! Telegram's HTML, read the way its own server reads it, with its words for what is wrong.

use serde::Serialize;

/// A stretch of formatted text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// What it is, as the Bot API names it: `bold`, `text_link`, `pre`, ….
    #[serde(rename = "type")]
    pub kind: String,
    /// UTF-16 units before it.
    pub offset: usize,
    /// UTF-16 units in it.
    pub length: usize,
    /// Where a `text_link` leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The language of a `pre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// An open tag.
struct Open {
    tag: String,
    value: Option<String>,
    /// UTF-16 units before it.
    offset: usize,
}

/// Reads HTML into its text and its entities, or says what is wrong as Telegram does.
pub(super) fn parse(html: &str) -> Result<(String, Vec<Entity>), String> {
    let bytes = html.as_bytes();
    let (mut text, mut units, mut open, mut entities) = (String::new(), 0, Vec::<Open>::new(), Vec::new());
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place] == b'<' {
            let end = if bytes.get(place + 1) == Some(&b'/') {
                close_tag(html, place, &mut open, units, &mut entities)?
            } else {
                open_tag(html, place, &mut open, units)?
            };
            place = end;
            continue;
        }
        let (letter, length) = reference(&html[place..])
            .or_else(|| html[place..].chars().next().map(|letter| (letter, letter.len_utf8())))
            .unwrap_or_default();
        text.push(letter);
        units += letter.len_utf16();
        place += length.max(1);
    }
    match open.last() {
        Some(left) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", left.tag)),
        None => Ok((text, entities)),
    }
}

/// A character reference at the start of `text`, with its length in bytes.
fn reference(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    let (letter, length) = if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, mark) = match number.strip_prefix('x') {
            Some(hex) => (hex, 16, 2),
            None => (number, 10, 1),
        };
        let length = digits.find(|letter: char| !letter.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(&digits[..length], radix).ok()?;
        (char::from_u32(code).filter(|&letter| letter != '\0')?, length + mark)
    } else {
        let names = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')];
        let length = body.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(body.len());
        let (name, letter) = names.into_iter().find(|(name, _)| *name == &body[..length])?;
        (letter, name.len())
    };
    let semicolon = usize::from(body[length..].starts_with(';'));
    Some((letter, 1 + length + semicolon))
}

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

fn open_tag(html: &str, begin: usize, open: &mut Vec<Open>, offset: usize) -> Result<usize, String> {
    let unclosed = || format!("Unclosed start tag at byte offset {begin}");
    let rest = &html[begin + 1..];
    let length =
        rest.find(|letter: char| letter.is_ascii_whitespace() || letter == '>').ok_or_else(unclosed)?;
    let tag = rest[..length].to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
    }
    let mut left = rest[length..].trim_ascii_start();
    let mut value = None;
    while !left.starts_with('>') {
        let end = left
            .find(|letter: char| letter.is_ascii_whitespace() || letter == '=' || letter == '>')
            .ok_or_else(unclosed)?;
        let name = left[..end].to_ascii_lowercase();
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        left = left[end..].trim_ascii_start();
        let mut written = String::new();
        if let Some(after) = left.strip_prefix('=') {
            (written, left) = attribute(after.trim_ascii_start()).ok_or_else(unclosed)?;
        } else if name != "expandable" {
            return Err(format!(
                "Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        let wanted = matches!(
            (tag.as_str(), name.as_str()),
            ("a", "href")
                | ("code" | "span", "class")
                | ("tg-emoji", "emoji-id")
                | ("blockquote", "expandable")
        );
        if wanted {
            value = Some(written);
        }
        left = left.trim_ascii_start();
    }
    if tag == "span" && value.as_deref() != Some("tg-spoiler") {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
    }
    open.push(Open { tag, value, offset });
    Ok(html.len() - left.len() + 1)
}

/// An attribute's value, quoted or bare, and what follows it.
fn attribute(text: &str) -> Option<(String, &str)> {
    let (raw, rest) = match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote)?,
        _ => text.split_at(text.find(|letter: char| letter.is_ascii_whitespace() || letter == '>')?),
    };
    let mut value = String::new();
    let mut left = raw;
    while let Some(first) = left.chars().next() {
        let (letter, length) = reference(left).unwrap_or((first, first.len_utf8()));
        value.push(letter);
        left = &left[length..];
    }
    Some((value, rest))
}

fn close_tag(
    html: &str,
    begin: usize,
    open: &mut Vec<Open>,
    units: usize,
    entities: &mut Vec<Entity>,
) -> Result<usize, String> {
    let Some(last) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {begin}"));
    };
    let rest = &html[begin + 2..];
    let end = rest.find('>').ok_or_else(|| format!("Unclosed end tag at byte offset {begin}"))?;
    let tag = rest[..end].trim_ascii_end().to_ascii_lowercase();
    if !tag.is_empty() && tag != last.tag {
        return Err(format!(
            "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{tag}>\"",
            last.tag
        ));
    }
    if units > last.offset {
        add_entity(last, units, entities);
    }
    Ok(begin + 2 + end + 1)
}

fn add_entity(last: Open, units: usize, entities: &mut Vec<Entity>) {
    let kind = match last.tag.as_str() {
        "a" => "text_link",
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "s" | "strike" | "del" => "strikethrough",
        "u" | "ins" => "underline",
        "tg-emoji" => "custom_emoji",
        "pre" => "pre",
        "code" => "code",
        "blockquote" if last.value.is_some() => "expandable_blockquote",
        "blockquote" => "blockquote",
        _ => "spoiler",
    };
    let language = last.value.as_deref().and_then(|class| class.strip_prefix("language-")).map(str::to_owned);
    let url = (kind == "text_link").then_some(last.value).flatten();
    if kind == "text_link" && url.as_deref().is_none_or(str::is_empty) {
        return;
    }
    entities.push(Entity {
        kind: kind.to_owned(),
        offset: last.offset,
        length: units - last.offset,
        url,
        language: language.filter(|_| kind == "code" || kind == "pre"),
    });
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn formatting_is_measured_in_utf16_units() {
        let (text, entities) =
            parse("😀 <b>fett <i>und</i></b> &lt;3 <a href=\"https://a.example/?x=1&amp;y=2\">hin</a>")
                .expect("well formed");
        assert_eq!(text, "😀 fett und <3 hin");
        let seen: Vec<_> = entities.iter().map(|it| (it.kind.as_str(), it.offset, it.length)).collect();
        assert_eq!(seen, [("italic", 8, 3), ("bold", 3, 8), ("text_link", 15, 3)]);
        assert_eq!(entities[2].url.as_deref(), Some("https://a.example/?x=1&y=2"));
    }

    #[test]
    fn what_telegram_cannot_parse_is_refused_in_its_words() {
        let wrong = [
            ("a <div>b</div>", "Unsupported start tag \"div\" at byte offset 2"),
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
            ("<b", "Unclosed start tag at byte offset 0"),
            ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ];
        for (html, words) in wrong {
            assert_eq!(parse(html).expect_err(html), words, "{html}");
        }
    }

    #[test]
    fn other_ampersands_stay_as_they_are() {
        assert_eq!(parse("R&D &copy; &#65;&#x42;").expect("well formed").0, "R&D &copy; AB");
    }
}
