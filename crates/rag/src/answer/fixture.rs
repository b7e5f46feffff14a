//! A passage for tests of single steps.

use coxswain_domain::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};
use coxswain_store::chunks::PassageRow;
use uuid::Uuid;

use crate::retrieve::Passage;

/// Page 3 of a document called "Habits".
pub(super) fn passage(text: &str) -> Passage {
    let id = Uuid::from_u128(1);
    let row = PassageRow {
        chunk_id: ChunkId(id),
        knowledge_base_id: KnowledgeBaseId(id),
        document_id: DocumentId(id),
        version_id: VersionId(id),
        version_number: 1,
        title: "Habits".into(),
        citation_url: None,
        ordinal: 0,
        part_number: 0,
        start_byte: 0,
        end_byte: 0,
        page: Some(3),
        heading: None,
        start_ms: None,
        end_ms: None,
        text: text.to_owned(),
        terms: String::new(),
    };
    Passage { row, score: 0.8, dense: Some(0.8), lexical: None }
}
