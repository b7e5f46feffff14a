//! Chunks: slices of a part's text that the embedding model reads whole.

use std::path::Path;

use coxswain_domain::document::Part;
use text_splitter::{ChunkCapacity, ChunkConfig, ChunkSizer, TextSplitter};
use tokenizers::Tokenizer;

use crate::analyse;

/// Tokens a chunk aims at: full enough to use the model well, and a passage a person can read.
const DESIRED: usize = 200;
/// Tokens a chunk may reach to end with a sentence or a paragraph.
const LONGEST: usize = 220;
/// Most tokens of a heading that go before the text, so that both fit into the model's 256.
const HEADING: usize = 32;

/// A passage to be found and quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it begins in its part's text, in bytes.
    pub start: usize,
    /// Where it ends in its part's text, in bytes.
    pub end: usize,
    /// What is embedded: the heading, if there is one, and the text.
    pub embedded: String,
    /// BLAKE3 of `embedded`: an equal hash needs no new embedding.
    pub hash: [u8; 32],
    /// Analysed terms of `embedded`, in order.
    pub terms: Vec<String>,
}

/// Why the tokenizer could not be used.
#[derive(Debug, thiserror::Error)]
#[error("the tokenizer cannot be used: {0}")]
pub struct ChunkError(String);

/// Cuts parts into chunks, measured in the embedding model's own tokens.
pub struct Chunker {
    tokenizer: Tokenizer,
}

impl Chunker {
    /// Reads the embedding model's `tokenizer.json`.
    pub fn open(tokenizer: &Path) -> Result<Self, ChunkError> {
        let mut tokenizer = Tokenizer::from_file(tokenizer).map_err(|error| ChunkError(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| ChunkError(error.to_string()))?;
        Ok(Self { tokenizer })
    }

    /// The chunks of one part, in order. Text between chunks is white space; a chunk without a
    /// letter or digit is left out, as nothing can be found in it.
    pub fn chunks(&self, part: &Part) -> Result<Vec<Chunk>, ChunkError> {
        let heading = self.heading(part.heading.as_deref())?;
        let ruler = Ruler::new(&self.tokenizer, &part.text)?;
        let capacity =
            ChunkCapacity::new(DESIRED).with_max(LONGEST).map_err(|error| ChunkError(error.to_string()))?;
        let splitter = TextSplitter::new(ChunkConfig::new(capacity).with_sizer(ruler));
        let chunks = splitter
            .chunk_indices(&part.text)
            .filter(|(_, text)| text.contains(char::is_alphanumeric))
            .map(|(start, text)| chunk(heading, start, text))
            .collect();
        Ok(chunks)
    }

    /// A part as one chunk, however long; the model reads only its beginning.
    pub fn whole(&self, part: &Part) -> Result<Chunk, ChunkError> {
        Ok(chunk(self.heading(part.heading.as_deref())?, 0, &part.text))
    }

    /// What is embedded for a chunk of this text under this heading.
    pub fn embedded(&self, heading: Option<&str>, text: &str) -> Result<String, ChunkError> {
        Ok(joined(self.heading(heading)?, text))
    }

    /// As much of a heading as goes before the text.
    fn heading<'t>(&self, heading: Option<&'t str>) -> Result<Option<&'t str>, ChunkError> {
        let heading = heading.map(|heading| self.cut(heading.trim(), HEADING)).transpose()?;
        Ok(heading.filter(|heading| !heading.is_empty()))
    }

    /// Tokens of a text, without the marks a model puts around it.
    pub fn tokens(&self, text: &str) -> Result<usize, ChunkError> {
        Ok(self.encode(text)?.len())
    }

    /// The beginning of a text, at most so many tokens.
    fn cut<'t>(&self, text: &'t str, tokens: usize) -> Result<&'t str, ChunkError> {
        let ends = self.encode(text)?;
        Ok(ends.get(tokens).map_or(text, |&(start, _)| text[..start].trim_end()))
    }

    fn encode(&self, text: &str) -> Result<Vec<(usize, usize)>, ChunkError> {
        encode(&self.tokenizer, text)
    }
}

fn chunk(heading: Option<&str>, start: usize, text: &str) -> Chunk {
    let embedded = joined(heading, text);
    Chunk {
        start,
        end: start + text.len(),
        hash: *blake3::hash(embedded.as_bytes()).as_bytes(),
        terms: analyse::terms(&embedded),
        embedded,
    }
}

fn joined(heading: Option<&str>, text: &str) -> String {
    heading.map_or_else(|| text.to_owned(), |heading| format!("{heading}\n{text}"))
}

/// Where each token of a text lies, in bytes.
fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<(usize, usize)>, ChunkError> {
    let encoding = tokenizer.encode(text, false).map_err(|error| ChunkError(error.to_string()))?;
    Ok(encoding.get_offsets().to_vec())
}

/// Counts the tokens of slices of one text, having tokenised it once.
///
/// The splitter asks for the size of many overlapping slices; tokenising each anew takes most
/// of the time of chunking.
struct Ruler {
    /// Address of the text, to find where in it a slice lies.
    address: usize,
    length: usize,
    /// Where tokens start, rising.
    starts: Vec<usize>,
}

impl Ruler {
    fn new(tokenizer: &Tokenizer, text: &str) -> Result<Self, ChunkError> {
        let mut starts: Vec<_> = encode(tokenizer, text)?.into_iter().map(|(start, _)| start).collect();
        starts.sort_unstable();
        Ok(Self { address: text.as_ptr() as usize, length: text.len(), starts })
    }
}

impl ChunkSizer for Ruler {
    fn size(&self, slice: &str) -> usize {
        let start = (slice.as_ptr() as usize).wrapping_sub(self.address);
        debug_assert!(
            start <= self.length && start + slice.len() <= self.length,
            "not a slice of the measured text"
        );
        let before = |place: usize| self.starts.partition_point(|&token| token < place);
        before(start.saturating_add(slice.len())).saturating_sub(before(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunker() -> Chunker {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/dist/all-MiniLM-L6-v2/tokenizer.json");
        Chunker::open(&path).expect("run `make setup` first")
    }

    fn part(heading: Option<&str>, text: String) -> Part {
        Part { heading: heading.map(str::to_owned), text, ..Part::default() }
    }

    fn prose(sentences: usize) -> String {
        (0..sentences)
            .map(|n| {
                format!("In week {n} the crew rows {n} kilometres, rests well and writes down what it felt.")
            })
            .collect::<Vec<_>>()
            .chunks(5)
            .map(|paragraph| paragraph.join(" "))
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    #[test]
    fn chunks_are_slices_that_cover_the_text_and_fit_the_model() {
        let chunker = chunker();
        let part = part(Some("Training plan"), prose(120));
        let chunks = chunker.chunks(&part).unwrap();
        assert!(chunks.len() > 5);
        let mut end = 0;
        for chunk in &chunks {
            assert!(part.text[end..chunk.start].trim().is_empty(), "words lost between chunks");
            let slice = &part.text[chunk.start..chunk.end];
            assert_eq!(chunk.embedded, format!("Training plan\n{slice}"));
            assert_eq!(chunk.embedded, chunker.embedded(part.heading.as_deref(), slice).unwrap());
            // Two tokens mark the beginning and the end for the model.
            assert!(chunker.tokens(&chunk.embedded).unwrap() + 2 <= 256);
            assert!(part.text[chunk.start..chunk.end].ends_with('.'), "cut within a sentence");
            end = chunk.end;
        }
        assert!(part.text[end..].trim().is_empty());
    }

    #[test]
    fn an_edit_changes_only_hashes_near_it() {
        let chunker = chunker();
        let text = prose(120);
        let before = chunker.chunks(&part(None, text.clone())).unwrap();
        let after = chunker
            .chunks(&part(None, text.replace("In week 110 the crew", "In week 110 the whole crew")))
            .unwrap();
        let kept = before.iter().filter(|chunk| after.iter().any(|other| other.hash == chunk.hash)).count();
        assert!(kept + 3 >= before.len() && kept < before.len(), "{kept} of {}", before.len());
    }

    #[test]
    fn the_heading_is_part_of_the_hash() {
        let chunker = chunker();
        let text = "Row long before you row hard.".to_owned();
        let plain = chunker.chunks(&part(None, text.clone())).unwrap();
        let headed = chunker.chunks(&part(Some("Pace"), text)).unwrap();
        assert_ne!(plain[0].hash, headed[0].hash);
        assert!(headed[0].terms.contains(&"pace".to_owned()));
    }

    #[test]
    fn an_endless_word_and_rules_are_no_trouble() {
        let chunker = chunker();
        let chunks = chunker.chunks(&part(None, "ab1".repeat(3000))).unwrap();
        assert!(!chunks.is_empty());
        assert!(chunker.chunks(&part(None, "* * *\n\n———".into())).unwrap().is_empty());
        assert!(chunker.chunks(&part(None, String::new())).unwrap().is_empty());
    }
}
