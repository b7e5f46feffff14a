//! Deleting a document: its rows, what old messages quoted of it, and the job that clears an outside index.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, DocumentId, KnowledgeBaseId, MessageId, VersionId, citation::Citation};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::{
    Result, StoreError, Tx, indexes,
    jobs::{self, NewJob},
};

/// The kind of the job that takes a deleted document's vectors out of an index that lives outside this database.
pub const REMOVE_VECTORS_JOB: &str = "remove_vectors.v1";
/// Stands where an answer quoted a document that was deleted.
const GONE: &str = "[…]";
/// Stands where the title of a deleted document stood.
const GONE_TITLE: &str = "Deleted document";

/// What that job needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveVectorsPayload {
    /// The versions to forget.
    pub version_ids: Vec<VersionId>,
}

/// What a deletion leaves to be done outside the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The documents.
    pub documents: Vec<DocumentId>,
    /// Their titles.
    pub titles: Vec<String>,
    /// Keys of the files to delete, once the transaction is committed.
    pub files: Vec<String>,
}

/// Deletes a document with its versions, text, chunks and vectors, and takes its words out of old
/// messages. `None`: no such document.
pub async fn remove(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: DocumentId,
) -> Result<Option<Removed>> {
    let title = fetch_optional!(
        tx,
        (String,),
        "SELECT title FROM documents WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    let Some((title,)) = title else {
        return Ok(None);
    };
    let versions = fetch_all!(
        tx,
        (VersionId, String),
        "SELECT id, file_key FROM document_versions WHERE creator_id = $1 AND document_id = $2",
        creator,
        id,
    )?;
    redact_messages(tx, creator, id).await?;
    // Before the row goes: a worker that holds a job of this document loses it with the version.
    execute!(tx, "DELETE FROM jobs WHERE creator_id = $1 AND lane = $2", creator, id)?;
    execute!(tx, "DELETE FROM documents WHERE creator_id = $1 AND id = $2", creator, id)?;
    indexes::touch(tx, creator).await?;
    let (version_ids, files): (Vec<_>, Vec<_>) = versions.into_iter().unzip();
    let payload = serde_json::to_value(RemoveVectorsPayload { version_ids })
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let job =
        NewJob { creator, kind: REMOVE_VECTORS_JOB, payload, lane: id.0, run_at: now, max_attempts: 20 };
    jobs::enqueue(tx, now, job).await?;
    let files = files.into_iter().filter(|key| !key.is_empty()).collect();
    Ok(Some(Removed { documents: vec![id], titles: vec![title], files }))
}

/// Whether a version's file has this key.
pub async fn names_file(tx: &mut Tx, creator: CreatorId, key: &str) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (VersionId,),
        "SELECT id FROM document_versions WHERE creator_id = $1 AND file_key = $2",
        creator,
        key,
    )?;
    Ok(row.is_some())
}

/// Deletes every document of a base, as [`remove`] does.
pub async fn remove_base(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    base: KnowledgeBaseId,
) -> Result<Removed> {
    let ids = fetch_all!(
        tx,
        (DocumentId,),
        "SELECT id FROM documents WHERE creator_id = $1 AND knowledge_base_id = $2",
        creator,
        base,
    )?;
    let mut all = Removed::default();
    for (id,) in ids {
        if let Some(removed) = remove(tx, now, creator, id).await? {
            all.documents.extend(removed.documents);
            all.titles.extend(removed.titles);
            all.files.extend(removed.files);
        }
    }
    Ok(all)
}

/// Empties the quotes of a document in old messages: a citation with an empty quote is one whose
/// source was deleted. (Explanations of answers keep no words of their own.) Message ids grow with time, so only messages younger than the document are read.
async fn redact_messages(tx: &mut Tx, creator: CreatorId, id: DocumentId) -> Result<()> {
    let rows = fetch_all!(
        tx,
        (MessageId, String, Json<Vec<Citation>>),
        "SELECT id, text, citations FROM messages
         WHERE creator_id = $1 AND id > $2 AND CAST(citations AS TEXT) LIKE $3",
        creator,
        id,
        format!("%{id}%"),
    )?;
    for (message, mut text, Json(mut citations)) in rows {
        for citation in citations.iter_mut().filter(|citation| citation.document_id == id) {
            if !citation.quote.is_empty() {
                text = text.replace(citation.quote.as_str(), GONE);
            }
            citation.quote.clear();
            GONE_TITLE.clone_into(&mut citation.title);
            citation.heading = None;
            citation.url = None;
        }
        execute!(
            tx,
            "UPDATE messages SET text = $1, citations = $2 WHERE creator_id = $3 AND id = $4",
            text,
            Json(citations),
            creator,
            message,
        )?;
    }
    Ok(())
}
