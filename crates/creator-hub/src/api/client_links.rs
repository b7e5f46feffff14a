//! One person on several channels: tied together by a single-use code, and taken apart again.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, IdentityId};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    channel_accounts, clients, connections, identities, link_codes,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    channels::{ChannelRef, chat_link},
    client_detail::{ClientDetail, detail},
    input::{Id, Ids},
};
use crate::{
    HubState,
    auth::{Responder, tokens},
};

/// How long a code works.
const LIFE: Duration = Duration::minutes(15);

/// A way to hand a code over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeLink {
    /// To which channel.
    channel: ChannelRef,
    /// The address that opens a chat there with the code in it.
    url: String,
}

/// A code that ties another channel to a client. It is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkCode {
    /// The code itself.
    code: String,
    /// What the client may also send from anywhere they can write: it hands the code over.
    text: String,
    /// Until when; it works once.
    expires_at: DateTime<Utc>,
    /// Addresses that hand it over, one for each messenger that is connected.
    links: Vec<CodeLink>,
}

/// Makes a code by which a client ties another channel to themselves. It works once, for a quarter of an hour.
#[utoipa::path(post, path = "/api/v1/clients/{id}/link-codes", tag = "Clients", params(("id" = ClientId, Path)),
    responses((status = 201, description = "The code", body = LinkCode)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ClientId>,
) -> Result<(StatusCode, Json<LinkCode>)> {
    let creator = caller.creator;
    let now = hub.clock.now();
    let code = tokens::opaque("").map_err(|error| Problem::internal(&error))?;
    let mut tx = hub.db.write(creator).await?;
    clients::get(&mut tx, creator, id).await?.ok_or_else(missing)?;
    let expires_at = now + LIFE;
    link_codes::insert(&mut tx, now, creator, id, &tokens::hash(&code), expires_at).await?;
    note(&hub, &mut tx, &caller, "client.link_code_made", id, json!({})).await?;
    let links = links(&mut tx, &caller, &code).await?;
    tx.commit().await?;
    let text = format!("LINK {code}");
    Ok((StatusCode::CREATED, Json(LinkCode { code, text, expires_at, links })))
}

/// The addresses that hand a code over to each messenger that works.
async fn links(tx: &mut Tx, caller: &Responder, code: &str) -> Result<Vec<CodeLink>> {
    let mut links = Vec::new();
    for connection in connections::list(tx, caller.creator).await? {
        let account = channel_accounts::get(tx, caller.creator, connection.channel_account_id).await?;
        let works = connection.state == connections::ConnectionState::Connected;
        if let (Some(account), true, Some(url)) = (account, works, chat_link(&connection, Some(code))) {
            links.push(CodeLink { channel: ChannelRef::from(&account), url });
        }
    }
    Ok(links)
}

/// Takes one channel away from a client: who writes there is another client from now on, and takes along what
/// was said there. Nothing is lost.
#[utoipa::path(delete, path = "/api/v1/clients/{id}/identities/{identity}", tag = "Clients",
    params(("id" = ClientId, Path), ("identity" = IdentityId, Path)),
    responses((status = 200, description = "The client as they are now", body = ClientDetail)))]
pub(crate) async fn unlink(
    State(hub): State<HubState>,
    caller: Responder,
    Ids(id, identity): Ids<ClientId, IdentityId>,
) -> Result<Json<ClientDetail>> {
    let creator = caller.creator;
    let mut tx = hub.db.write(creator).await?;
    let known = identities::of_client(&mut tx, creator, id).await?;
    if !known.iter().any(|known| known.id == identity) {
        return Err(Problem::not_found("identity"));
    }
    if known.len() == 1 {
        return Err(Problem::conflict("last_identity", "This is the only channel the client is known on."));
    }
    let other = identities::unlink(&mut tx, hub.clock.now(), creator, identity).await?;
    note(&hub, &mut tx, &caller, "client.unlinked", id, json!({ "identity": identity, "client": other }))
        .await?;
    let client = detail(&mut tx, creator, id).await?.ok_or_else(missing)?;
    tx.commit().await?;
    Ok(Json(client))
}

/// Where a client wants to be reached first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferredChannelRequest {
    /// A channel they have written on; null for where they wrote last.
    channel_account_id: Option<ChannelAccountId>,
}

/// Says where a client is reached first.
#[utoipa::path(put, path = "/api/v1/clients/{id}/preferred-channel", tag = "Clients", params(("id" = ClientId, Path)),
    request_body = PreferredChannelRequest,
    responses((status = 200, description = "The client as they are now", body = ClientDetail)))]
pub(crate) async fn prefer(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ClientId>,
    Json(form): Json<PreferredChannelRequest>,
) -> Result<Json<ClientDetail>> {
    let creator = caller.creator;
    let mut tx = hub.db.write(creator).await?;
    clients::get(&mut tx, creator, id).await?.ok_or_else(missing)?;
    if let Some(wanted) = form.channel_account_id {
        let known = identities::of_client(&mut tx, creator, id).await?;
        if !known.iter().any(|identity| identity.channel_account_id == wanted) {
            return Err(Problem::invalid("/channel_account_id", "The client is not known on this channel."));
        }
    }
    clients::prefer(&mut tx, creator, id, form.channel_account_id).await?;
    note(
        &hub,
        &mut tx,
        &caller,
        "client.preferred_channel",
        id,
        json!({ "channel": form.channel_account_id }),
    )
    .await?;
    let client = detail(&mut tx, creator, id).await?.ok_or_else(missing)?;
    tx.commit().await?;
    Ok(Json(client))
}

async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Responder,
    action: &'static str,
    id: ClientId,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}

fn missing() -> Problem {
    Problem::not_found("client")
}
