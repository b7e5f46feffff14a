//! Identities: a client on one channel account.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId, IdentityId};

use crate::{Result, Tx};

/// A client as one channel account knows them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Who it is.
    pub client_id: ClientId,
    /// Where.
    pub channel_account_id: ChannelAccountId,
    /// The channel's own name for them; never the key of anything but this pair.
    pub provider_user_id: String,
    /// Whether the channel or a signed token vouches for it. Verified and anonymous ones never merge.
    pub verified: bool,
    /// When it was first met.
    pub created_at: DateTime<Utc>,
}

/// Adds an identity. [`crate::StoreError::Conflict`]: the channel account knows this user already.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Identity) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO identities (id, creator_id, client_id, channel_account_id, provider_user_id, verified, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        creator,
        new.client_id,
        new.channel_account_id,
        &new.provider_user_id,
        new.verified,
        new.created_at,
    )?;
    Ok(())
}

/// Where a client can be met, the oldest first.
pub async fn of_client(tx: &mut Tx, creator: CreatorId, client: ClientId) -> Result<Vec<Identity>> {
    fetch_all!(
        tx,
        Identity,
        "SELECT id, client_id, channel_account_id, provider_user_id, verified, created_at
         FROM identities WHERE creator_id = $1 AND client_id = $2 ORDER BY created_at, id",
        creator,
        client,
    )
}
