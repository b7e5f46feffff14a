//! Meeting people on a messenger: known again by any of the names the provider gives them.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId, IdentityId};

use super::{Identity, by_name, link};
use crate::{
    Result, StoreError, Tx,
    clients::{self, Client},
};

/// Somebody a messenger brought.
#[derive(Clone, Copy, Debug)]
pub struct Met<'a> {
    /// The account they wrote to.
    pub account: ChannelAccountId,
    /// The provider's id for them, and where to answer.
    pub id: &'a str,
    /// Other ids of the same person on this account, as the provider says.
    pub aliases: &'a [String],
    /// Their own name, for people to read.
    pub name: Option<&'a str>,
    /// BCP 47 tag.
    pub locale: Option<&'a str>,
}

/// Who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The identity; its `client_id` says who.
    pub identity: Identity,
    /// Whether it is the first time.
    pub new: bool,
}

/// Finds somebody by the provider's id or an alias, or makes their client. An id that was unknown until now becomes
/// the one to answer to, and the one before it an alias. When the provider says that two identities are one
/// person, they become one, with whatever either opted out of.
pub async fn meet(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, met: Met<'_>) -> Result<Meeting> {
    let known = known(tx, creator, &met).await?;
    let (identity, new) = match known {
        Some(identity) => (identity, false),
        None => begin(tx, now, creator, &met).await?,
    };
    let identity = rename(tx, creator, identity, met.id).await?;
    for alias in met.aliases {
        adopt(tx, now, creator, &identity, alias).await?;
    }
    clients::seen(tx, now, creator, identity.client_id).await?;
    Ok(Meeting { identity, new })
}

/// Somebody has another id from now on; their identity, if they are known.
pub async fn moved(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    (from, to): (&str, &str),
) -> Result<Option<Identity>> {
    let Some(old) = by_name(tx, creator, account, from).await? else {
        return by_name(tx, creator, account, to).await;
    };
    match by_name(tx, creator, account, to).await? {
        // They have written under the new id already.
        Some(new) if new.id != old.id => {
            absorb(tx, now, creator, &new, &old).await?;
            Ok(Some(new))
        }
        Some(same) if same.provider_user_id == to => Ok(Some(same)),
        // An alias becomes the id to answer to.
        _ => {
            forget_alias(tx, creator, account, to).await?;
            rename(tx, creator, old, to).await.map(Some)
        }
    }
}

async fn known(tx: &mut Tx, creator: CreatorId, met: &Met<'_>) -> Result<Option<Identity>> {
    for name in std::iter::once(met.id).chain(met.aliases.iter().map(String::as_str)) {
        if let Some(identity) = by_name(tx, creator, met.account, name).await? {
            return Ok(Some(identity));
        }
    }
    Ok(None)
}

async fn begin(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    met: &Met<'_>,
) -> Result<(Identity, bool)> {
    let client = Client {
        id: ClientId::new(now),
        display_name: String::new(),
        time_zone: None,
        locale: met.locale.map(str::to_owned),
        created_at: now,
        last_seen_at: now,
    };
    let display_name = met.name.map(str::trim).filter(|name| !name.is_empty());
    let display_name = display_name.map_or_else(|| anonymous(client.id), str::to_owned);
    clients::insert(tx, creator, &Client { display_name, ..client.clone() }).await?;
    let identity = Identity {
        id: IdentityId::new(now),
        client_id: client.id,
        channel_account_id: met.account,
        provider_user_id: met.id.to_owned(),
        verified: true,
        created_at: now,
    };
    let touched = execute!(
        tx,
        "INSERT INTO identities (id, creator_id, client_id, channel_account_id, provider_user_id, verified, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        identity.id,
        creator,
        identity.client_id,
        identity.channel_account_id,
        &identity.provider_user_id,
        identity.verified,
        now,
    )?;
    if touched == 1 {
        return Ok((identity, true));
    }
    // Another transaction met them in the same moment.
    execute!(tx, "DELETE FROM clients WHERE creator_id = $1 AND id = $2", creator, client.id)?;
    let identity = by_name(tx, creator, met.account, met.id).await?;
    identity.map(|identity| (identity, false)).ok_or(StoreError::Dangling)
}

/// What a client is called who told no name.
pub(super) fn anonymous(id: ClientId) -> String {
    let text = id.0.simple().to_string();
    // The end of the id: its beginning is the time.
    format!("Client {}", text[text.len() - 4..].to_uppercase())
}

/// Makes an id that is new the one to answer to; the one before it becomes an alias.
async fn rename(tx: &mut Tx, creator: CreatorId, identity: Identity, id: &str) -> Result<Identity> {
    let account = identity.channel_account_id;
    if identity.provider_user_id == id || is_alias(tx, creator, account, id).await? {
        return Ok(identity);
    }
    add_alias(tx, creator, &identity, &identity.provider_user_id).await?;
    execute!(
        tx,
        "UPDATE identities SET provider_user_id = $1 WHERE creator_id = $2 AND id = $3",
        id,
        creator,
        identity.id
    )?;
    Ok(Identity { provider_user_id: id.to_owned(), ..identity })
}

/// Notes another name of an identity. Whoever went by it until now is the same person.
async fn adopt(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    identity: &Identity,
    alias: &str,
) -> Result<()> {
    match by_name(tx, creator, identity.channel_account_id, alias).await? {
        None => add_alias(tx, creator, identity, alias).await,
        Some(other) if other.id != identity.id => absorb(tx, now, creator, identity, &other).await,
        Some(_) => Ok(()),
    }
}

/// Makes one of two identities of one person on one account: all of `other` goes to `kept`.
async fn absorb(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    kept: &Identity,
    other: &Identity,
) -> Result<()> {
    link::move_all(tx, now, creator, other, kept.client_id).await?;
    execute!(
        tx,
        "UPDATE conversations SET identity_id = $1 WHERE creator_id = $2 AND identity_id = $3",
        kept.id,
        creator,
        other.id,
    )?;
    execute!(
        tx,
        "UPDATE identity_aliases SET identity_id = $1 WHERE creator_id = $2 AND identity_id = $3",
        kept.id,
        creator,
        other.id,
    )?;
    execute!(
        tx,
        "UPDATE identities SET
           opted_out_at = COALESCE(opted_out_at, (SELECT opted_out_at FROM identities other WHERE other.id = $1)),
           last_inbound_id = CASE WHEN last_inbound_at IS NULL
             THEN (SELECT last_inbound_id FROM identities other WHERE other.id = $1) ELSE last_inbound_id END,
           last_inbound_at = COALESCE(last_inbound_at, (SELECT last_inbound_at FROM identities other WHERE other.id = $1))
         WHERE creator_id = $2 AND id = $3",
        other.id,
        creator,
        kept.id,
    )?;
    execute!(tx, "DELETE FROM identities WHERE creator_id = $1 AND id = $2", creator, other.id)?;
    add_alias(tx, creator, kept, &other.provider_user_id).await
}

async fn add_alias(tx: &mut Tx, creator: CreatorId, identity: &Identity, alias: &str) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO identity_aliases (channel_account_id, alias, creator_id, identity_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        identity.channel_account_id,
        alias,
        creator,
        identity.id,
    )?;
    Ok(())
}

async fn is_alias(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId, name: &str) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (String,),
        "SELECT alias FROM identity_aliases WHERE creator_id = $1 AND channel_account_id = $2 AND alias = $3",
        creator,
        account,
        name,
    )?;
    Ok(row.is_some())
}

async fn forget_alias(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId, alias: &str) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM identity_aliases WHERE creator_id = $1 AND channel_account_id = $2 AND alias = $3",
        creator,
        account,
        alias,
    )?;
    Ok(())
}
