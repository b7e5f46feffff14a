//! The engine: documents become chunks that can be found, and questions become answers that can be checked.

pub mod analyse;
pub mod answer;
pub mod chunk;
pub mod embed;
pub mod eval;
pub mod index;
pub mod ingest;
pub mod ollama;
pub mod parse;
pub mod retrieve;
