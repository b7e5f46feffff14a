//! What a tap on a button means: the provider carries a token only.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId};
use serde_json::Value;
use sqlx::types::Json;

use crate::{Result, Tx};

/// Keeps the meaning of a fresh token. [`crate::StoreError::Conflict`]: the token exists already.
pub async fn insert(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    token: &str,
    payload: &Value,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO choices (token, creator_id, conversation_id, payload, created_at) VALUES ($1, $2, $3, $4, $5)",
        token,
        creator,
        conversation,
        Json(payload),
        now,
    )?;
    Ok(())
}

/// The meaning of a tap in this conversation, the first time. `None`: the token is unknown here, or was tapped before.
pub async fn take(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
    token: &str,
) -> Result<Option<Value>> {
    let row = fetch_optional!(
        tx,
        (Json<Value>,),
        "UPDATE choices SET used_at = $1
         WHERE creator_id = $2 AND conversation_id = $3 AND token = $4 AND used_at IS NULL RETURNING payload",
        now,
        creator,
        conversation,
        token,
    )?;
    Ok(row.map(|(Json(payload),)| payload))
}
