//! The people a creator coaches.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::ClientId;
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::clients::{self, ClientRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{HubState, auth::Reader};

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Client {
    /// Their id.
    id: ClientId,
    /// What the team sees; not necessarily a name.
    display_name: String,
    /// IANA zone, as their device last said.
    time_zone: Option<String>,
    /// Whether they agreed to check-ins.
    consented: bool,
    /// When they last did something.
    last_seen_at: DateTime<Utc>,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.client.id,
            display_name: row.client.display_name,
            time_zone: row.client.time_zone,
            consented: row.consented,
            last_seen_at: row.client.last_seen_at,
        }
    }
}

/// The clients, the newest first.
#[utoipa::path(get, path = "/api/v1/clients", tag = "Clients", params(PageQuery),
    responses((status = 200, description = "Clients", body = PageOf<Client>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<Client>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = clients::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(Client::from).into()))
}
