//! Plain text with marks over it. Marks become characters only at the end, so that text can be cut
//! anywhere and every mark that was opened is closed again.

use std::cmp::Reverse;

use unicode_segmentation::UnicodeSegmentation;

/// Follows a text that was cut.
const ELLIPSIS: &str = "…";

/// Text and its marks.
#[derive(Clone, Debug, Default)]
pub(super) struct Rich {
    pub(super) plain: String,
    marks: Vec<Mark>,
}

/// One mark over bytes `start..end` of the plain text.
#[derive(Clone, Copy, Debug)]
struct Mark {
    start: usize,
    end: usize,
    sign: &'static str,
}

/// Length as messengers count it: no less than the number of characters.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Rich {
    /// Text without marks.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { plain: text.into(), marks: Vec::new() }
    }

    /// Marks everything from byte `start` to the end. Marks of one kind never lie within each other, and one
    /// in the middle of a word would be shown as it is: both are left out.
    pub(super) fn mark(&mut self, start: usize, sign: &'static str) {
        let text = &self.plain[start..];
        let start = start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        if start < end && !self.plain[start..end].contains(sign) {
            self.marks.retain(|inner| inner.sign != sign || inner.start < start);
            self.marks.push(Mark { start, end, sign });
        }
    }

    /// The text with its marks, at most `limit` UTF-16 units long: cut behind a sentence where it is longer.
    pub(super) fn written(&self, limit: usize) -> String {
        let whole = self.with_marks(self.plain.len());
        if length(&whole) <= limit {
            return whole;
        }
        let mut room = limit;
        loop {
            let end = cut(&self.plain, room.saturating_sub(2));
            let gap = if self.plain[..end].ends_with(['.', '!', '?', '…']) { " " } else { "" };
            let text = format!("{}{gap}{ELLIPSIS}", self.with_marks(end));
            let over = length(&text).saturating_sub(limit);
            if over == 0 {
                return text;
            }
            room = room.saturating_sub(over);
        }
    }

    /// The first `end` bytes, with the marks over them.
    fn with_marks(&self, end: usize) -> String {
        let plain = &self.plain[..end];
        let marks =
            self.marks.iter().enumerate().filter(|(_, mark)| mark.start < end && self.stands_alone(mark));
        let mut signs: Vec<_> = marks
            .flat_map(|(order, mark)| {
                // What was marked last lies outermost: its sign comes first at the start and last at the end.
                let opened = (mark.start, 1, Reverse(mark.end), Reverse(order), mark.sign);
                let closed =
                    (mark.end.min(end), 0, Reverse(mark.start), Reverse(usize::MAX - order), mark.sign);
                [opened, closed]
            })
            .collect();
        signs.sort_unstable();
        let mut text = String::with_capacity(plain.len() + signs.len() * 2);
        let mut from = 0;
        for (at, .., sign) in signs {
            text.push_str(&plain[from..at]);
            text.push_str(sign);
            from = at;
        }
        text.push_str(&plain[from..]);
        text
    }

    fn stands_alone(&self, mark: &Mark) -> bool {
        let before = self.plain[..mark.start].chars().next_back();
        let after = self.plain[mark.end..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    }
}

/// Where to cut so that at most `room` UTF-16 units stay: behind a sentence, else a word, else a character.
fn cut(text: &str, room: usize) -> usize {
    let fits = |end: &usize| length(&text[..*end]) <= room;
    let ends = |pieces: Vec<(usize, &str)>| {
        pieces.into_iter().map(|(at, piece)| at + piece.trim_end().len()).take_while(fits).last()
    };
    let least = room / 2;
    let sentence = ends(text.split_sentence_bound_indices().collect());
    let long_enough = |end: &usize| length(&text[..*end]) >= least;
    sentence
        .filter(long_enough)
        .or_else(|| ends(text.split_word_bound_indices().collect()).filter(long_enough))
        .or_else(|| ends(text.grapheme_indices(true).collect()))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_falls_behind_a_sentence_and_closes_what_is_open() {
        let mut rich = Rich::plain("One two. Three four. Five six.");
        rich.mark(0, "*");
        assert_eq!(rich.written(100), "*One two. Three four. Five six.*");
        assert_eq!(rich.written(28), "*One two. Three four.* …");
        assert_eq!(rich.written(4), "*O*…");
    }

    #[test]
    fn marks_nest_as_they_were_opened() {
        let mut rich = Rich::plain("ab");
        rich.mark(0, "_");
        rich.mark(0, "*");
        assert_eq!(rich.written(10), "*_ab_*");
        rich.plain.push('c');
        assert_eq!(rich.written(10), "abc", "signs within a word would be shown");
    }
}
