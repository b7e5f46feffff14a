//! From the lines of a page to its paragraphs.
//!
//! A PDF knows no paragraphs, only where each glyph stands. What the eye uses is used here: the
//! gap above a line, a first line set in, a last line that ends short, a bullet.

use super::super::clean;
use super::text::is_item;

/// A line as it stands on the page. Lengths are PDF points, `y` grows upwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) y: f32,
    /// Its last word goes on in the next line; the hyphen is not in `text`.
    pub(super) hyphenated: bool,
}

/// How a line follows the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// It continues the sentence.
    Same,
    /// A new line of the same paragraph: an item of a list.
    Line,
    Paragraph,
}

/// The text of a page: words in the reader's order, paragraphs separated by a blank line.
pub(super) fn paragraphs(lines: &[Line]) -> String {
    let gap = typical_gap(lines);
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut previous: Option<&Line> = None;
    for (index, line) in lines.iter().enumerate() {
        let text = clean::line(&line.text);
        if text.is_empty() {
            continue;
        }
        if let Some(previous) = previous {
            let column = column_right(lines, index);
            match joint(previous, line, gap, column) {
                Joint::Same if previous.hyphenated => paragraph.push_str(&text),
                Joint::Same => clean::join(&mut paragraph, &text),
                other => {
                    out.push_str(&paragraph);
                    out.push_str(if other == Joint::Line { "\n" } else { "\n\n" });
                    paragraph = text;
                }
            }
        } else {
            paragraph = text;
        }
        previous = Some(line);
    }
    out.push_str(&paragraph);
    out
}

fn joint(previous: &Line, line: &Line, gap: f32, column: f32) -> Joint {
    if previous.hyphenated {
        return Joint::Same;
    }
    let down = previous.y - line.y;
    let ended = ends_sentence(&previous.text);
    // The same height: cells of a table row. Upwards: the next column goes on where this ended.
    if down.abs() < gap * 0.4 {
        return Joint::Same;
    }
    if down < 0.0 || down > gap * 4.0 {
        return if ended || down > 0.0 { Joint::Paragraph } else { Joint::Same };
    }
    if down > gap * 1.35 {
        return Joint::Paragraph;
    }
    if is_item(&line.text) {
        return Joint::Line;
    }
    let indented = line.left - previous.left > gap * 0.5;
    let short = previous.right < previous.left + (column - previous.left) * 0.85;
    if ended && (indented || short) { Joint::Paragraph } else { Joint::Same }
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end().trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    text.ends_with(['.', '!', '?', ':', '…', '。', '！', '？', '؟', '।'])
}

/// The distance between lines most common on the page, in points.
fn typical_gap(lines: &[Line]) -> f32 {
    let mut gaps: Vec<f32> =
        lines.windows(2).map(|pair| pair[0].y - pair[1].y).filter(|gap| (4.0..60.0).contains(gap)).collect();
    gaps.sort_by(f32::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(14.0)
}

/// Where the lines around this one end on the right: the edge of their column.
fn column_right(lines: &[Line], index: usize) -> f32 {
    let from = index.saturating_sub(4);
    let to = (index + 4).min(lines.len());
    lines[from..to].iter().map(|line| line.right).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, left: f32, right: f32, y: f32) -> Line {
        Line { text: text.to_owned(), left, right, y, hyphenated: false }
    }

    #[test]
    fn lines_of_a_paragraph_are_joined_and_gaps_separate() {
        let page = [
            line("Habits", 72.0, 120.0, 720.0),
            line("A small step, taken every day, is", 72.0, 300.0, 690.0),
            line("worth more than a leap.", 72.0, 240.0, 676.0),
            line("Begin with the first hour of the", 72.0, 298.0, 662.0),
            line("day.", 72.0, 90.0, 648.0),
        ];
        assert_eq!(
            paragraphs(&page),
            "Habits\n\nA small step, taken every day, is worth more than a leap.\n\n\
             Begin with the first hour of the day."
        );
    }

    #[test]
    fn a_first_line_set_in_begins_a_paragraph() {
        let page = [
            line("end of the one paragraph as it was.", 72.0, 300.0, 700.0),
            line("The next is set in and runs to the", 90.0, 300.0, 686.0),
            line("edge of the column as they all do", 72.0, 300.0, 672.0),
        ];
        assert_eq!(paragraphs(&page).split("\n\n").count(), 2);
    }

    #[test]
    fn a_broken_word_is_made_whole() {
        let mut first = line("an exam", 72.0, 300.0, 700.0);
        first.hyphenated = true;
        assert_eq!(paragraphs(&[first, line("ple", 72.0, 90.0, 686.0)]), "an example");
    }

    #[test]
    fn a_sentence_goes_on_in_the_next_column() {
        let page = [
            line("and so the sentence runs", 72.0, 280.0, 100.0),
            line("on at the top.", 320.0, 400.0, 700.0),
        ];
        assert_eq!(paragraphs(&page), "and so the sentence runs on at the top.");
    }
}
