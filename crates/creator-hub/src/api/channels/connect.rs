//! Connecting a bot or a number: checked with its provider, kept, and only then set to work.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId,
    channel::{ChannelKind, WidgetSettings},
};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    StoreError, Tx,
    channel_accounts::{self, ChannelAccount},
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{note, refused, view::Channel};
use crate::{
    HubState,
    api::input::Checks,
    auth::{Admin, tokens::opaque},
    idempotency::Key,
    messengers::{Account, MessengerError, WhatsappNumber},
};

/// A bot to connect.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelegramRequest {
    /// The token `@BotFather` gave for it. Kept, and never shown again.
    token: String,
    /// What the team calls it; the bot's own name when absent.
    name: Option<String>,
    /// By webhook instead of long polling, which needs no public address.
    #[serde(default)]
    webhook: bool,
}

/// Connects a Telegram bot. A bot that is connected already gets the new token.
#[utoipa::path(post, path = "/api/v1/channels/telegram", tag = "Channels", request_body = TelegramRequest,
    responses((status = 201, description = "Connected; `state` says whether it works", body = Channel)))]
pub(crate) async fn telegram(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    Json(form): Json<TelegramRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "channels.telegram", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let token = checks.text("/token", &form.token, 200);
    let name = form.name.as_deref().map(|name| checks.text("/name", name, 100));
    checks.done()?;
    let account =
        hub.messengers()?.check_telegram(&token).await.map_err(|error| unusable(error, "/token"))?;
    let webhook_secret = opaque("").map_err(|error| Problem::internal(&error))?;
    let new = New {
        kind: ChannelKind::Telegram,
        name,
        account,
        credentials: Credentials::Telegram { token, webhook_secret },
        settings: ConnectionSettings { webhook: form.webhook, ..ConnectionSettings::default() },
    };
    connect(&hub, &caller, request, new).await
}

/// A number to connect.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatsappRequest {
    /// The number's id at Meta.
    phone_number_id: String,
    /// The `WhatsApp` Business Account its templates belong to.
    business_account_id: String,
    /// A permanent access token. Kept, and never shown again.
    access_token: String,
    /// What the team calls it; the number's verified name when absent.
    name: Option<String>,
}

/// Connects a `WhatsApp` number. A number that is connected already gets the new token.
#[utoipa::path(post, path = "/api/v1/channels/whatsapp", tag = "Channels", request_body = WhatsappRequest,
    responses((status = 201, description = "Connected; `state` says whether it works", body = Channel)))]
pub(crate) async fn whatsapp(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    Json(form): Json<WhatsappRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "channels.whatsapp", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let number = WhatsappNumber {
        phone_number_id: digits(&mut checks, "/phone_number_id", &form.phone_number_id),
        business_account_id: digits(&mut checks, "/business_account_id", &form.business_account_id),
        access_token: checks.text("/access_token", &form.access_token, 1000),
    };
    let name = form.name.as_deref().map(|name| checks.text("/name", name, 100));
    checks.done()?;
    let checked = hub.messengers()?.check_whatsapp(&number).await;
    let account = checked.map_err(|error| unusable(error, "/access_token"))?;
    let WhatsappNumber { business_account_id, access_token, .. } = number;
    let new = New {
        kind: ChannelKind::Whatsapp,
        name,
        account,
        credentials: Credentials::Whatsapp { access_token, business_account_id },
        settings: ConnectionSettings::default(),
    };
    connect(&hub, &caller, request, new).await
}

fn digits(checks: &mut Checks, pointer: &str, text: &str) -> String {
    let text = checks.text(pointer, text, 40);
    checks.that(
        text.chars().all(|char| char.is_ascii_digit()),
        pointer,
        "Use the id as Meta shows it: digits only.",
    );
    text
}

/// What the provider refuses is a field that is wrong.
fn unusable(error: MessengerError, pointer: &str) -> Problem {
    match error {
        MessengerError::Refused { detail, .. } => Problem::invalid(pointer, detail),
        other => refused(other),
    }
}

/// An account its provider has confirmed.
struct New {
    kind: ChannelKind,
    name: Option<String>,
    account: Account,
    credentials: Credentials,
    settings: ConnectionSettings,
}

/// Keeps the connection, then has messages flow. Where the provider will not have that, the connection stays,
/// paused, and says why.
async fn connect(
    hub: &HubState,
    caller: &Admin,
    request: crate::idempotency::Request,
    new: New,
) -> Result<Response> {
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    let kept = keep(&mut tx, now, caller, new).await?;
    tx.commit().await?;
    let attached = hub.messengers()?.attach(&kept).await;
    super::standing::refresh(hub, &kept).await?;
    let mut tx = hub.db.write(caller.creator).await?;
    let reason = attached.as_ref().err().map(ToString::to_string);
    let state = if reason.is_some() { ConnectionState::Paused } else { ConnectionState::Connected };
    connections::set_state(&mut tx, now, caller.creator, kept.channel_account_id, state, reason.as_deref())
        .await?;
    let detail = json!({ "kind": kept.kind, "handle": kept.handle, "works": reason.is_none() });
    note(hub, &mut tx, caller, "channel.connected", kept.channel_account_id, detail).await?;
    let (account, connection) = super::find(&mut tx, caller.creator, kept.channel_account_id).await?;
    request.commit(tx, now, StatusCode::CREATED, &Channel::new(account, Some(connection))).await
}

/// The connection as it is from now on: a new account, or the new token of one this creator has already.
async fn keep(tx: &mut Tx, now: DateTime<Utc>, caller: &Admin, new: New) -> Result<Connection> {
    let creator = caller.creator;
    let known = connections::list(tx, creator).await?.into_iter();
    let same = |old: &Connection| old.kind == new.kind && old.provider_id == new.account.provider_id;
    if let Some(old) = known.into_iter().find(same) {
        let id = old.channel_account_id;
        let settings = ConnectionSettings { webhook: new.settings.webhook, ..old.settings };
        connections::set_credentials(tx, now, creator, id, &new.account.handle, &new.credentials).await?;
        connections::set_settings(tx, creator, id, &settings).await?;
        return Ok(super::find(tx, creator, id).await?.1);
    }
    let connection = Connection {
        channel_account_id: add_account(tx, now, caller, &new).await?,
        creator_id: creator,
        kind: new.kind,
        provider_id: new.account.provider_id,
        handle: new.account.handle,
        credentials: new.credentials,
        settings: new.settings,
        state: ConnectionState::Connected,
        state_reason: None,
        next_update: 0,
        checked_at: now,
    };
    match connections::insert(tx, &connection).await {
        Ok(()) => Ok(connection),
        Err(StoreError::Conflict { .. }) => Err(Problem::conflict(
            "already_connected",
            "This account is connected to another creator here. Disconnect it there first.",
        )),
        Err(error) => Err(error.into()),
    }
}

async fn add_account(tx: &mut Tx, now: DateTime<Utc>, caller: &Admin, new: &New) -> Result<ChannelAccountId> {
    let account = ChannelAccount {
        id: ChannelAccountId::new(now),
        creator_id: caller.creator,
        kind: new.kind,
        name: new.name.clone().unwrap_or_else(|| new.account.name.chars().take(100).collect()),
        public_key: opaque("cxm_").map_err(|error| Problem::internal(&error))?,
        enabled: true,
        settings: WidgetSettings::default(),
        version: 1,
        created_at: now,
    };
    channel_accounts::insert(tx, &account).await?;
    Ok(account.id)
}
