//! How much a creator has of everything, for the first page they see.

use coxswain_domain::CreatorId;

use crate::{Result, Tx};

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Overview {
    /// Documents.
    pub documents: i64,
    /// Documents that answer questions.
    pub documents_ready: i64,
    /// Documents whose newest version could not be read.
    pub documents_failed: i64,
    /// Chunks that may be found.
    pub chunks: i64,
    /// Clients met.
    pub clients: i64,
    /// Conversations with clients.
    pub conversations: i64,
    /// Conversations of members trying out the chat.
    pub tests: i64,
    /// Questions the knowledge did not cover.
    pub gaps: i64,
    /// Channel accounts that are switched on.
    pub channels: i64,
}

/// How much a creator has.
pub async fn overview(tx: &mut Tx, creator: CreatorId) -> Result<Overview> {
    fetch_one!(
        tx,
        Overview,
        "SELECT
           (SELECT COUNT(*) FROM documents WHERE creator_id = $1) AS documents,
           (SELECT COUNT(*) FROM documents WHERE creator_id = $1 AND active_version_id IS NOT NULL) AS documents_ready,
           (SELECT COUNT(*) FROM documents JOIN document_versions ON document_versions.document_id = documents.id
              AND document_versions.number =
                (SELECT MAX(latest.number) FROM document_versions latest WHERE latest.document_id = documents.id)
            WHERE documents.creator_id = $1 AND document_versions.stage = 'failed') AS documents_failed,
           (SELECT COUNT(*) FROM chunks JOIN documents ON documents.active_version_id = chunks.version_id
            WHERE chunks.creator_id = $1) AS chunks,
           (SELECT COUNT(*) FROM clients WHERE creator_id = $1) AS clients,
           (SELECT COUNT(*) FROM conversations WHERE creator_id = $1 AND kind = 'client') AS conversations,
           (SELECT COUNT(*) FROM conversations WHERE creator_id = $1 AND kind = 'test') AS tests,
           (SELECT COUNT(*) FROM knowledge_gaps WHERE creator_id = $1) AS gaps,
           (SELECT COUNT(*) FROM channel_accounts WHERE creator_id = $1 AND enabled) AS channels",
        creator,
    )
}
