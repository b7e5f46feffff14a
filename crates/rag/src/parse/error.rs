//! What can go wrong while a document is read, in words for the person who brought it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a document cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The format is not one of those that can be read.
    UnsupportedFormat,
    /// The content is not what the file's name says.
    WrongExtension,
    /// A password is needed to open it.
    Encrypted,
    /// It holds no text.
    NoText,
    /// It is damaged, or not made as its format demands.
    Damaged,
    /// It is larger than this installation allows.
    TooLarge,
    /// It is built to do harm: a decompression bomb, entity expansion, a path out of the archive.
    Unsafe,
    /// Reading it needed more memory than allowed.
    OutOfMemory,
    /// Reading it took longer than allowed.
    OutOfTime,
    /// The reader broke on it.
    ReaderFailed,
}

impl Reason {
    /// The stable name used in the API and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnsupportedFormat => "unsupported_format",
            Self::WrongExtension => "wrong_extension",
            Self::Encrypted => "encrypted",
            Self::NoText => "no_text",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::Unsafe => "unsafe",
            Self::OutOfMemory => "out_of_memory",
            Self::OutOfTime => "out_of_time",
            Self::ReaderFailed => "reader_failed",
        }
    }
}

/// A document that was not read.
#[derive(Debug, Error)]
pub enum ParseError {
    /// The document is the cause. Trying again gives the same result: tell the person.
    #[error("{sentence}")]
    Rejected {
        /// The kind of cause.
        reason: Reason,
        /// What happened, in a sentence for a person.
        sentence: String,
    },
    /// This installation is the cause. Mend it, then try again.
    #[error("{0}")]
    Unavailable(String),
}

impl ParseError {
    /// A rejection for `reason`, explained by `sentence`.
    pub fn rejected(reason: Reason, sentence: impl Into<String>) -> Self {
        Self::Rejected { reason, sentence: sentence.into() }
    }

    /// The document is damaged; `sentence` says how.
    pub(crate) fn damaged(sentence: impl Into<String>) -> Self {
        Self::rejected(Reason::Damaged, sentence)
    }

    /// The stable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected { reason, .. } => reason.code(),
            Self::Unavailable(_) => "parser_unavailable",
        }
    }

    /// Whether trying again can help.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<std::io::Error> for ParseError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::OutOfMemory {
            return Self::rejected(
                Reason::OutOfMemory,
                "Reading the document needs more memory than is allowed.",
            );
        }
        Self::Unavailable(format!("The file could not be read: {error}."))
    }
}
