//! Single-use codes that bind a channel to a client. Only their hashes are kept.

use chrono::{DateTime, Utc};
use coxswain_domain::{ClientId, CreatorId};

use crate::{Result, Tx};

/// Keeps the hash of a fresh code for a client, and forgets the creator's codes that have expired.
/// [`crate::StoreError::Conflict`]: the code exists already.
pub async fn insert(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    client: ClientId,
    code_hash: &[u8],
    expires_at: DateTime<Utc>,
) -> Result<()> {
    execute!(tx, "DELETE FROM link_codes WHERE creator_id = $1 AND expires_at <= $2", creator, now)?;
    execute!(
        tx,
        "INSERT INTO link_codes (code_hash, creator_id, client_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        code_hash,
        creator,
        client,
        now,
        expires_at,
    )?;
    Ok(())
}

/// Uses a code up; whom it stands for. `None`: it is unknown to this creator, used or expired.
pub async fn redeem(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    code_hash: &[u8],
) -> Result<Option<ClientId>> {
    let row = fetch_optional!(
        tx,
        (ClientId,),
        "UPDATE link_codes SET used_at = $1
         WHERE creator_id = $2 AND code_hash = $3 AND used_at IS NULL AND expires_at > $1 RETURNING client_id",
        now,
        creator,
        code_hash,
    )?;
    Ok(row.map(|(client,)| client))
}
