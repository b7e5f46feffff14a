//! A version's text as the engine sees it, with its chunks marked.

use coxswain_domain::{ChunkId, CreatorId, VersionId};

use crate::{Result, Tx};

/// One part of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartView {
    /// Its number in the version.
    pub number: i64,
    /// Page or slide, from 1.
    pub page: Option<i64>,
    /// The nearest heading.
    pub heading: Option<String>,
    /// Start in milliseconds, for transcripts.
    pub start_ms: Option<i64>,
    /// Its text.
    pub text: String,
    /// The chunks cut from it, in order.
    pub chunks: Vec<PartChunk>,
}

/// Where in its part a chunk lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartChunk {
    /// The chunk.
    pub id: ChunkId,
    /// First UTF-16 unit of the part's text.
    pub start: i64,
    /// The UTF-16 unit after its last.
    pub end: i64,
}

type PartRow = (i64, Option<i64>, Option<String>, Option<i64>, String);
type ChunkRow = (ChunkId, i64, i64, i64);

/// The parts of a version numbered above `after`, and whether more follow.
pub async fn parts(
    tx: &mut Tx,
    creator: CreatorId,
    version: VersionId,
    after: Option<i64>,
    limit: u32,
) -> Result<(Vec<PartView>, bool)> {
    let mut rows = fetch_all!(
        tx,
        PartRow,
        "SELECT number, page, heading, start_ms, text FROM document_parts
         WHERE creator_id = $1 AND version_id = $2 AND number > $3 ORDER BY number LIMIT $4",
        creator,
        version,
        after.unwrap_or(-1),
        i64::from(limit) + 1,
    )?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let (Some(first), Some(last)) = (rows.first().map(|row| row.0), rows.last().map(|row| row.0)) else {
        return Ok((Vec::new(), false));
    };
    let chunks = fetch_all!(
        tx,
        ChunkRow,
        "SELECT id, part_number, start_byte, end_byte FROM chunks
         WHERE creator_id = $1 AND version_id = $2 AND part_number BETWEEN $3 AND $4 ORDER BY ordinal",
        creator,
        version,
        first,
        last,
    )?;
    let views = rows.into_iter().map(|(number, page, heading, start_ms, text)| {
        let of_part = chunks.iter().filter(|(_, part, ..)| *part == number);
        let chunks = of_part
            .map(|&(id, _, start, end)| PartChunk { id, start: utf16(&text, start), end: utf16(&text, end) })
            .collect();
        PartView { number, page, heading, start_ms, text, chunks }
    });
    Ok((views.collect(), more))
}

/// UTF-16 units before a byte offset, rounded down to a character.
fn utf16(text: &str, byte: i64) -> i64 {
    let byte = usize::try_from(byte).unwrap_or(0);
    let units: usize = text
        .char_indices()
        .take_while(|(at, char)| at + char.len_utf8() <= byte)
        .map(|(_, char)| char.len_utf16())
        .sum();
    i64::try_from(units).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::utf16;

    #[test]
    fn offsets_count_utf16_units() {
        let text = "é🚣x";
        assert_eq!([0, 2, 6, 7].map(|byte| utf16(text, byte)), [0, 1, 3, 4]);
        assert_eq!(utf16(text, 99), 4, "past the end is the end");
        assert_eq!(utf16(text, 4), 1, "within a character is before it");
    }
}
