//! Answers: from a question in a conversation to a text whose every citation was checked.
//!
//! A question is made to stand alone, passages are found, and the engine decides whether they cover it.
//! If they do, a chat model writes the answer and it streams to the client; without a model the best sentences
//! are quoted. What was written is then checked against the passages, and each quote against the
//! stored text, before the reply is settled.

mod conclude;
mod confidence;
mod ends;
mod engine;
mod evidence;
mod extract;
mod job;
mod language;
mod markers;
mod problem;
mod prompt;
mod queue;
mod rewrite;
mod sentences;
mod stream;
mod tokens;
mod verify;
mod words;

pub use engine::{Answer, AnswerEngine, AnswerError, AnswerParts, AnswerSettings, Asked};
pub use language::{Language, detect as detect_language};
pub use prompt::PromptLimits;
pub use rewrite::standalone;
pub use verify::Strictness;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
