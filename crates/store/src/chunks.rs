//! Chunks, their vectors, and the text behind what an index found.

use coxswain_domain::{ChunkId, CreatorId, DocumentId, IndexId, KnowledgeBaseId, VersionId};

use crate::{Result, StoreError, Tx};

/// A chunk to be kept.
#[derive(Clone, Debug)]
pub struct NewChunk {
    /// Its id.
    pub id: ChunkId,
    /// Its place in the version, from 0.
    pub ordinal: i64,
    /// The part it is a slice of.
    pub part_number: i64,
    /// Where it begins in the part's text, in bytes.
    pub start_byte: i64,
    /// Where it ends, in bytes.
    pub end_byte: i64,
    /// Page or slide, from 1.
    pub page: Option<i64>,
    /// The heading above it.
    pub heading: Option<String>,
    /// Start in milliseconds.
    pub start_ms: Option<i64>,
    /// End in milliseconds.
    pub end_ms: Option<i64>,
    /// The slice itself.
    pub text: String,
    /// Hash of what is embedded.
    pub text_hash: Vec<u8>,
    /// Analysed terms, separated by spaces.
    pub terms: String,
}

/// Whose chunks are written.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// The knowledge base.
    pub base: KnowledgeBaseId,
    /// The document.
    pub document: DocumentId,
    /// The version.
    pub version: VersionId,
}

/// Adds chunks of one version. Writing the same place of a version again changes nothing.
pub async fn insert(tx: &mut Tx, creator: CreatorId, home: Home, chunks: &[NewChunk]) -> Result<()> {
    for chunk in chunks {
        execute!(
            tx,
            "INSERT INTO chunks (id, creator_id, knowledge_base_id, document_id, version_id, ordinal, part_number,
               start_byte, end_byte, page, heading, start_ms, end_ms, text, text_hash, terms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             ON CONFLICT (version_id, ordinal) DO NOTHING",
            chunk.id,
            creator,
            home.base,
            home.document,
            home.version,
            chunk.ordinal,
            chunk.part_number,
            chunk.start_byte,
            chunk.end_byte,
            chunk.page,
            &chunk.heading,
            chunk.start_ms,
            chunk.end_ms,
            &chunk.text,
            &chunk.text_hash,
            &chunk.terms,
        )?;
    }
    Ok(())
}

/// Keeps a chunk's vector in an index. Idempotent.
pub async fn put_vector(
    tx: &mut Tx,
    creator: CreatorId,
    index: IndexId,
    chunk: ChunkId,
    vector: &[f32],
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO chunk_embeddings (index_id, chunk_id, creator_id, embedding) VALUES ($1, $2, $3, $4)
         ON CONFLICT (index_id, chunk_id) DO UPDATE SET embedding = excluded.embedding",
        index,
        chunk,
        creator,
        vector.iter().flat_map(|component| component.to_le_bytes()).collect::<Vec<u8>>(),
    )?;
    Ok(())
}

/// A stored vector as numbers.
fn vector(bytes: &[u8]) -> Result<Vec<f32>> {
    let (components, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(StoreError::Corrupt(format!("an embedding of {} bytes", bytes.len())));
    }
    Ok(components.iter().map(|component| f32::from_le_bytes(*component)).collect())
}

/// Vectors a document already has in an index, by the hash of what was embedded: an unchanged
/// chunk of a new version takes its vector from here.
pub async fn known_vectors(
    tx: &mut Tx,
    creator: CreatorId,
    document: DocumentId,
    index: IndexId,
) -> Result<Vec<(Vec<u8>, Vec<f32>)>> {
    let rows = fetch_all!(
        tx,
        (Vec<u8>, Vec<u8>),
        "SELECT c.text_hash, e.embedding FROM chunks c JOIN chunk_embeddings e ON e.chunk_id = c.id
         WHERE c.creator_id = $1 AND c.document_id = $2 AND e.index_id = $3",
        creator,
        document,
        index,
    )?;
    rows.into_iter().map(|(hash, bytes)| Ok((hash, vector(&bytes)?))).collect()
}

/// Versions that may be found: the active ones of documents that are switched on.
pub async fn findable_versions(tx: &mut Tx, creator: CreatorId) -> Result<Vec<(VersionId, KnowledgeBaseId)>> {
    fetch_all!(
        tx,
        (VersionId, KnowledgeBaseId),
        "SELECT active_version_id, knowledge_base_id FROM documents
         WHERE creator_id = $1 AND enabled AND active_version_id IS NOT NULL",
        creator,
    )
}

/// A chunk with what an index needs of it.
#[derive(Clone, Debug)]
pub struct Point {
    /// The chunk.
    pub chunk: ChunkId,
    /// Its place in the version.
    pub ordinal: i64,
    /// Its analysed terms, separated by spaces.
    pub terms: String,
    /// Its unit vector; empty while the index has none of it.
    pub vector: Vec<f32>,
}

/// Points of a version in an index, in order, from place `from` on, at most `limit`.
pub async fn points(
    tx: &mut Tx,
    creator: CreatorId,
    index: IndexId,
    version: VersionId,
    from: i64,
    limit: i64,
) -> Result<Vec<Point>> {
    let rows = fetch_all!(
        tx,
        (ChunkId, i64, String, Option<Vec<u8>>),
        "SELECT c.id, c.ordinal, c.terms, e.embedding
         FROM chunks c LEFT JOIN chunk_embeddings e ON e.index_id = $2 AND e.chunk_id = c.id
         WHERE c.creator_id = $1 AND c.version_id = $3 AND c.ordinal >= $4 ORDER BY c.ordinal LIMIT $5",
        creator,
        index,
        version,
        from,
        limit,
    )?;
    let point = |(chunk, ordinal, terms, bytes): (ChunkId, i64, String, Option<Vec<u8>>)| {
        Ok(Point { chunk, ordinal, terms, vector: vector(&bytes.unwrap_or_default())? })
    };
    rows.into_iter().map(point).collect()
}

/// Analysed terms of a version's chunks, in order.
pub async fn terms(tx: &mut Tx, creator: CreatorId, version: VersionId) -> Result<Vec<String>> {
    let rows = fetch_all!(
        tx,
        (String,),
        "SELECT terms FROM chunks WHERE creator_id = $1 AND version_id = $2 ORDER BY ordinal",
        creator,
        version,
    )?;
    Ok(rows.into_iter().map(|(terms,)| terms).collect())
}

/// A passage that was found, with its text and its place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PassageRow {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its knowledge base.
    pub knowledge_base_id: KnowledgeBaseId,
    /// Its document.
    pub document_id: DocumentId,
    /// Its version.
    pub version_id: VersionId,
    /// The version's number, from 1.
    pub version_number: i64,
    /// The document's title.
    pub title: String,
    /// Where the creator says the source can be read.
    pub citation_url: Option<String>,
    /// Its place in the version, from 0.
    pub ordinal: i64,
    /// The part it is a slice of.
    pub part_number: i64,
    /// Where it begins in the part's text, in bytes.
    pub start_byte: i64,
    /// Where it ends, in bytes.
    pub end_byte: i64,
    /// Page or slide, from 1.
    pub page: Option<i64>,
    /// The heading above it.
    pub heading: Option<String>,
    /// Start in milliseconds.
    pub start_ms: Option<i64>,
    /// End in milliseconds.
    pub end_ms: Option<i64>,
    /// Its text.
    pub text: String,
    /// Its analysed terms, separated by spaces.
    pub terms: String,
}

/// The passages behind these chunks, in no particular order. Chunks that may no longer be found
/// are left out, whatever an index says: their document is deleted or switched off, or another
/// version of it is active.
pub async fn passages(tx: &mut Tx, creator: CreatorId, chunks: &[ChunkId]) -> Result<Vec<PassageRow>> {
    let mut found = Vec::with_capacity(chunks.len());
    // The dialects share no way to bind a list, so eight at a time; a short group repeats its last.
    // The creator is asked of the document alone: of the chunk too, SQLite would read all chunks of theirs.
    for group in chunks.chunks(8) {
        let id = |place: usize| group[place.min(group.len() - 1)];
        found.extend(fetch_all!(
            tx,
            PassageRow,
            "SELECT c.id AS chunk_id, d.knowledge_base_id, c.document_id, c.version_id,
               v.number AS version_number, d.title, d.citation_url, c.ordinal, c.part_number, c.start_byte,
               c.end_byte, c.page, c.heading, c.start_ms, c.end_ms, c.text, c.terms
             FROM chunks c
             JOIN documents d ON d.id = c.document_id AND d.active_version_id = c.version_id AND d.enabled
             JOIN document_versions v ON v.id = c.version_id
             WHERE d.creator_id = $1 AND c.id IN ($2, $3, $4, $5, $6, $7, $8, $9)",
            creator,
            id(0),
            id(1),
            id(2),
            id(3),
            id(4),
            id(5),
            id(6),
            id(7),
        )?);
    }
    Ok(found)
}

/// The first words of a document that answers.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Opening {
    /// The document.
    pub document_id: DocumentId,
    /// Its title.
    pub title: String,
    /// Analysed terms of one of its first chunks, separated by spaces.
    pub terms: String,
}

/// First chunks (four of each document) that hold one of `forms`, an analysed term, or whose
/// document's title holds `title`, in lower case. Forms beyond the third are left out.
pub async fn openings(
    tx: &mut Tx,
    creator: CreatorId,
    forms: &[String],
    title: &str,
) -> Result<Vec<Opening>> {
    let Some(first) = forms.first() else { return Ok(Vec::new()) };
    // Naming the creator of the chunks too would have SQLite read all of them.
    let form = |place: usize| format!("% {} %", forms.get(place).unwrap_or(first));
    fetch_all!(
        tx,
        Opening,
        "SELECT c.document_id, d.title, c.terms
         FROM documents d JOIN chunks c ON c.version_id = d.active_version_id AND c.ordinal < 4
         WHERE d.creator_id = $1 AND d.enabled
           AND (' ' || c.terms || ' ' LIKE $2 OR ' ' || c.terms || ' ' LIKE $3 OR ' ' || c.terms || ' ' LIKE $4
             OR LOWER(d.title) LIKE $5)",
        creator,
        form(0),
        form(1),
        form(2),
        format!("%{title}%"),
    )
}
