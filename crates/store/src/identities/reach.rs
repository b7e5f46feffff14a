//! Where a client can be reached, and what stands in the way.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConversationId, CreatorId, IdentityId, channel::ChannelKind,
};

use crate::{Result, Tx, connections::ConnectionState, error::known};

/// One way to reach a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The identity.
    pub identity: IdentityId,
    /// Whose.
    pub client: ClientId,
    /// Where.
    pub account: ChannelAccountId,
    /// What kind of channel.
    pub kind: ChannelKind,
    /// Whether clients may use the account.
    pub enabled: bool,
    /// Whether the account works; `None` for a widget, or a messenger that is not connected.
    pub connection: Option<ConnectionState>,
    /// The provider's id for them, and where to write to.
    pub provider_user_id: String,
    /// Other names they go by on this account, in order.
    pub aliases: Vec<String>,
    /// Whether the channel or a signed token vouches for it.
    pub verified: bool,
    /// Since when they want nothing unprompted here.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Why nothing reaches them here, for people to read.
    pub unreachable_reason: Option<String>,
    /// When they last sent something, by the provider's clock.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// The provider's id of that.
    pub last_inbound_id: Option<String>,
    /// Where they write.
    pub conversation: Option<ConversationId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: IdentityId,
    client_id: ClientId,
    channel_account_id: ChannelAccountId,
    kind: String,
    enabled: bool,
    state: Option<String>,
    provider_user_id: String,
    verified: bool,
    opted_out_at: Option<DateTime<Utc>>,
    unreachable_reason: Option<String>,
    last_inbound_at: Option<DateTime<Utc>>,
    last_inbound_id: Option<String>,
    conversation_id: Option<ConversationId>,
}

async fn read(tx: &mut Tx, creator: CreatorId, row: Row) -> Result<Contact> {
    let aliases = fetch_all!(
        tx,
        (String,),
        "SELECT alias FROM identity_aliases WHERE creator_id = $1 AND identity_id = $2 ORDER BY alias",
        creator,
        row.id,
    )?;
    let state = row.state.map(|state| known(ConnectionState::from_name(&state), "connection state", &state));
    Ok(Contact {
        identity: row.id,
        client: row.client_id,
        account: row.channel_account_id,
        kind: known(ChannelKind::from_name(&row.kind), "channel kind", &row.kind)?,
        enabled: row.enabled,
        connection: state.transpose()?,
        provider_user_id: row.provider_user_id,
        aliases: aliases.into_iter().map(|(alias,)| alias).collect(),
        verified: row.verified,
        opted_out_at: row.opted_out_at,
        unreachable_reason: row.unreachable_reason,
        last_inbound_at: row.last_inbound_at,
        last_inbound_id: row.last_inbound_id,
        conversation: row.conversation_id,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT identities.id, identities.client_id, identities.channel_account_id, channel_accounts.kind,
               channel_accounts.enabled, connections.state, provider_user_id, verified, opted_out_at, unreachable_reason,
               last_inbound_at, last_inbound_id,
               (SELECT talk.id FROM conversations talk
                WHERE talk.creator_id = identities.creator_id AND talk.client_id = identities.client_id
                  AND talk.channel_account_id = identities.channel_account_id
                  AND (talk.identity_id = identities.id OR talk.identity_id IS NULL)
                ORDER BY talk.updated_at DESC LIMIT 1) AS conversation_id
             FROM identities
             JOIN channel_accounts ON channel_accounts.id = identities.channel_account_id
             LEFT JOIN connections ON connections.channel_account_id = identities.channel_account_id
             WHERE identities.creator_id = $1 AND ",
            $rest
        )
    };
}

/// Every way to reach a client, the one they last wrote on first.
pub async fn reach(tx: &mut Tx, creator: CreatorId, client: ClientId) -> Result<Vec<Contact>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!(
            "identities.client_id = $2
             ORDER BY CASE WHEN last_inbound_at IS NULL THEN 1 ELSE 0 END, last_inbound_at DESC, identities.id"
        ),
        creator,
        client,
    )?;
    let mut contacts = Vec::with_capacity(rows.len());
    for row in rows {
        contacts.push(read(tx, creator, row).await?);
    }
    Ok(contacts)
}

/// One identity of a creator, as it can be reached.
pub async fn contact(tx: &mut Tx, creator: CreatorId, id: IdentityId) -> Result<Option<Contact>> {
    match fetch_optional!(tx, Row, select!("identities.id = $2"), creator, id)? {
        Some(row) => read(tx, creator, row).await.map(Some),
        None => Ok(None),
    }
}

/// Whom a messenger's conversation is with.
pub async fn of_conversation(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Option<Contact>> {
    let sql = select!("identities.id = (SELECT identity_id FROM conversations WHERE conversations.id = $2)");
    match fetch_optional!(tx, Row, sql, creator, conversation)? {
        Some(row) => read(tx, creator, row).await.map(Some),
        None => Ok(None),
    }
}

/// Notes that an identity sent something, by the provider's clock: it can be reached. Late news change nothing.
pub async fn heard(
    tx: &mut Tx,
    creator: CreatorId,
    id: IdentityId,
    sent_at: DateTime<Utc>,
    provider_message_id: Option<&str>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE identities SET last_inbound_at = $1, last_inbound_id = COALESCE($2, last_inbound_id), unreachable_reason = NULL
         WHERE creator_id = $3 AND id = $4 AND (last_inbound_at IS NULL OR last_inbound_at <= $1)",
        sent_at,
        provider_message_id,
        creator,
        id,
    )?;
    Ok(())
}

/// Notes that an identity wants nothing unprompted (since the first time they said so), or wants it again.
/// False: that is no news, or it is not this creator's.
pub async fn set_opted_out(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: IdentityId,
    opted_out: bool,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE identities SET opted_out_at = CASE WHEN $1 THEN $2 END
         WHERE creator_id = $3 AND id = $4 AND (opted_out_at IS NULL) = $1",
        opted_out,
        now,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Notes why nothing reaches an identity, or that it can be reached again.
pub async fn set_unreachable(
    tx: &mut Tx,
    creator: CreatorId,
    id: IdentityId,
    reason: Option<&str>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE identities SET unreachable_reason = $1 WHERE creator_id = $2 AND id = $3",
        reason,
        creator,
        id
    )?;
    Ok(())
}
