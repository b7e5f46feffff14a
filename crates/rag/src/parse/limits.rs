//! How much one document may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Ceilings for reading one document. Each can be set under `[ingest.limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Bytes of address space of the reading process, its code and libraries included.
    pub memory_bytes: u64,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// Seconds from start to end.
    pub wall_seconds: u64,
    /// Characters of text in the whole document.
    pub characters: u64,
    /// Parts (pages, sections, rows, spans of time) in the whole document.
    pub parts: u64,
    /// Pages of a PDF, slides of a presentation.
    pub pages: u32,
    /// Files inside an archive format (DOCX, PPTX, EPUB).
    pub archive_entries: usize,
    /// Bytes of all files inside an archive format, unpacked.
    pub archive_bytes: u64,
    /// How many times larger than packed a file inside an archive may be, from 1 MiB on.
    pub archive_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 200 << 20,
            memory_bytes: 1 << 30,
            cpu_seconds: 120,
            wall_seconds: 180,
            characters: 50_000_000,
            parts: 200_000,
            pages: 20_000,
            archive_entries: 10_000,
            archive_bytes: 512 << 20,
            archive_ratio: 200,
        }
    }
}

impl Limits {
    /// The longest one document may take.
    pub const fn wall(&self) -> Duration {
        Duration::from_secs(self.wall_seconds)
    }
}
