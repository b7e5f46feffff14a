//! Who did what.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::AuditId;
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::input::Params;
use crate::{HubState, auth::Admin};

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditActor {
    /// `member`, `api_key`, `system` or `anonymous`.
    kind: String,
    /// The member or the key.
    id: Option<Uuid>,
    /// What it was called then.
    name: Option<String>,
}

/// One thing that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its id.
    id: AuditId,
    /// When.
    at: DateTime<Utc>,
    /// By whom.
    actor: AuditActor,
    /// What, as in `member.created`.
    action: String,
    /// To what.
    subject: Option<String>,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    detail: Value,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        let actor = AuditActor { kind: entry.actor_kind, id: entry.actor_id, name: entry.actor_name };
        Self {
            id: entry.id,
            at: entry.at,
            actor,
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
        }
    }
}

/// What part of the log is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only what this member or key did.
    actor: Option<Uuid>,
    /// Only actions that begin with this, as in `member.`.
    action: Option<String>,
}

/// The log, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "Team", params(PageQuery, AuditQuery),
    responses((status = 200, description = "The log", body = PageOf<AuditEntry>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Admin,
    query: PageQuery,
    Params(filter): Params<AuditQuery>,
) -> Result<Json<PageOf<AuditEntry>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let action = filter.action.as_deref();
    let listed = audit::list(&mut tx, caller.creator, filter.actor, action, query.page()?).await?;
    Ok(Json(listed.map(AuditEntry::from).into()))
}
