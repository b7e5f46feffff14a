//! Beginning a session: anonymous, or of a client that the host page vouches for.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, Utc};
use coxswain_domain::{ClientId, ConversationId, IdentityId, WidgetSessionId, channel::IdentityMode};
use coxswain_http::{Json, PeerAddress, Problem, Result};
use coxswain_store::{
    StoreError, Tx,
    channel_accounts::ChannelAccount,
    clients::{self, Client},
    identities::{self, Identity},
    widget_secrets,
    widget_sessions::{self, WidgetSession},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::{Widget, switched_off},
    identity::{self, Known},
    origin,
    session::{self, ClientSession, LIFETIME},
    state::WidgetState,
};

const LONGEST_TAG: usize = 64;

/// What a client's device says of itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    /// The browser's IANA zone, as in `Europe/Berlin`. One we do not know is not kept.
    time_zone: String,
    /// BCP 47 tag of the language the panel speaks.
    locale: String,
    /// A JSON Web Token in which the host page says who its client is (HS256 or `EdDSA`; `sub`, `aud`: the widget's
    /// public key, `exp`: at most an hour ahead, perhaps `name`). Without it the session is anonymous.
    #[serde(default)]
    identity_token: Option<String>,
}

/// A new session.
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
    /// The host page's own name for the client; null: anonymous.
    subject: Option<String>,
}

/// Begins a session in a widget. A session sent along as bearer token ends with it: the client is somebody else now.
#[utoipa::path(
    post, path = "/w/{key}/sessions", tag = "widget", request_body = NewSession,
    params(("key" = String, Path, description = "The widget's public key.")),
    responses(
        (status = 201, body = SessionCreated),
        (status = 403, body = Problem,
            description = "Not asked by the panel, the widget is switched off, or the identity is missing or not believed."),
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
    let known = believed(&state, &account, body.identity_token.as_deref()).await?;
    let before = session::of_headers(&state, &headers).await?;
    let token = session::mint(session::PREFIX)?;
    let new = Begin { account: &account, said: &body, known: known.as_ref(), before: before.as_ref() };
    let session = match new.open(&state, &token).await {
        // The same client began another session at this moment: now it can be read.
        Err(StoreError::Conflict { .. }) => new.open(&state, &token).await?,
        begun => begun?,
    };
    let created = SessionCreated {
        token,
        client_id: session.client_id,
        conversation_id: session.conversation_id,
        expires_at: session.expires_at,
        subject: session.subject,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Who the client is, as far as the host page says so and is believed.
async fn believed(
    state: &WidgetState,
    account: &ChannelAccount,
    token: Option<&str>,
) -> Result<Option<Known>> {
    let Some(token) = token else {
        return match account.settings.identity {
            IdentityMode::Required => Err(identity::required()),
            IdentityMode::Off | IdentityMode::Optional => Ok(None),
        };
    };
    let mut tx = state.db.read(account.creator_id).await?;
    let secret = widget_secrets::get(&mut tx, account.creator_id, account.id).await?;
    Ok(Some(identity::verify(account, secret.as_ref(), state.clock.now(), token)?))
}

/// A session about to begin.
struct Begin<'a> {
    account: &'a ChannelAccount,
    said: &'a NewSession,
    known: Option<&'a Known>,
    /// The session that ends with it.
    before: Option<&'a WidgetSession>,
}

impl Begin<'_> {
    async fn open(&self, state: &WidgetState, token: &str) -> Result<WidgetSession, StoreError> {
        let (now, account, creator) = (state.clock.now(), self.account, self.account.creator_id);
        let mut tx = state.db.write(creator).await?;
        if let Some(before) = self.before.filter(|before| before.channel_account_id == account.id) {
            widget_sessions::end(&mut tx, now, creator, before.id).await?;
        }
        let subject = self.known.map(|known| known.subject.clone());
        let client_id = self.client(&mut tx, now).await?;
        let place = match subject.as_deref() {
            Some(subject) => {
                widget_sessions::conversation_of_subject(&mut tx, creator, account.id, subject).await?
            }
            None => None,
        };
        let (conversation_id, seen_seq) = place.unwrap_or_else(|| (ConversationId::new(now), 0));
        let session = WidgetSession {
            id: WidgetSessionId::new(now),
            creator_id: creator,
            channel_account_id: account.id,
            client_id,
            subject,
            conversation_id,
            seen_seq,
            created_at: now,
            expires_at: now + LIFETIME,
        };
        widget_sessions::insert(&mut tx, &session, &session::hash(token)).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// The client it stands for: the one the host page names, met before or not, or a new anonymous one.
    async fn client(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<ClientId, StoreError> {
        let (account, creator) = (self.account.id, self.account.creator_id);
        let id = ClientId::new(now);
        let provider_user_id = match self.known {
            None => id.to_string(),
            Some(known) => {
                let name = name_of(&known.subject);
                if let Some(met) = identities::by_name(tx, creator, account, &name).await? {
                    clients::seen(tx, now, creator, met.client_id).await?;
                    return Ok(met.client_id);
                }
                name
            }
        };
        let name = self.known.and_then(|known| known.name.clone());
        let zone = self.said.time_zone.parse::<chrono_tz::Tz>().ok();
        let client = Client {
            id,
            display_name: name.unwrap_or_else(|| display_name(id)),
            time_zone: zone.map(|zone| zone.name().to_owned()),
            locale: tag(&self.said.locale),
            created_at: now,
            last_seen_at: now,
        };
        clients::insert(tx, creator, &client).await?;
        let identity = Identity {
            id: IdentityId::new(now),
            client_id: id,
            channel_account_id: account,
            provider_user_id,
            verified: self.known.is_some(),
            created_at: now,
        };
        identities::insert(tx, creator, &identity).await?;
        Ok(id)
    }
}

/// Ends the session: its token is worth nothing from now on. What was said stays.
#[utoipa::path(
    delete, path = "/w/session", tag = "widget", security(("widget_session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem))
)]
pub(super) async fn end(State(state): State<WidgetState>, client: ClientSession) -> Result<StatusCode> {
    let mut tx = state.db.write(client.creator()).await?;
    widget_sessions::end(&mut tx, state.clock.now(), client.creator(), client.session.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// By what name an identity is kept that the host page vouches for: apart from the ids of anonymous clients, so that
/// no subject can pass for one of them.
pub(super) fn name_of(subject: &str) -> String {
    format!("sub:{subject}")
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
