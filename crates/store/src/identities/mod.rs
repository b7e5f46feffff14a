//! Identities: a client on one channel account.

mod link;
mod meet;
mod reach;

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId, IdentityId};

pub use link::{link, unlink};
pub use meet::{Meeting, Met, meet, moved};
pub use reach::{Contact, contact, heard, of_conversation, reach, set_opted_out, set_unreachable};

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

/// One identity of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: IdentityId) -> Result<Option<Identity>> {
    fetch_optional!(
        tx,
        Identity,
        "SELECT id, client_id, channel_account_id, provider_user_id, verified, created_at
         FROM identities WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )
}

/// The identity a channel account knows by this name, its own or another it goes by.
pub async fn by_name(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    name: &str,
) -> Result<Option<Identity>> {
    fetch_optional!(
        tx,
        Identity,
        "SELECT id, client_id, channel_account_id, provider_user_id, verified, created_at
         FROM identities WHERE creator_id = $1 AND channel_account_id = $2
           AND (provider_user_id = $3
             OR id IN (SELECT identity_id FROM identity_aliases WHERE channel_account_id = $2 AND alias = $3))
         ORDER BY CASE WHEN provider_user_id = $3 THEN 0 ELSE 1 END LIMIT 1",
        creator,
        account,
        name,
    )
}
