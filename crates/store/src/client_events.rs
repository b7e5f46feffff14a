//! What integrators tell of clients.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientEventId, ClientId, CreatorId};
use serde_json::{Map, Value};
use sqlx::types::Json;

use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

/// Something that happened to a client outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEvent {
    /// Its id.
    pub id: ClientEventId,
    /// Whom it is about.
    pub client_id: ClientId,
    /// What it is called, as in `workout.finished`.
    pub name: String,
    /// What else was told.
    pub data: Map<String, Value>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was told.
    pub received_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ClientEventId,
    client_id: ClientId,
    name: String,
    data: Json<Map<String, Value>>,
    occurred_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
}

impl From<Row> for ClientEvent {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            name: row.name,
            data: row.data.0,
            occurred_at: row.occurred_at,
            received_at: row.received_at,
        }
    }
}

/// Keeps an event. False: the client is not this creator's.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &ClientEvent) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO client_events (id, creator_id, client_id, name, data, occurred_at, received_at)
         SELECT $1, creator_id, id, $2, $3, $4, $5 FROM clients WHERE creator_id = $6 AND id = $7",
        new.id,
        &new.name,
        Json(&new.data),
        new.occurred_at,
        new.received_at,
        creator,
        new.client_id,
    )?;
    Ok(touched == 1)
}

/// What is known of a creator's clients, or of one of them: what was told last comes first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    client: Option<ClientId>,
    page: Page,
) -> Result<Listed<ClientEvent>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, client_id, name, data, occurred_at, received_at FROM client_events
         WHERE creator_id = $1 AND ($2 IS NULL OR client_id = $2)
           AND (received_at < $3 OR (received_at = $3 AND id < $4))
         ORDER BY received_at DESC, id DESC LIMIT $5",
        creator,
        client,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(Into::into).collect();
    Ok(page.cut(rows, |row: &ClientEvent| Cursor { at: row.received_at, id: row.id.0 }))
}

/// The clients whom a channel knows by this name (a widget's signed `sub`, a messenger's id), on one account or any.
pub async fn known_as(
    tx: &mut Tx,
    creator: CreatorId,
    name: &str,
    account: Option<ChannelAccountId>,
) -> Result<Vec<ClientId>> {
    let rows = fetch_all!(
        tx,
        (ClientId,),
        "SELECT client_id FROM identities
         WHERE creator_id = $1 AND provider_user_id = $2 AND ($3 IS NULL OR channel_account_id = $3)
         UNION
         SELECT identities.client_id FROM identity_aliases JOIN identities ON identities.id = identity_aliases.identity_id
         WHERE identity_aliases.creator_id = $1 AND identity_aliases.alias = $2
           AND ($3 IS NULL OR identity_aliases.channel_account_id = $3)",
        creator,
        name,
        account,
    )?;
    Ok(rows.into_iter().map(|(client,)| client).collect())
}
