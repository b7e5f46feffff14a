//! Reading documents: from a file to [`Part`]s of plain text, each with a place to cite.
//!
//! Documents are hostile until proven otherwise, and parsers crash. So the program runs itself
//! again as a child (`coxswain __parse`, see [`child`]) with ceilings on memory, processor time
//! and output, and the child reads one document and ends. [`Parser`] is the parent's side: parts
//! arrive one at a time and the next is read only when the last was dealt with, so neither side
//! holds a document whole unless its format leaves the parser no choice.
//!
//! ```text
//! file ─ sniff ─ formats::{pdf, office, epub, html, …} ─ Sink ─ JSON lines ─ Parser ─ caller
//!        └────────────── child process ──────────────┘
//! ```

mod archive;
pub mod child;
mod clean;
mod error;
mod formats;
mod limits;
mod parser;
pub mod pdfium;
mod render;
mod report;
mod sections;
mod sink;
pub mod sniff;
mod wire;

use serde::{Deserialize, Serialize};

pub use coxswain_domain::document::{DocumentKind, Part};
pub use error::{ParseError, Reason};
pub use limits::Limits;
pub use parser::{Parser, Reading};
pub use report::report;

/// What a reader tells while it works, in the order of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The next stretch of text.
    Part(Part),
    /// How far the reader has come.
    Progress {
        /// Pages (or what the format has instead) read so far.
        done: u32,
        /// Pages in all, where that is known beforehand.
        total: Option<u32>,
    },
}

/// What is known of a document once it has been read to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsedDocument {
    /// The title the document gives itself.
    pub title: Option<String>,
    /// Pages or slides, where the format has them.
    pub pages_total: Option<u32>,
    /// What could not be read although the rest could.
    pub warnings: Vec<Warning>,
    /// The most memory the reading process held, in KiB, where the system tells.
    pub peak_memory_kib: Option<u64>,
}

/// A piece of a document that could not be read although the rest could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The page or slide, counted from 1, if one page is meant.
    pub page: Option<u32>,
    /// What is missing and why, as the end of a sentence: "holds only an image".
    pub reason: String,
}
