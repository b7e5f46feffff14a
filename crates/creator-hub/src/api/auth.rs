//! Registering, logging in, renewing a session, logging out.

use std::net::IpAddr;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use coxswain_domain::{
    CreatorId, KnowledgeBaseId, MemberId,
    account::{CreatorSettings, Role},
};
use coxswain_http::{Json, PeerAddress, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, Actor, NewEntry},
    bases::{self, KnowledgeBase},
    creators::{self, Creator},
    members::{self, Credentials, Member},
    throttle::{self, Policy},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::Checks;
use crate::{
    HubState,
    auth::{
        cookies,
        password::{MAX_LENGTH, MIN_LENGTH},
        sessions::{self, Issued, SessionView},
    },
};

/// The base every creator begins with.
const FIRST_BASE: &str = "My material";

/// A new creator and its first owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    /// The owner's address.
    email: String,
    /// At least 12 characters.
    password: String,
    /// What the owner is called.
    name: String,
    /// What the creator is called.
    creator_name: String,
    /// IANA time zone; UTC when absent.
    time_zone: Option<String>,
}

/// Makes a creator with its first owner, who is then logged in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "Account", security(()),
    request_body = RegisterRequest, responses((status = 201, description = "Registered and logged in", body = SessionView)))]
pub(crate) async fn register(
    State(hub): State<HubState>,
    PeerAddress(peer): PeerAddress,
    headers: HeaderMap,
    Json(form): Json<RegisterRequest>,
) -> Result<Issued> {
    let mut checks = Checks::default();
    let email = email(&mut checks, &form.email);
    password(&mut checks, &form.password);
    let name = checks.text("/name", &form.name, 100);
    let creator_name = checks.text("/creator_name", &form.creator_name, 100);
    let time_zone = form.time_zone.unwrap_or_else(|| "UTC".into());
    checks.that(time_zone.parse::<Tz>().is_ok(), "/time_zone", "Use an IANA time zone, as in Europe/Lisbon.");
    checks.done()?;
    let now = hub.clock.now();
    count(&hub, now, &format!("register:{}", network(peer)), hub.limits.registrations).await?;
    let password_hash = hub.passwords.hash(form.password).await?;

    let creator = Creator {
        id: CreatorId::new(now),
        name: creator_name,
        settings: CreatorSettings { time_zone, ..CreatorSettings::default() },
        version: 1,
        created_at: now,
    };
    let owner =
        Member { id: MemberId::new(now), email, name, role: Role::Owner, created_at: now, disabled_at: None };
    let mut tx = hub.db.system().await?;
    creators::insert(&mut tx, &creator).await?;
    tx.act_for(creator.id).await?;
    if !members::insert(&mut tx, creator.id, &owner, &password_hash).await? {
        return Err(email_taken());
    }
    let base = KnowledgeBase {
        id: KnowledgeBaseId::new(now),
        name: FIRST_BASE.into(),
        description: String::new(),
        documents: 0,
        created_at: now,
    };
    bases::insert(&mut tx, creator.id, &base).await?;
    sessions::note(&mut tx, now, creator.id, owner.id, "creator.registered").await?;
    let session = sessions::issue(&hub, &mut tx, creator.id, &owner, Uuid::new_v4()).await?;
    tx.commit().await?;
    Ok(sessions::answer(StatusCode::CREATED, &headers, session))
}

/// An address and its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// The member's address.
    email: String,
    /// Their password.
    password: String,
}

/// Logs a member in. An unknown address and a wrong password look and take the same.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "Account", security(()),
    request_body = LoginRequest, responses((status = 200, description = "Logged in", body = SessionView)))]
pub(crate) async fn login(
    State(hub): State<HubState>,
    PeerAddress(peer): PeerAddress,
    headers: HeaderMap,
    Json(form): Json<LoginRequest>,
) -> Result<Issued> {
    let now = hub.clock.now();
    let email = form.email.trim().to_lowercase();
    if form.password.len() > MAX_LENGTH || email.len() > 254 {
        return Err(wrong());
    }
    let (address, network) = (format!("address:{email}"), format!("network:{}", network(peer)));
    // Counted before the password is compared, so that many guesses at once count too.
    count(&hub, now, &address, hub.limits.address).await?;
    count(&hub, now, &network, hub.limits.network).await?;
    let found = members::by_email(&mut hub.db.system_read().await?, &email).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let matches = hub.passwords.matches(form.password, hash).await?;
    let mut tx = hub.db.system().await?;
    let (creator, member) = match found {
        Some(Credentials { creator, member, .. }) if matches && member.disabled_at.is_none() => {
            (creator, member)
        }
        found => {
            refused(&mut tx, now, found).await?;
            tx.commit().await?;
            return Err(wrong());
        }
    };
    throttle::clear(&mut tx, &address).await?;
    throttle::forgive(&mut tx, &network).await?;
    sessions::note(&mut tx, now, creator, member.id, "session.logged_in").await?;
    let session = sessions::issue(&hub, &mut tx, creator, &member, Uuid::new_v4()).await?;
    tx.commit().await?;
    Ok(sessions::answer(StatusCode::OK, &headers, session))
}

/// A refresh token, for callers without cookies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// As the last session gave it.
    refresh_token: String,
}

/// Renews a session. Each refresh token works once; using one again later ends the whole log-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "Account", security(()),
    request_body = Option<RefreshRequest>, responses((status = 200, description = "Renewed", body = SessionView)))]
pub(crate) async fn refresh(State(hub): State<HubState>, headers: HeaderMap, body: Bytes) -> Result<Issued> {
    let token = refresh_token(&headers, &body)?.ok_or_else(Problem::unauthenticated)?;
    let session = sessions::renew(&hub, &token).await?;
    Ok(sessions::answer(StatusCode::OK, &headers, session))
}

/// Ends a session and everything renewed from it.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "Account", security(()),
    request_body = Option<RefreshRequest>, responses((status = 204, description = "Logged out")))]
pub(crate) async fn logout(
    State(hub): State<HubState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, HeaderMap)> {
    if let Some(token) = refresh_token(&headers, &body)? {
        sessions::end(&hub, &token).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies::issue(&headers, None)))
}

/// The refresh token: from the body where there is one, else from the portal's cookie.
fn refresh_token(headers: &HeaderMap, body: &[u8]) -> Result<Option<String>> {
    if !body.is_empty() {
        let request: RefreshRequest = serde_json::from_slice(body).map_err(|_| {
            Problem::invalid("/refresh_token", "Send {\"refresh_token\": \"…\"}, or no body.")
        })?;
        return Ok(Some(request.refresh_token));
    }
    let Some(token) = cookies::refresh(headers) else {
        return Ok(None);
    };
    cookies::check_same_site(&Method::POST, headers)?;
    Ok(Some(token.to_owned()))
}

/// Counts a try and refuses it when there were too many.
async fn count(hub: &HubState, now: DateTime<Utc>, subject: &str, policy: Policy) -> Result<()> {
    let mut tx = hub.db.system().await?;
    if let Some(until) = throttle::blocked_until(&mut tx, now, subject).await? {
        let seconds = u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1;
        return Err(Problem::too_many("too_many_attempts", seconds));
    }
    // The try that reaches the limit is still let through: it may be the right one.
    throttle::failed(&mut tx, now, subject, policy).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes a failed log-in where there is a creator to tell.
async fn refused(tx: &mut Tx, now: DateTime<Utc>, found: Option<Credentials>) -> Result<()> {
    let Some(Credentials { creator, member, .. }) = found else {
        return Ok(());
    };
    let detail = json!({ "disabled": member.disabled_at.is_some() });
    let entry = NewEntry {
        actor: &Actor::ANONYMOUS,
        action: "session.refused",
        subject: Some(member.id.to_string()),
        detail,
    };
    Ok(audit::record(tx, now, creator, entry).await?)
}

/// The network an address belongs to: what one household or office shares.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

fn wrong() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_credentials", "The address or the password is wrong.")
}

pub(super) fn email_taken() -> Problem {
    Problem::conflict("email_taken", "Somebody uses this address already. Log in, or use another.")
}

/// The address as it is kept.
pub(super) fn email(checks: &mut Checks, text: &str) -> String {
    let email = text.trim().to_lowercase();
    let plausible = email.len() <= 254
        && !email.contains(char::is_whitespace)
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    checks.that(plausible, "/email", "Use an e-mail address, as in mira@example.org.");
    email
}

/// Checks a new password.
pub(super) fn password(checks: &mut Checks, text: &str) {
    checks.that(
        text.chars().count() >= MIN_LENGTH,
        "/password",
        format_args!("Use at least {MIN_LENGTH} characters."),
    );
    checks.that(text.len() <= MAX_LENGTH, "/password", format_args!("Use at most {MAX_LENGTH} bytes."));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_one_place_shares() {
        assert_eq!(network("203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("::ffff:203.0.113.77".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("2001:db8:7:1::5".parse().unwrap()), "2001:db8:7::/48");
    }
}
