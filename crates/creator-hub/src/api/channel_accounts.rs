//! Widgets on a creator's pages, as channel accounts. Messengers have their own endpoints, under channels.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, CreatorId,
    channel::{ChannelKind, WidgetSettings},
};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    channel_accounts,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    input::{Checks, Id, if_match, version_conflict},
    widget_settings::{WidgetSettingsPatch, check_bases},
};
use crate::{
    HubState,
    auth::{Admin, Reader, tokens::opaque},
    idempotency::Key,
};

const CHANGED: &str = "channel_account.changed";

/// A channel account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelAccount {
    /// Its id.
    id: ChannelAccountId,
    /// What kind of channel.
    kind: ChannelKind,
    /// What the team calls it.
    name: String,
    /// Names it in public; no secret.
    public_key: String,
    /// Whether clients may use it.
    enabled: bool,
    /// How it looks and where it may appear.
    settings: WidgetSettings,
    /// For `If-Match`.
    version: i64,
    /// The line to copy into the page.
    snippet: String,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Where browsers reach us: as configured, else as this request did.
fn origin(hub: &HubState, headers: &HeaderMap) -> String {
    if let Some(url) = &hub.public_url {
        return url.to_string();
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text("x-forwarded-host").or(text(header::HOST.as_str())).unwrap_or("localhost");
    let host: String =
        host.chars().filter(|char| char.is_ascii_alphanumeric() || ".-:[]".contains(*char)).collect();
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{host}")
}

fn view(account: channel_accounts::ChannelAccount, origin: &str) -> ChannelAccount {
    let snippet = format!(
        "<script async src=\"{origin}/w/loader.js\" data-widget-key=\"{}\"></script>",
        account.public_key
    );
    ChannelAccount {
        id: account.id,
        kind: account.kind,
        name: account.name,
        public_key: account.public_key,
        enabled: account.enabled,
        settings: account.settings,
        version: account.version,
        snippet,
        created_at: account.created_at,
    }
}

/// The widgets, the newest first. A page may hold fewer than asked for.
#[utoipa::path(get, path = "/api/v1/channel-accounts", tag = "Channels", params(PageQuery),
    responses((status = 200, description = "Channel accounts", body = PageOf<ChannelAccount>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
    headers: HeaderMap,
) -> Result<Json<PageOf<ChannelAccount>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let mut listed = channel_accounts::list(&mut tx, caller.creator, query.page()?).await?;
    listed.items.retain(|account| account.kind == ChannelKind::Widget);
    let origin = origin(&hub, &headers);
    Ok(Json(listed.map(|account| view(account, &origin)).into()))
}

/// One channel account.
#[utoipa::path(get, path = "/api/v1/channel-accounts/{id}", tag = "Channels",
    params(("id" = ChannelAccountId, Path)),
    responses((status = 200, description = "The channel account", body = ChannelAccount)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
    headers: HeaderMap,
) -> Result<Json<ChannelAccount>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let account = find(&mut tx, caller.creator, id).await?;
    Ok(Json(view(account, &origin(&hub, &headers))))
}

/// A new channel account.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelAccountRequest {
    /// What kind of channel.
    kind: ChannelKind,
    /// What the team calls it.
    name: String,
    /// How it looks and where it may appear; sensible defaults for what is absent.
    #[serde(default)]
    settings: WidgetSettingsPatch,
}

/// Makes a channel account, switched on. Until it has an allowed origin it shows nowhere.
#[utoipa::path(post, path = "/api/v1/channel-accounts", tag = "Channels", request_body = ChannelAccountRequest,
    responses((status = 201, description = "Made", body = ChannelAccount)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    headers: HeaderMap,
    Json(form): Json<ChannelAccountRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "channel_accounts.create", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    checks.that(form.kind == ChannelKind::Widget, "/kind", "Connect a messenger under /api/v1/channels.");
    let name = checks.text("/name", &form.name, 100);
    let settings = form.settings.onto(&mut checks, WidgetSettings::default());
    checks.done()?;
    let now = hub.clock.now();
    let account = channel_accounts::ChannelAccount {
        id: ChannelAccountId::new(now),
        creator_id: caller.creator,
        kind: form.kind,
        name,
        public_key: opaque("cxw_").map_err(|error| Problem::internal(&error))?,
        enabled: true,
        settings,
        version: 1,
        created_at: now,
    };
    let mut tx = hub.db.write(caller.creator).await?;
    check_bases(&mut tx, caller.creator, &account.settings).await?;
    channel_accounts::insert(&mut tx, &account).await?;
    note(&hub, &mut tx, &caller, "channel_account.created", account.id, json!({ "name": account.name }))
        .await?;
    request.commit(tx, now, StatusCode::CREATED, &view(account, &origin(&hub, &headers))).await
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelAccountPatch {
    /// What the team calls it.
    name: Option<String>,
    /// Whether clients may use it. Takes effect at once.
    enabled: Option<bool>,
    /// How it looks and where it may appear.
    #[serde(default)]
    settings: WidgetSettingsPatch,
}

/// Changes a channel account.
#[utoipa::path(patch, path = "/api/v1/channel-accounts/{id}", tag = "Channels",
    params(("id" = ChannelAccountId, Path),
        ("If-Match" = Option<String>, Header, description = "The version the change is based on")),
    request_body = ChannelAccountPatch, responses((status = 200, description = "Changed", body = ChannelAccount)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
    headers: HeaderMap,
    Json(patch): Json<ChannelAccountPatch>,
) -> Result<Json<ChannelAccount>> {
    let expected = if_match(&headers)?;
    let creator = caller.creator;
    let mut tx = hub.db.write(creator).await?;
    let mut account = find(&mut tx, creator, id).await?;
    expected.check(&mut tx, creator, account.version, (CHANGED, Some(&id.to_string()))).await?;
    let mut checks = Checks::default();
    if let Some(name) = &patch.name {
        account.name = checks.text("/name", name, 100);
    }
    account.enabled = patch.enabled.unwrap_or(account.enabled);
    account.settings = patch.settings.onto(&mut checks, account.settings);
    checks.done()?;
    check_bases(&mut tx, creator, &account.settings).await?;
    let account =
        channel_accounts::update(&mut tx, creator, &account).await?.ok_or_else(|| version_conflict(None))?;
    note(&hub, &mut tx, &caller, CHANGED, id, json!({ "enabled": patch.enabled })).await?;
    tx.commit().await?;
    Ok(Json(view(account, &origin(&hub, &headers))))
}

/// Deletes a channel account with its sessions; its conversations stay. Takes effect at once.
#[utoipa::path(delete, path = "/api/v1/channel-accounts/{id}", tag = "Channels",
    params(("id" = ChannelAccountId, Path)), responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    let account = find(&mut tx, caller.creator, id).await?;
    channel_accounts::delete(&mut tx, caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "channel_account.deleted", id, json!({ "name": account.name })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes in the audit log what was done to a widget.
pub(super) async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Admin,
    action: &'static str,
    id: ChannelAccountId,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}

/// A widget of a creator.
pub(super) async fn find(
    tx: &mut Tx,
    creator: CreatorId,
    id: ChannelAccountId,
) -> Result<channel_accounts::ChannelAccount> {
    let found = channel_accounts::get(tx, creator, id).await?;
    found
        .filter(|account| account.kind == ChannelKind::Widget)
        .ok_or_else(|| Problem::not_found("channel account"))
}
