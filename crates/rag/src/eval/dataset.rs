//! Benchmark sets in the BEIR layout.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::EvalError;

/// One document of a corpus.
#[derive(Clone, Debug, Deserialize)]
pub struct CorpusDocument {
    /// The set's own id.
    #[serde(rename = "_id")]
    pub id: String,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
    /// Its text.
    pub text: String,
}

/// One question.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// The set's own id.
    #[serde(rename = "_id")]
    pub id: String,
    /// The question as it was asked.
    pub text: String,
    /// What else is known.
    #[serde(default)]
    pub metadata: QuestionMetadata,
}

/// What a set knows about a question.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct QuestionMetadata {
    /// The conversation before it, oldest first.
    #[serde(default)]
    pub history: Vec<HistoryTurn>,
    /// Whether the corpus answers it, where the set says so.
    #[serde(default)]
    pub answerable: Option<bool>,
}

/// One turn of a conversation.
#[derive(Clone, Debug, Deserialize)]
pub struct HistoryTurn {
    /// `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub text: String,
}

/// The corpus of a set.
pub fn corpus(folder: &Path) -> Result<Vec<CorpusDocument>, EvalError> {
    lines(&folder.join("corpus.jsonl"))
}

/// The questions of a set.
pub fn questions(folder: &Path) -> Result<Vec<Question>, EvalError> {
    lines(&folder.join("queries.jsonl"))
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, EvalError> {
    let wrong = |reason: String| EvalError::Dataset { path: path.display().to_string(), reason };
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut read = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| wrong(error.to_string()))?;
        if !line.trim().is_empty() {
            read.push(
                serde_json::from_str(&line)
                    .map_err(|error| wrong(format!("line {}: {error}", number + 1)))?,
            );
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_history_and_names_the_line_that_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queries.jsonl");
        std::fs::write(&path, "{\"_id\":\"1\",\"text\":\"And then?\",\"metadata\":{\"history\":[{\"role\":\"user\",\"text\":\"First?\"}]}}\n\n").unwrap();
        let read = questions(folder.path()).unwrap();
        assert_eq!(read[0].metadata.history[0].text, "First?");
        std::fs::write(&path, "{\"_id\":\"1\",\"text\":\"a\"}\n{\"text\":\n").unwrap();
        assert!(questions(folder.path()).unwrap_err().to_string().contains("line 2"));
        assert!(corpus(folder.path()).unwrap_err().to_string().contains("corpus.jsonl"));
    }
}
