//! Which conversation somebody writes in.

use chrono::{DateTime, Utc};
use coxswain_domain::{ClientId, ConversationId, CreatorId, IdentityId};

use super::{Conversation, Row};
use crate::{Result, StoreError, Tx};

/// A client's conversations on all channels, the latest first.
pub async fn of_client(tx: &mut Tx, creator: CreatorId, client: ClientId) -> Result<Vec<Conversation>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, kind, client_id, channel_account_id, member_id, title, knowledge_base_ids, created_at, updated_at
         FROM conversations WHERE creator_id = $1 AND client_id = $2 ORDER BY updated_at DESC, id DESC LIMIT 100",
        creator,
        client,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The conversation with a messenger's identity, if they ever wrote.
pub async fn of_identity(
    tx: &mut Tx,
    creator: CreatorId,
    identity: IdentityId,
) -> Result<Option<ConversationId>> {
    let row = fetch_optional!(
        tx,
        (ConversationId,),
        "SELECT id FROM conversations WHERE creator_id = $1 AND identity_id = $2 ORDER BY updated_at DESC, id DESC LIMIT 1",
        creator,
        identity,
    )?;
    Ok(row.map(|(id,)| id))
}

/// The conversation with a messenger's identity, begun when there is none.
/// [`StoreError::Dangling`]: the identity is not this creator's.
pub async fn open_for(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    identity: IdentityId,
    title: &str,
) -> Result<ConversationId> {
    // Held, so that two events of one person never begin two conversations.
    let sql = tx.skip_locked(
        "SELECT id FROM identities WHERE creator_id = $1 AND id = $2",
        "SELECT id FROM identities WHERE creator_id = $1 AND id = $2 FOR NO KEY UPDATE",
    );
    fetch_optional!(tx, (IdentityId,), sql, creator, identity)?.ok_or(StoreError::Dangling)?;
    if let Some(known) = of_identity(tx, creator, identity).await? {
        return Ok(known);
    }
    let id = ConversationId::new(now);
    execute!(
        tx,
        "INSERT INTO conversations (id, creator_id, kind, client_id, channel_account_id, identity_id, title, knowledge_base_ids,
           last_seq, last_event_seq, created_at, updated_at)
         SELECT $1, $2, 'client', client_id, channel_account_id, id, $3, '[]', 0, 0, $4, $4
         FROM identities WHERE creator_id = $2 AND id = $5",
        id,
        creator,
        title,
        now,
        identity,
    )?;
    Ok(id)
}
