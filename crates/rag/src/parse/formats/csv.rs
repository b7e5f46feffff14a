//! CSV of questions and answers: one pair a row.

use coxswain_domain::document::Part;

use super::super::sink::Sink;
use super::super::{ParseError, clean};

/// Names of the question's column, in lower case.
const QUESTION: [&str; 17] = [
    "question",
    "questions",
    "q",
    "prompt",
    "faq",
    "query",
    "ask",
    "term",
    "frage",
    "pregunta",
    "pergunta",
    "domanda",
    "vraag",
    "вопрос",
    "سؤال",
    "שאלה",
    "问题",
];
/// Names of the answer's column, in lower case.
const ANSWER: [&str; 17] = [
    "answer",
    "answers",
    "a",
    "response",
    "reply",
    "text",
    "completion",
    "definition",
    "antwort",
    "respuesta",
    "resposta",
    "risposta",
    "réponse",
    "ответ",
    "جواب",
    "תשובה",
    "答案",
];
/// Rows read between two reports of progress.
const PROGRESS: u32 = 200;

/// Which column is what.
struct Columns {
    /// The columns of the question and of the answer; none in a table of something else.
    pair: Option<(usize, usize)>,
    /// The names of all columns, if the first row holds names.
    names: Option<Vec<String>>,
}

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut columns: Option<Columns> = None;
    let mut number = 0;
    for record in reader.records() {
        number += 1;
        let Ok(record) = record else {
            sink.warn(None, format!("has a row that could not be read (row {number})"));
            continue;
        };
        let fields: Vec<String> = record.iter().map(clean::line).collect();
        if fields.iter().all(String::is_empty) {
            continue;
        }
        if let Some(columns) = &columns {
            sink.part(row(columns, &fields))?;
        } else {
            let first = columns.insert(Columns::of(&fields));
            if first.names.is_none() {
                sink.part(row(first, &fields))?;
            }
        }
        if number % PROGRESS == 0 {
            sink.progress(number, None)?;
        }
    }
    Ok(())
}

impl Columns {
    /// Finds the columns by their names in the first row. Without known names two columns are
    /// question and answer from the first row on; more are a table whose first row names them.
    fn of(first: &[String]) -> Self {
        let find =
            |names: &[&str]| first.iter().position(|field| names.contains(&field.to_lowercase().as_str()));
        let pair = match (find(&QUESTION), find(&ANSWER)) {
            (Some(question), Some(answer)) => Some((question, answer)),
            (Some(question), None) => Some((question, usize::from(question == 0))),
            (None, Some(answer)) => Some((usize::from(answer == 0), answer)),
            (None, None) => None,
        };
        if pair.is_none() && first.len() <= 2 {
            return Self { pair: Some((0, 1)), names: None };
        }
        Self { pair, names: Some(first.to_vec()) }
    }

    fn name(&self, index: usize) -> Option<&str> {
        let name = self.names.as_ref()?.get(index)?;
        (!name.is_empty()).then_some(name)
    }
}

/// One row: question and answer first, then every other column under its name.
fn row(columns: &Columns, fields: &[String]) -> Part {
    let field = |index: usize| fields.get(index).map(String::as_str).unwrap_or_default();
    let (question, answer) = columns.pair.map_or((None, None), |(q, a)| (Some(q), Some(a)));
    let mut lines: Vec<String> =
        [question, answer].into_iter().flatten().map(|index| field(index).to_owned()).collect();
    for (index, value) in fields.iter().enumerate() {
        if Some(index) == question || Some(index) == answer || value.is_empty() {
            continue;
        }
        lines.push(match columns.name(index) {
            Some(name) => format!("{name}: {value}"),
            None => value.clone(),
        });
    }
    lines.retain(|line| !line.is_empty());
    let heading = field(question.unwrap_or_default());
    Part {
        heading: (!heading.is_empty()).then(|| heading.to_owned()),
        text: lines.join("\n"),
        ..Part::default()
    }
}

/// The separator: the candidate found most often outside quotes in the first lines.
fn delimiter(text: &str) -> u8 {
    let mut counts = [0_usize; 4];
    let mut quoted = false;
    for byte in text.bytes().take(4096) {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => counts[0] += 1,
            b';' if !quoted => counts[1] += 1,
            b'\t' if !quoted => counts[2] += 1,
            b'|' if !quoted => counts[3] += 1,
            _ => {}
        }
    }
    // On a tie the first wins: a comma is the format's name.
    let best = (0..4).rev().max_by_key(|&index| counts[index]).unwrap_or_default();
    b",;\t|"[best]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::sink::collect;
    use super::*;

    fn parts(text: &str) -> Vec<Part> {
        collect(|sink| read(text, sink)).unwrap().1
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let rows = parts("id;Answer;Question\n7;\"Drink water; walk.\";What helps?\n");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].heading.as_deref(), Some("What helps?"));
        assert_eq!(rows[0].text, "What helps?\nDrink water; walk.\nid: 7");
    }

    #[test]
    fn two_unnamed_columns_are_question_and_answer() {
        let rows = parts("How long?,\"Ten minutes,\nevery day.\"\nWhen?,At dawn.\n");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].text, "How long?\nTen minutes, every day.");
        assert_eq!(rows[1].heading.as_deref(), Some("When?"));
    }

    #[test]
    fn other_tables_keep_every_column_under_its_name() {
        let rows = parts("Exercise,Sets,Rest\nSquat,3,90 s\n");
        assert_eq!(rows[0].text, "Exercise: Squat\nSets: 3\nRest: 90 s");
        assert_eq!(rows[0].heading.as_deref(), Some("Squat"));
    }

    #[test]
    fn a_formula_is_text() {
        assert_eq!(parts("=1+1,=cmd|' /C calc'!A0\n")[0].heading.as_deref(), Some("=1+1"));
    }

    proptest! {
        #[test]
        fn no_answer_is_lost(rows in proptest::collection::vec(("[a-z]{1,8}\\?", "[a-z ,\"\n]{0,20}[a-z]"), 1..20)) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            writer.write_record(["question", "answer"]).unwrap();
            for (question, answer) in &rows {
                writer.write_record([question, answer]).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read = parts(&text);
            prop_assert_eq!(read.len(), rows.len());
            for (part, (question, answer)) in read.iter().zip(&rows) {
                prop_assert_eq!(&part.text, &format!("{}\n{}", question, clean::line(answer)));
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,200}[,;\"\n\\PC]{0,100}") {
            let _ = collect(|sink| read(&text, sink));
        }
    }
}
