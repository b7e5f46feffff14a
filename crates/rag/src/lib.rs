//! The engine: documents become chunks that can be found, and questions become answers that can be checked.

pub mod embed;
