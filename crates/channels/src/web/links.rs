//! One person, several channels: going on elsewhere, and tying this chat to who one is elsewhere.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{CreatorId, channel::ChannelKind};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    StoreError, Tx, channel_accounts,
    connections::{self, Connection, ConnectionState},
    identities::{self, Identity},
    link_codes,
    widget_sessions::WidgetSession,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    begin::name_of,
    session::{self, ClientSession},
    state::WidgetState,
};

/// How long a code works.
const LIFE: TimeDelta = TimeDelta::minutes(15);
const PREFIX: &str = "link-";
/// No code is longer; anything longer was not made by us.
const LONGEST: usize = 100;

/// An address that opens a chat elsewhere with the code in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Elsewhere {
    /// `telegram` or `whatsapp`.
    kind: ChannelKind,
    /// The address.
    url: String,
}

/// A code that ties another channel to the client. It works once, and is shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct WidgetLinkCode {
    /// What the client sends there as their first words.
    code: String,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// Addresses that hand it over, one for each messenger that is connected.
    links: Vec<Elsewhere>,
}

/// Makes a code by which the client goes on on another channel as the same person.
#[utoipa::path(
    post, path = "/w/link-codes", tag = "widget", security(("widget_session" = [])),
    responses((status = 201, body = WidgetLinkCode), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem))
)]
pub(super) async fn create(
    State(state): State<WidgetState>,
    client: ClientSession,
) -> Result<(StatusCode, Json<WidgetLinkCode>)> {
    state.limits.session(client.address, client.session.channel_account_id)?;
    let (now, creator) = (state.clock.now(), client.creator());
    let code = session::mint(PREFIX)?;
    let expires_at = now + LIFE;
    let mut tx = state.db.write(creator).await?;
    let hash = session::hash(&code);
    link_codes::insert(&mut tx, now, creator, client.session.client_id, &hash, expires_at).await?;
    client.touch(&mut tx, now).await?;
    let links = messengers(&mut tx, creator).await?;
    tx.commit().await?;
    let links = links.iter().filter_map(|connection| link(connection, &code)).collect();
    Ok((StatusCode::CREATED, Json(WidgetLinkCode { code, expires_at, links })))
}

/// A code the client was given elsewhere, or by the coach.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeemCode {
    /// The code, as it was given.
    code: String,
}

/// Ties this chat to the client that a code was made for: one person from now on, with one profile. Nothing that
/// was said is lost.
#[utoipa::path(
    post, path = "/w/link", tag = "widget", request_body = RedeemCode, security(("widget_session" = [])),
    responses(
        (status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, description = "The code is unknown, used or too old.", body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn redeem(
    State(state): State<WidgetState>,
    client: ClientSession,
    Json(body): Json<RedeemCode>,
) -> Result<StatusCode> {
    let wrong = || {
        Problem::invalid(
            "/code",
            "This code is not known, was used already, or is older than a quarter of an hour.",
        )
    };
    state.limits.session(client.address, client.session.channel_account_id)?;
    let code = body.code.trim();
    if code.is_empty() || code.len() > LONGEST {
        return Err(wrong());
    }
    let (now, creator) = (state.clock.now(), client.creator());
    let mut tx = state.db.write(creator).await?;
    let to = link_codes::redeem(&mut tx, now, creator, &session::hash(code)).await?.ok_or_else(wrong)?;
    let identity = identity(&mut tx, &client.session).await?.ok_or_else(wrong)?;
    if !identities::link(&mut tx, now, creator, identity.id, to).await? {
        return Err(wrong());
    }
    tx.commit().await?;
    state.live.touch(client.session.conversation_id);
    Ok(StatusCode::NO_CONTENT)
}

/// As whom the widget knows the client of a session.
async fn identity(tx: &mut Tx, session: &WidgetSession) -> Result<Option<Identity>, StoreError> {
    let (creator, account) = (session.creator_id, session.channel_account_id);
    if let Some(subject) = &session.subject {
        return identities::by_name(tx, creator, account, &name_of(subject)).await;
    }
    let all = identities::of_client(tx, creator, session.client_id).await?;
    Ok(all.into_iter().find(|identity| identity.channel_account_id == account && !identity.verified))
}

/// The messengers on which the creator can be reached at the moment.
pub(super) async fn messengers(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Connection>, StoreError> {
    let mut working = Vec::new();
    for connection in connections::list(tx, creator).await? {
        let account = channel_accounts::get(tx, creator, connection.channel_account_id).await?;
        if connection.state == ConnectionState::Connected && account.is_some_and(|account| account.enabled) {
            working.push(connection);
        }
    }
    Ok(working)
}

/// The address that opens a chat with an account and hands the code over as its first words.
fn link(connection: &Connection, code: &str) -> Option<Elsewhere> {
    let url = match connection.kind {
        ChannelKind::Telegram => format!("https://t.me/{}?start={code}", connection.handle),
        ChannelKind::Whatsapp => {
            let number: String = connection.handle.chars().filter(char::is_ascii_digit).collect();
            format!("https://wa.me/{number}?text=LINK%20{code}")
        }
        ChannelKind::Widget => return None,
    };
    Some(Elsewhere { kind: connection.kind, url })
}
