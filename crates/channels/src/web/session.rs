use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{ClientId, ConversationId, CreatorId, IdentityId, WidgetSessionId};
use coxswain_http::{Json, PeerAddress, Problem, Result};
use coxswain_store::{
    Tx,
    channel_accounts::ChannelAccount,
    clients::{self, Client},
    identities::{self, Identity},
    widget_sessions::{self, WidgetSession},
};
use rand::{TryRngCore, rngs::OsRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    account::{Widget, switched_off},
    origin,
    state::WidgetState,
};

/// How long a session stays good without being used.
const LIFETIME: Duration = Duration::days(180);
/// Says what kind of token it is, for people who find one in a log.
const PREFIX: &str = "cxs_";
const LONGEST_TAG: usize = 64;

/// What a new client's device says of itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    /// The browser's IANA zone, as in `Europe/Berlin`. One we do not know is not kept.
    time_zone: String,
    /// BCP 47 tag of the language the panel speaks.
    locale: String,
}

/// A new anonymous session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionCreated {
    /// Bearer token of the client API; shown once, kept by us as a hash.
    token: String,
    /// The client it stands for.
    client_id: ClientId,
    /// Where they write.
    conversation_id: ConversationId,
    /// From when the token is worth nothing, unless it is used before.
    expires_at: DateTime<Utc>,
}

/// Begins an anonymous session in a widget.
#[utoipa::path(
    post, path = "/w/{key}/sessions", tag = "widget", request_body = NewSession,
    params(("key" = String, Path, description = "The widget's public key.")),
    responses(
        (status = 201, body = SessionCreated),
        (status = 403, description = "Not asked by the panel, or the widget is switched off.", body = Problem),
        (status = 404, description = "There is no such widget.", body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem),
    )
)]
pub(super) async fn create(
    State(state): State<WidgetState>,
    Path(key): Path<String>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
    Json(body): Json<NewSession>,
) -> Result<(StatusCode, Json<SessionCreated>)> {
    origin::only_us(&state, &headers)?;
    state.limits.request(address)?;
    let account = Widget::find(&state, &key).await?.account;
    state.limits.session(address, account.id)?;
    if !account.enabled {
        return Err(switched_off());
    }
    let token = mint()?;
    let now = state.clock.now();
    let session = new_session(now, &account);
    let mut tx = state.db.write(account.creator_id).await?;
    insert(&mut tx, now, &session, &token, &body).await?;
    tx.commit().await?;
    let created = SessionCreated {
        token,
        client_id: session.client_id,
        conversation_id: session.conversation_id,
        expires_at: session.expires_at,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

fn new_session(now: DateTime<Utc>, account: &ChannelAccount) -> WidgetSession {
    WidgetSession {
        id: WidgetSessionId::new(now),
        creator_id: account.creator_id,
        channel_account_id: account.id,
        client_id: ClientId::new(now),
        subject: None,
        conversation_id: ConversationId::new(now),
        seen_seq: 0,
        created_at: now,
        expires_at: now + LIFETIME,
    }
}

async fn insert(
    tx: &mut Tx,
    now: DateTime<Utc>,
    session: &WidgetSession,
    token: &str,
    said: &NewSession,
) -> Result<()> {
    let client = Client {
        id: session.client_id,
        display_name: display_name(session.client_id),
        time_zone: said.time_zone.parse::<chrono_tz::Tz>().ok().map(|zone| zone.name().to_owned()),
        locale: tag(&said.locale),
        created_at: now,
        last_seen_at: now,
    };
    clients::insert(tx, session.creator_id, &client).await?;
    let identity = Identity {
        id: IdentityId::new(now),
        client_id: client.id,
        channel_account_id: session.channel_account_id,
        provider_user_id: client.id.to_string(),
        verified: false,
        created_at: now,
    };
    identities::insert(tx, session.creator_id, &identity).await?;
    widget_sessions::insert(tx, session, &hash(token)).await?;
    Ok(())
}

/// Tells anonymous clients apart in a list.
fn display_name(id: ClientId) -> String {
    let [.., high, low] = *id.0.as_bytes();
    format!("Client {high:02X}{low:02X}")
}

fn tag(locale: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let usable = !locale.is_empty() && locale.len() <= LONGEST_TAG && locale.bytes().all(plain);
    usable.then(|| locale.to_owned())
}

/// 256 bits from the operating system, in a form that survives any header.
fn mint() -> Result<String> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).map_err(|error| Problem::internal(&error))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret)))
}

/// What is kept of a token. It is random over its whole length, so a plain hash cannot be guessed back.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A request of the panel in the name of a client.
pub(super) struct ClientSession {
    pub(super) session: WidgetSession,
    pub(super) address: std::net::IpAddr,
}

impl ClientSession {
    pub(super) fn creator(&self) -> CreatorId {
        self.session.creator_id
    }

    /// Notes that the client is here, and keeps the session good.
    pub(super) async fn touch(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        clients::seen(tx, now, self.creator(), self.session.client_id).await?;
        // Once in a while is enough.
        if self.session.expires_at - now < LIFETIME - Duration::days(1) {
            widget_sessions::extend(tx, self.creator(), self.session.id, now + LIFETIME).await?;
        }
        Ok(())
    }
}

impl FromRequestParts<WidgetState> for ClientSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WidgetState) -> Result<Self> {
        origin::only_us(state, &parts.headers)?;
        let Ok(PeerAddress(address)) = PeerAddress::from_request_parts(parts, state).await;
        state.limits.request(address)?;
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .filter(|token| token.starts_with(PREFIX))
            .ok_or_else(expired)?;
        let mut tx = state.db.system_read().await?;
        let session = widget_sessions::by_token(&mut tx, state.clock.now(), &hash(token)).await?;
        Ok(Self { session: session.ok_or_else(expired)?, address })
    }
}

fn expired() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthenticated",
        "This session is not known or has expired. Begin a new one.",
    )
}
