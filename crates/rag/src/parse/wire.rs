//! What parent and child say to each other: a request as one argument, then JSON lines.

use std::path::PathBuf;

use coxswain_domain::document::{DocumentKind, Part};
use serde::{Deserialize, Serialize};

use super::{Limits, ParsedDocument, Reason};

/// What the child is to do with the file named in its next argument.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) task: Task,
    pub(crate) limits: Limits,
    /// Where the `PDFium` library is, for tasks that need it.
    pub(crate) pdfium: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Read the text.
    Text(DocumentKind),
    /// Draw one page of a PDF, counted from 1, so many pixels wide.
    Page { page: u32, width: u32 },
}

/// One line of the child's output. `Done`, `Image`, `Rejected` and `Unavailable` are the last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Part(Part),
    Progress {
        done: u32,
        total: Option<u32>,
    },
    Done(ParsedDocument),
    /// So many bytes of a PNG follow the line.
    Image {
        bytes: usize,
    },
    Rejected {
        reason: Reason,
        sentence: String,
    },
    Unavailable(String),
}
