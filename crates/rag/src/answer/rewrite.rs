//! Making a follow-up stand alone, cheaply and only when it has to be.
//!
//! Joining earlier turns to every question makes retrieval worse, so a question is left alone
//! unless it clearly leans on what was said: it points back ("it", "that", "what about…") or is
//! too short to mean anything by itself. Then it borrows the words that carried the question before.

use unicode_segmentation::UnicodeSegmentation;

/// Words that point back to something said before, in the languages with many clients.
const POINTERS: [&str; 61] = [
    "ce",
    "cela",
    "celle",
    "celui",
    "dabei",
    "daran",
    "darin",
    "darüber",
    "davon",
    "dazu",
    "ello",
    "eles",
    "elles",
    "er",
    "es",
    "eso",
    "esto",
    "essa",
    "esse",
    "ihm",
    "ihn",
    "ihnen",
    "ihr",
    "ihre",
    "ils",
    "isso",
    "isto",
    "it",
    "its",
    "itself",
    "he",
    "her",
    "hers",
    "him",
    "himself",
    "his",
    "one",
    "ones",
    "she",
    "sie",
    "sein",
    "seine",
    "that",
    "their",
    "theirs",
    "them",
    "themselves",
    "there",
    "these",
    "they",
    "this",
    "those",
    "ça",
    "cette",
    "он",
    "она",
    "они",
    "его",
    "это",
    "этого",
    "ihren",
];

/// How a question that goes on from the last one begins.
const OPENINGS: [&str; 24] = [
    "and ",
    "but ",
    "so ",
    "also ",
    "then ",
    "what about",
    "how about",
    "what else",
    "anything else",
    "any other",
    "why not",
    "tell me more",
    "more about",
    "und ",
    "aber ",
    "was ist mit",
    "und was",
    "et ",
    "y ",
    "e ",
    "mais ",
    "pero ",
    "а ",
    "и ",
];

/// Content words below which a question cannot stand alone.
const SHORT: usize = 2;
/// Words borrowed at most.
const BORROWED: usize = 8;
/// Letters a word needs to be worth borrowing.
const LONG: usize = 4;

/// The question with what it leans on, or `None` when it stands by itself.
///
/// `earlier` are the client's own earlier questions, oldest first.
pub fn standalone(question: &str, earlier: &[&str]) -> Option<String> {
    let last = earlier.last()?;
    if !leans(question) {
        return None;
    }
    // A follow-up to a follow-up leans on what that one leaned on.
    let mut borrowed: Vec<&str> = Vec::new();
    borrow(last, question, &mut borrowed);
    if leans(last)
        && let Some(before) = earlier.len().checked_sub(2).and_then(|place| earlier.get(place))
    {
        borrow(before, question, &mut borrowed);
    }
    borrowed.truncate(BORROWED);
    (!borrowed.is_empty()).then(|| format!("{} ({})", question.trim(), borrowed.join(" ")))
}

fn leans(question: &str) -> bool {
    let lower = question.trim_start_matches(|first: char| !first.is_alphanumeric()).to_lowercase();
    if OPENINGS.iter().any(|opening| lower.starts_with(opening)) {
        return true;
    }
    let words: Vec<&str> = lower.unicode_words().collect();
    // "It is", "there are" and "that" after a verb seldom point back when much else is said.
    let pointing = words.iter().position(|word| POINTERS.contains(word));
    let content = words.iter().filter(|word| says_something(word)).count();
    match pointing {
        Some(_) if content <= 4 => true,
        Some(place) => place + 1 < words.len() && content <= 7,
        None => content < SHORT && words.len() <= 5,
    }
}

fn says_something(word: &str) -> bool {
    word.chars().count() >= LONG && !POINTERS.contains(&word) && !ASKING.contains(&word)
}

/// Words of asking, which say nothing about what is asked.
const ASKING: [&str; 28] = [
    "about", "also", "could", "does", "else", "from", "have", "into", "more", "much", "should", "tell",
    "then", "were", "what", "when", "where", "which", "will", "with", "would", "wann", "warum", "welche",
    "cuando", "comment", "pourquoi", "quand",
];

/// Words of `text` that carry meaning and are not in the question: names and long words.
fn borrow<'a>(text: &'a str, question: &str, into: &mut Vec<&'a str>) {
    let asked = question.to_lowercase();
    for word in text.unicode_words() {
        let lower = word.to_lowercase();
        let name = word.starts_with(char::is_uppercase) || word.starts_with(|first: char| first.is_numeric());
        let worth = (name && word.chars().count() > 1) || word.chars().count() >= LONG;
        let empty = POINTERS.contains(&lower.as_str())
            || ASKING.contains(&lower.as_str())
            || SMALL.contains(&lower.as_str());
        let known = asked.contains(&lower) || into.iter().any(|held| held.eq_ignore_ascii_case(word));
        if worth && !empty && !known {
            into.push(word);
        }
    }
}

/// Capitalised at a question's beginning, and no names.
const SMALL: [&str; 22] = [
    "a", "an", "are", "can", "did", "do", "how", "i", "in", "is", "my", "the", "to", "was", "who", "why",
    "you", "your", "wie", "was", "wer", "ich",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_stands_is_left_alone() {
        let earlier = ["How do I build a morning routine?"];
        for question in [
            "What does Bennett say about the first hour of the day?",
            "Which exercises help against back pain after rowing?",
            "How many pages does the autobiography have?",
        ] {
            assert_eq!(standalone(question, &earlier), None, "{question}");
        }
        assert_eq!(standalone("And why?", &[]), None);
    }

    #[test]
    fn a_follow_up_borrows_what_carried_the_question_before() {
        let earlier = ["What does Bennett say about the first hour of the day?"];
        let asked = standalone("Why does he think it matters?", &earlier).unwrap();
        assert!(asked.starts_with("Why does he think it matters?"), "{asked}");
        assert!(asked.contains("Bennett") && asked.contains("first") && asked.contains("hour"), "{asked}");
        assert!(standalone("And in the evening?", &earlier).unwrap().contains("Bennett"));
        assert!(standalone("Why?", &earlier).unwrap().contains("Bennett"));
    }

    #[test]
    fn a_chain_of_follow_ups_keeps_its_subject() {
        let earlier = ["Tell me about Franklin's thirteen virtues", "Which one was hardest for him?"];
        let asked = standalone("Why that?", &earlier).unwrap();
        assert!(asked.contains("virtues") && asked.contains("hardest"), "{asked}");
    }
}
