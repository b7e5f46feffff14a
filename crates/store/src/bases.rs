//! Knowledge bases.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, KnowledgeBaseId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KnowledgeBase {
    /// Its id.
    pub id: KnowledgeBaseId,
    /// Its name, unique for the creator whatever the case.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// How many documents it holds.
    pub documents: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What makes two names the same.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Adds a base. False: the creator has one of this name.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &KnowledgeBase) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO knowledge_bases (id, creator_id, name, name_key, description, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        new.id,
        creator,
        &new.name,
        key(&new.name),
        &new.description,
        new.created_at,
    )?;
    Ok(touched == 1)
}

/// One base of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: KnowledgeBaseId) -> Result<Option<KnowledgeBase>> {
    fetch_optional!(
        tx,
        KnowledgeBase,
        "SELECT id, name, description, created_at,
           (SELECT COUNT(*) FROM documents WHERE documents.knowledge_base_id = knowledge_bases.id) AS documents
         FROM knowledge_bases WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )
}

/// The base of this name.
pub async fn named(tx: &mut Tx, creator: CreatorId, name: &str) -> Result<Option<KnowledgeBase>> {
    fetch_optional!(
        tx,
        KnowledgeBase,
        "SELECT id, name, description, created_at,
           (SELECT COUNT(*) FROM documents WHERE documents.knowledge_base_id = knowledge_bases.id) AS documents
         FROM knowledge_bases WHERE creator_id = $1 AND name_key = $2",
        creator,
        key(name),
    )
}

/// A creator's bases, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<KnowledgeBase>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        KnowledgeBase,
        "SELECT id, name, description, created_at,
           (SELECT COUNT(*) FROM documents WHERE documents.knowledge_base_id = knowledge_bases.id) AS documents
         FROM knowledge_bases WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Whether the creator has a base of this name other than `id`.
pub async fn name_taken(tx: &mut Tx, creator: CreatorId, id: KnowledgeBaseId, name: &str) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT CAST(1 AS BIGINT) FROM knowledge_bases WHERE creator_id = $1 AND name_key = $2 AND id <> $3",
        creator,
        key(name),
        id,
    )?;
    Ok(row.is_some())
}

/// Puts name and description in place. False: no such base.
/// [`crate::StoreError::Conflict`]: somebody just took the name.
pub async fn update(
    tx: &mut Tx,
    creator: CreatorId,
    id: KnowledgeBaseId,
    name: &str,
    description: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE knowledge_bases SET name = $1, name_key = $2, description = $3 WHERE creator_id = $4 AND id = $5",
        name,
        key(name),
        description,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Deletes a base that holds no documents any more. False: no such base.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: KnowledgeBaseId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM knowledge_bases WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}
