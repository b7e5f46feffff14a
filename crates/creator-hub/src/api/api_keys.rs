//! API keys.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use coxswain_domain::ApiKeyId;
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    api_keys::{self, ApiKey},
    audit::{self, NewEntry},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::input::{Checks, Id};
use crate::{
    HubState,
    auth::{
        Admin, Scope,
        caller::KEY_PREFIX,
        tokens::{hash, opaque},
    },
};

/// Characters of a key that are kept to tell it from others.
const SHOWN: usize = 10;

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyView {
    /// Its id.
    id: ApiKeyId,
    /// What it is for.
    name: String,
    /// Its first characters.
    prefix: String,
    /// What it may be used for.
    scopes: Vec<Scope>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last used, to within a minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.iter().filter_map(|name| Scope::from_name(name)).collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The keys that work.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "Keys", params(PageQuery),
    responses((status = 200, description = "Keys", body = PageOf<ApiKeyView>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Admin,
    query: PageQuery,
) -> Result<Json<PageOf<ApiKeyView>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = api_keys::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(ApiKeyView::from).into()))
}

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyRequest {
    /// What it is for.
    name: String,
    /// What it may be used for.
    scopes: Vec<Scope>,
}

/// A new key with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewApiKey {
    /// The key.
    key: ApiKeyView,
    /// What to send as bearer token. It cannot be shown again.
    secret: String,
}

/// Makes a key. `Idempotency-Key` is not honoured here: a repeat could not show the secret again,
/// because it is not kept.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "Keys", request_body = ApiKeyRequest,
    responses((status = 201, description = "Made", body = NewApiKey)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Admin,
    Json(form): Json<ApiKeyRequest>,
) -> Result<(StatusCode, Json<NewApiKey>)> {
    let mut checks = Checks::default();
    let name = checks.text("/name", &form.name, 100);
    checks.that(!form.scopes.is_empty(), "/scopes", "Name at least one scope.");
    checks.done()?;
    let now = hub.clock.now();
    let secret = opaque(KEY_PREFIX).map_err(|error| Problem::internal(&error))?;
    let mut scopes: Vec<String> = form.scopes.iter().map(|scope| scope.name().to_owned()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let key = ApiKey {
        id: ApiKeyId::new(now),
        name,
        prefix: secret.chars().take(SHOWN).collect(),
        scopes,
        created_by: caller.member(),
        created_at: now,
        last_used_at: None,
    };
    let mut tx = hub.db.write(caller.creator).await?;
    api_keys::insert(&mut tx, caller.creator, &key, &hash(&secret)).await?;
    let entry = NewEntry {
        actor: &caller.actor,
        action: "api_key.created",
        subject: Some(key.id.to_string()),
        detail: json!({ "name": key.name, "scopes": key.scopes }),
    };
    audit::record(&mut tx, now, caller.creator, entry).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(NewApiKey { key: key.into(), secret })))
}

/// Ends a key. Takes effect at once.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "Keys", params(("id" = ApiKeyId, Path)),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn revoke(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode> {
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    let name =
        api_keys::revoke(&mut tx, now, caller.creator, id).await?.ok_or_else(|| Problem::not_found("key"))?;
    let entry = NewEntry {
        actor: &caller.actor,
        action: "api_key.revoked",
        subject: Some(id.to_string()),
        detail: json!({ "name": name }),
    };
    audit::record(&mut tx, now, caller.creator, entry).await?;
    tx.commit().await?;
    hub.callers.forget();
    Ok(StatusCode::NO_CONTENT)
}
