//! The first step: the file's text, kept part by part and cut into chunks.

use coxswain_domain::{ChunkId, CreatorId, document::Part};
use coxswain_store::{
    chunks::{self, Home, NewChunk},
    documents::{Failure, Warning},
    ingestion::{self, Ingestion},
};

use super::{Ingest, Stop};
use crate::{
    chunk::ChunkError,
    parse::{Event, ParseError, sniff},
};

/// Parts written in one transaction.
const BATCH: usize = 32;

impl From<ParseError> for Stop {
    fn from(error: ParseError) -> Self {
        if error.is_retryable() {
            return Self::Later(error.to_string());
        }
        Self::Document(Failure { code: error.code().to_owned(), sentence: error.to_string() })
    }
}

impl From<ChunkError> for Stop {
    fn from(error: ChunkError) -> Self {
        Self::Later(error.to_string())
    }
}

/// Reads the file from its beginning.
pub(super) async fn read(ingest: &Ingest, creator: CreatorId, ingestion: &Ingestion) -> Result<(), Stop> {
    let path = ingest.files.path(&ingestion.file_key);
    let kind = sniff::file(&path, &ingestion.file_name)?;
    let ingestion = &Ingestion { kind, ..ingestion.clone() };
    let mut tx = ingest.db.write(creator).await?;
    ingestion::begin_parsing(&mut tx, creator, ingestion.version).await?;
    tx.commit().await?;
    ingest.progress.changed(creator, ingestion.document);

    let mut writer = Writer::new(ingest, creator, ingestion);
    let mut reading = ingest.parser.start(&path, kind).await?;
    while let Some(event) = reading.next().await? {
        match event {
            Event::Part(part) => writer.add(part).await?,
            Event::Progress { done, total } => writer.pages = (done, total),
        }
    }
    writer.flush().await?;
    let pages = writer.pages.0;
    let document = reading.finish();
    let warnings: Vec<Warning> = document
        .warnings
        .into_iter()
        .map(|warning| Warning { page: warning.page, reason: warning.reason })
        .collect();
    metrics::counter!("coxswain_ingest_pages_total").increment(u64::from(pages));
    let mut tx = ingest.db.write(creator).await?;
    ingestion::begin_embedding(&mut tx, creator, ingestion.version, pages, &warnings).await?;
    tx.commit().await?;
    ingest.progress.changed(creator, ingestion.document);
    Ok(())
}

/// Collects parts and writes them, with their chunks, some at a time.
struct Writer<'a> {
    ingest: &'a Ingest,
    creator: CreatorId,
    ingestion: &'a Ingestion,
    parts: Vec<Part>,
    /// Parts written before these.
    written: i64,
    /// Chunks written so far.
    ordinal: i64,
    /// Pages read, of how many.
    pages: (u32, Option<u32>),
}

impl<'a> Writer<'a> {
    fn new(ingest: &'a Ingest, creator: CreatorId, ingestion: &'a Ingestion) -> Self {
        Self { ingest, creator, ingestion, parts: Vec::new(), written: 0, ordinal: 0, pages: (0, None) }
    }

    async fn add(&mut self, part: Part) -> Result<(), Stop> {
        self.parts.push(part);
        if self.parts.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Stop> {
        let parts = std::mem::take(&mut self.parts);
        let (parts, new) = self.cut(parts).await?;
        let version = self.ingestion.version;
        let home = Home { base: self.ingestion.base, document: self.ingestion.document, version };
        let mut tx = self.ingest.db.write(self.creator).await?;
        ingestion::add_parts(&mut tx, self.creator, version, self.written, &parts).await?;
        chunks::insert(&mut tx, self.creator, home, &new).await?;
        ingestion::set_pages(&mut tx, self.creator, version, self.pages.0, self.pages.1).await?;
        tx.commit().await?;
        self.written += parts.len().cast_signed() as i64;
        self.ordinal += new.len().cast_signed() as i64;
        self.ingest.progress.changed(self.creator, self.ingestion.document);
        Ok(())
    }

    /// Cuts parts into chunks, off the threads that serve people.
    async fn cut(&self, parts: Vec<Part>) -> Result<(Vec<Part>, Vec<NewChunk>), Stop> {
        let chunker = std::sync::Arc::clone(&self.ingest.chunker);
        let (now, written, ordinal) = (self.ingest.clock.now(), self.written, self.ordinal);
        let cut = move || {
            let mut new = Vec::new();
            for (number, part) in (written..).zip(&parts) {
                for chunk in chunker.chunks(part)? {
                    new.push(NewChunk {
                        id: ChunkId::new(now),
                        ordinal: ordinal + new.len().cast_signed() as i64,
                        part_number: number,
                        start_byte: chunk.start.cast_signed() as i64,
                        end_byte: chunk.end.cast_signed() as i64,
                        page: part.page.map(i64::from),
                        heading: part.heading.clone(),
                        start_ms: part.start_ms.map(u64::cast_signed),
                        end_ms: part.end_ms.map(u64::cast_signed),
                        text: part.text[chunk.start..chunk.end].to_owned(),
                        text_hash: chunk.hash.to_vec(),
                        terms: chunk.terms.join(" "),
                    });
                }
            }
            Ok::<_, ChunkError>((parts, new))
        };
        let joined = tokio::task::spawn_blocking(cut).await;
        Ok(joined.map_err(|error| Stop::Later(error.to_string()))??)
    }
}
