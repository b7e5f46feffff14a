//! Folders: how a creator keeps documents apart within a base.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, FolderId, KnowledgeBaseId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// The base it is in.
    pub knowledge_base_id: KnowledgeBaseId,
    /// The folder it is in.
    pub parent_id: Option<FolderId>,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds a folder to a base of this creator.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Folder) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO folders (id, creator_id, knowledge_base_id, parent_id, name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.id,
        creator,
        new.knowledge_base_id,
        new.parent_id,
        &new.name,
        new.created_at,
    )?;
    Ok(())
}

/// One folder of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: FolderId) -> Result<Option<Folder>> {
    fetch_optional!(
        tx,
        Folder,
        "SELECT id, knowledge_base_id, parent_id, name, created_at FROM folders WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )
}

/// The folders of a base, the newest first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    base: KnowledgeBaseId,
    page: Page,
) -> Result<Listed<Folder>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Folder,
        "SELECT id, knowledge_base_id, parent_id, name, created_at FROM folders
         WHERE creator_id = $1 AND knowledge_base_id = $2 AND (created_at < $3 OR (created_at = $3 AND id < $4))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        creator,
        base,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Whether `inner` is `outer` or lies in it, at whatever depth.
pub async fn within(tx: &mut Tx, creator: CreatorId, inner: FolderId, outer: FolderId) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (FolderId,),
        "WITH RECURSIVE up (id, parent_id) AS (
           SELECT id, parent_id FROM folders WHERE creator_id = $1 AND id = $2
           UNION
           SELECT folders.id, folders.parent_id FROM folders JOIN up ON folders.id = up.parent_id)
         SELECT id FROM up WHERE id = $3",
        creator,
        inner,
        outer,
    )?;
    Ok(row.is_some())
}

/// Puts name and parent in place. False: no such folder.
pub async fn update(tx: &mut Tx, creator: CreatorId, folder: &Folder) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE folders SET name = $1, parent_id = $2 WHERE creator_id = $3 AND id = $4",
        &folder.name,
        folder.parent_id,
        creator,
        folder.id,
    )?;
    Ok(touched == 1)
}

/// Deletes a folder with the folders in it; their documents move to the top of the base. False: no such folder.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: FolderId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM folders WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}
