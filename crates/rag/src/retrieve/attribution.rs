//! Questions about what somebody said: "What does Bennett say about the first hour of the day?"
//!
//! A book seldom names its author on the page that answers. So the name is looked for in titles
//! and openings, and only what is asked about is searched for.

use coxswain_domain::{CreatorId, DocumentId};
use coxswain_store::{Db, StoreError, chunks};
use unicode_segmentation::UnicodeSegmentation;

use crate::analyse;

/// Words a name has, at most.
const NAME: usize = 4;

/// Words before a name, the verbs after it, and the words between verb and topic; in one language.
struct Frame {
    before: &'static [&'static str],
    verbs: &'static [&'static str],
    /// Whether the verb stands before the name.
    verb_first: bool,
    links: &'static [&'static str],
}

const FRAMES: [Frame; 6] = [
    Frame {
        before: &["what does", "what did", "what would", "how does", "how did", "why does", "why did"],
        verbs: &[
            "say",
            "think",
            "write",
            "believe",
            "suggest",
            "recommend",
            "advise",
            "teach",
            "argue",
            "claim",
            "mean",
            "feel",
            "tell us",
        ],
        verb_first: false,
        links: &["about", "on", "of", "regarding", "concerning", "by", "to", "that"],
    },
    Frame {
        before: &["was", "wie", "warum"],
        verbs: &["sagt", "sagte", "schreibt", "schrieb", "denkt", "meint", "empfiehlt", "rät", "lehrt"],
        verb_first: true,
        links: &["über", "zu", "zum", "zur", "von", "vom"],
    },
    Frame {
        before: &["que", "qu'", "comment", "pourquoi"],
        verbs: &["dit", "pense", "écrit", "conseille", "recommande", "enseigne"],
        verb_first: true,
        links: &["à propos de", "au sujet de", "sur", "de", "du", "des"],
    },
    Frame {
        before: &["qué", "que", "cómo", "por qué"],
        verbs: &["dice", "dijo", "piensa", "escribe", "opina", "recomienda", "aconseja", "enseña"],
        verb_first: true,
        links: &["acerca de", "sobre", "de", "del"],
    },
    Frame {
        before: &["che cosa", "cosa", "che", "come"],
        verbs: &["dice", "pensa", "scrive", "consiglia", "insegna"],
        verb_first: true,
        links: &["a proposito di", "su", "sul", "sulla", "di", "del", "della"],
    },
    Frame {
        before: &["o que", "que", "como"],
        verbs: &["diz", "disse", "pensa", "escreve", "recomenda", "ensina"],
        verb_first: true,
        links: &["a respeito de", "sobre", "de", "do", "da"],
    },
];

/// What stands before a name that a statement is ascribed to.
const ACCORDING: [&str; 9] = [
    "according to",
    "laut",
    "selon",
    "d'après",
    "según",
    "secondo",
    "segundo",
    "de acordo com",
    "in the words of",
];
/// What somebody has of something.
const VIEWS: [&str; 8] = ["view", "views", "opinion", "advice", "thoughts", "idea", "ideas", "take"];

/// A question about what a name says on a topic, in the asker's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribution {
    /// Whose words are asked for.
    pub(super) name: String,
    /// What they are asked for about.
    pub(super) topic: String,
}

/// The attribution in a question, if it has the form of one.
pub(super) fn of(question: &str) -> Option<Attribution> {
    let text =
        question.trim().trim_matches(['¿', '?', '？', '.', '!', ' ', '\u{a0}']).replace('\u{2019}', "'");
    let found = according(&text)
        .or_else(|| FRAMES.iter().find_map(|frame| said(&text, frame)))
        .or_else(|| view(&text))?;
    let words = found.name.unicode_words().count();
    // Pronouns are stop words.
    let names = !analyse::terms(&found.name).is_empty();
    let asks = !analyse::terms(&found.topic).is_empty();
    ((1..=NAME).contains(&words) && names && asks).then_some(found)
}

/// The rest of a text after one of these words, whatever their case.
fn after<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().find_map(|word| {
        let head = text.get(..word.len())?;
        let rest = &text[word.len()..];
        let whole = rest.is_empty() || word.ends_with('\'') || rest.starts_with([' ', ',', ':']);
        (whole && head.to_lowercase() == **word).then(|| rest.trim_start_matches([' ', ',', ':']))
    })
}

/// Where one of these words stands first in a text: what is before it, and what after.
fn around<'t>(text: &'t str, words: &[&str]) -> Option<(&'t str, &'t str)> {
    let places = text.match_indices(' ').map(|(place, _)| place);
    let mut found = places.filter_map(|place| Some((&text[..place], after(&text[place + 1..], words)?)));
    found.next()
}

fn attribution(name: &str, topic: &str) -> Attribution {
    let name = name.trim().trim_end_matches("'s").trim_end_matches('\'');
    Attribution { name: name.to_owned(), topic: topic.trim().to_owned() }
}

/// "What does NAME say about TOPIC"
fn said(text: &str, frame: &Frame) -> Option<Attribution> {
    let rest = after(text, frame.before)?;
    if frame.verb_first {
        let rest = after(rest, frame.verbs)?;
        let (name, topic) = around(rest, frame.links)?;
        return Some(attribution(name, topic));
    }
    let (name, rest) = around(rest, frame.verbs)?;
    Some(attribution(name, after(rest, frame.links).unwrap_or(rest)))
}

/// "According to NAME, TOPIC", and the other way round.
fn according(text: &str) -> Option<Attribution> {
    if let Some(rest) = after(text, &ACCORDING) {
        let (name, topic) = rest.split_once(',')?;
        return Some(attribution(name, topic));
    }
    let (topic, name) = around(text, &ACCORDING)?;
    Some(attribution(name, topic.trim_end_matches([',', ' '])))
}

/// "What is NAME's view of TOPIC"
fn view(text: &str) -> Option<Attribution> {
    let rest = after(text, &["what is", "what was", "what are", "what were"])?;
    let (name, rest) = around(rest, &VIEWS)?;
    let topic = after(rest, &["of", "on", "about"])?;
    let owns = name.ends_with('\'') || name.ends_with("'s");
    owns.then(|| attribution(name, topic))
}

/// Documents that name somebody in their title or opening.
pub(super) async fn documents(
    db: &Db,
    creator: CreatorId,
    name: &str,
) -> Result<Vec<DocumentId>, StoreError> {
    let words: Vec<Vec<String>> = name
        .unicode_words()
        .map(|word| analyse::query_terms(word).into_iter().map(|term| term.term).collect::<Vec<_>>())
        .filter(|forms| !forms.is_empty())
        .collect();
    // A last name says most; the whole name decides.
    let (Some(forms), Some(last)) = (words.last(), name.unicode_words().next_back()) else {
        return Ok(Vec::new());
    };
    let mut tx = db.glance(creator).await?;
    let rows = chunks::openings(&mut tx, creator, forms, &last.to_lowercase()).await?;
    drop(tx);
    let named = |title: &str, terms: &str| {
        let title = analyse::terms(title);
        let holds = |form: &String| title.contains(form) || terms.split(' ').any(|term| term == form);
        words.iter().all(|forms| forms.iter().any(holds))
    };
    let mut found: Vec<DocumentId> =
        rows.into_iter().filter(|row| named(&row.title, &row.terms)).map(|row| row.document_id).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<(String, String)> {
        of(question).map(|found| (found.name, found.topic))
    }

    #[test]
    fn questions_about_what_somebody_said_are_told_apart() {
        let cases = [
            (
                "What does Bennett say about the first hour of the day?",
                "Bennett",
                "the first hour of the day",
            ),
            ("what did Franklin think about debt", "Franklin", "debt"),
            (
                "According to Marcus Aurelius, why should I rise early?",
                "Marcus Aurelius",
                "why should I rise early",
            ),
            ("How should I begin, according to Bennett?", "Bennett", "How should I begin"),
            ("What is Allen's view of circumstance?", "Allen", "circumstance"),
            ("Was sagt Bennett über die erste Stunde?", "Bennett", "die erste Stunde"),
            ("Que pense Franklin de la dette ?", "Franklin", "la dette"),
            ("¿Qué dice Franklin sobre la deuda?", "Franklin", "la deuda"),
        ];
        for (question, name, topic) in cases {
            assert_eq!(read(question), Some((name.to_owned(), topic.to_owned())), "{question}");
        }
    }

    #[test]
    fn other_questions_are_left_alone() {
        for question in [
            "How do I begin the day?",
            "What does it mean to live on twenty-four hours?",
            "What do you say about sleep?",
            "What is the view from the tower?",
            "What does he say about it?",
            "",
        ] {
            assert_eq!(read(question), None, "{question}");
        }
    }
}
