//! The sessions in whose name the panel asks.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{CreatorId, channel::IdentityMode};
use coxswain_http::{PeerAddress, Problem, Result};
use coxswain_store::{
    Tx, channel_accounts, clients,
    widget_sessions::{self, WidgetSession},
};
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};

use super::{account::switched_off, identity, origin, state::WidgetState};

/// How long a session stays good without being used.
pub(super) const LIFETIME: Duration = Duration::days(180);
/// Says what kind of token it is, for people who find one in a log.
pub(super) const PREFIX: &str = "cxs_";

/// 256 bits from the operating system behind a prefix, in a form that survives any header and address.
pub(super) fn mint(prefix: &str) -> Result<String> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).map_err(|error| Problem::internal(&error))?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(secret)))
}

/// What is kept of a token. It is random over its whole length, so a plain hash cannot be guessed back.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The session whose token a request carries, if it carries one that is still good.
pub(super) async fn of_headers(state: &WidgetState, headers: &HeaderMap) -> Result<Option<WidgetSession>> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|token| token.starts_with(PREFIX));
    let Some(token) = token else { return Ok(None) };
    let mut tx = state.db.system_glance().await?;
    Ok(widget_sessions::by_token(&mut tx, state.clock.now(), &hash(token)).await?)
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
        let session = of_headers(state, &parts.headers).await?.ok_or_else(expired)?;
        if session.subject.is_none() {
            let mut tx = state.db.read(session.creator_id).await?;
            let account =
                channel_accounts::get(&mut tx, session.creator_id, session.channel_account_id).await?;
            // Whoever began before the creator asked for identities has to say who they are, too.
            if account.ok_or_else(switched_off)?.settings.identity == IdentityMode::Required {
                return Err(identity::required());
            }
        }
        Ok(Self { session, address })
    }
}

fn expired() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthenticated",
        "This session is not known or has expired. Begin a new one.",
    )
}
