//! Clients: the people a creator coaches.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId};

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Client {
    /// Their id.
    pub id: ClientId,
    /// What the team sees; not necessarily a name.
    pub display_name: String,
    /// IANA zone, as their device last said.
    pub time_zone: Option<String>,
    /// BCP 47 tag, as their device said.
    pub locale: Option<String>,
    /// When they first wrote.
    pub created_at: DateTime<Utc>,
    /// When they last did something.
    pub last_seen_at: DateTime<Utc>,
}

/// A client in a list, with whether they agreed to check-ins.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ClientRow {
    /// The client.
    #[sqlx(flatten)]
    pub client: Client,
    /// Whether check-ins may be sent.
    pub consented: bool,
}

/// Adds a client.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Client) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO clients (id, creator_id, display_name, time_zone, locale, created_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        creator,
        &new.display_name,
        new.time_zone.as_deref(),
        new.locale.as_deref(),
        new.created_at,
        new.last_seen_at,
    )?;
    Ok(())
}

/// One client of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: ClientId) -> Result<Option<Client>> {
    fetch_optional!(
        tx,
        Client,
        "SELECT id, display_name, time_zone, locale, created_at, last_seen_at
         FROM clients WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )
}

/// A creator's clients, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<ClientRow>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        ClientRow,
        "SELECT id, display_name, time_zone, locale, created_at, last_seen_at,
           EXISTS (SELECT 1 FROM consents WHERE consents.client_id = clients.id
             AND consents.creator_id = clients.creator_id AND consents.purpose = $1
             AND consents.withdrawn_at IS NULL) AS consented
         FROM clients
         WHERE creator_id = $2 AND (created_at < $3 OR (created_at = $3 AND id < $4))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        crate::consents::CHECK_INS,
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    Ok(page.cut(rows, |row| Cursor { at: row.client.created_at, id: row.client.id.0 }))
}

/// How many clients a creator has.
pub async fn count(tx: &mut Tx, creator: CreatorId) -> Result<i64> {
    let (clients,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM clients WHERE creator_id = $1", creator)?;
    Ok(clients)
}

/// Notes that a client did something.
pub async fn seen(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, id: ClientId) -> Result<()> {
    execute!(
        tx,
        "UPDATE clients SET last_seen_at = $1 WHERE creator_id = $2 AND id = $3 AND last_seen_at < $1",
        now,
        creator,
        id,
    )?;
    Ok(())
}

/// Notes the zone a client's device is in now. False: the client is not this creator's.
pub async fn set_time_zone(tx: &mut Tx, creator: CreatorId, id: ClientId, time_zone: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE clients SET time_zone = $1 WHERE creator_id = $2 AND id = $3",
        time_zone,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Notes on which account a client wants to be reached; `None`: where they last wrote.
/// False: client or account are not this creator's.
pub async fn prefer(
    tx: &mut Tx,
    creator: CreatorId,
    id: ClientId,
    account: Option<ChannelAccountId>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE clients SET preferred_account_id = $1 WHERE creator_id = $2 AND id = $3
           AND ($1 IS NULL OR EXISTS (SELECT 1 FROM channel_accounts
             WHERE channel_accounts.creator_id = $2 AND channel_accounts.id = $1))",
        account,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// On which account a client wants to be reached, if they said.
pub async fn preferred(tx: &mut Tx, creator: CreatorId, id: ClientId) -> Result<Option<ChannelAccountId>> {
    let row = fetch_optional!(
        tx,
        (Option<ChannelAccountId>,),
        "SELECT preferred_account_id FROM clients WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    Ok(row.and_then(|(account,)| account))
}
