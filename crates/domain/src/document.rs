//! Documents as the engine sees them: kinds, parts, stages.

use serde::{Deserialize, Serialize};

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// Portable Document Format.
    Pdf,
    /// Word (Office Open XML).
    Docx,
    /// `PowerPoint` (Office Open XML).
    Pptx,
    /// EPUB 2 or 3.
    Epub,
    /// A web page, uploaded or fetched.
    Html,
    /// Markdown (`CommonMark`).
    Markdown,
    /// Plain text.
    Text,
    /// Questions and answers, one pair a row.
    Csv,
    /// `SubRip` subtitles.
    Srt,
    /// `WebVTT` subtitles.
    Vtt,
}

impl DocumentKind {
    /// Every kind, in the order they are named to people.
    pub const ALL: [Self; 10] = [
        Self::Pdf,
        Self::Docx,
        Self::Pptx,
        Self::Epub,
        Self::Html,
        Self::Markdown,
        Self::Text,
        Self::Csv,
        Self::Srt,
        Self::Vtt,
    ];

    /// The stable name used in the database, the API and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Pptx => "pptx",
            Self::Epub => "epub",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
        }
    }

    /// The kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind a file extension (without its dot, any case) stands for.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "pdf" => Self::Pdf,
            "docx" => Self::Docx,
            "pptx" => Self::Pptx,
            "epub" => Self::Epub,
            "html" | "htm" | "xhtml" => Self::Html,
            "md" | "markdown" => Self::Markdown,
            "txt" | "text" => Self::Text,
            "csv" => Self::Csv,
            "srt" => Self::Srt,
            "vtt" => Self::Vtt,
            _ => return None,
        })
    }
}

/// A stretch of a document with one place to cite: a page, a section or a time span.
///
/// `text` is what everything downstream stands on: chunks are slices of it and
/// a citation's quote must occur in it, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Page or slide, counted from 1, where the format has pages.
    pub page: Option<u32>,
    /// The nearest heading above, where the format has headings.
    pub heading: Option<String>,
    /// Start in milliseconds, for transcripts.
    pub start_ms: Option<u64>,
    /// End in milliseconds, for transcripts.
    pub end_ms: Option<u64>,
    /// The text, paragraphs separated by a blank line.
    pub text: String,
}

/// How far the ingestion of a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Stored, waiting for a worker.
    Queued,
    /// Its text is being read.
    Parsing,
    /// Its chunks are being embedded.
    Embedding,
    /// It answers questions.
    Ready,
    /// It could not be read; the failure says why.
    Failed,
}

impl Stage {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Parsing => "parsing",
            Self::Embedding => "embedding",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    /// The stage with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Parsing, Self::Embedding, Self::Ready, Self::Failed]
            .into_iter()
            .find(|stage| stage.name() == name)
    }
}
