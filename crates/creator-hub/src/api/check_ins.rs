//! Check-ins: what a creator asks clients who agreed to it, on which days and at which local time.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, Utc};
use coxswain_domain::{
    CheckInId, CreatorId,
    schedule::{LocalTime, Weekday, Weekdays},
};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    check_ins::{self, NewCheckIn},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::input::{Checks, Id, if_match, version_conflict};
use crate::{
    HubState,
    auth::{Editor, Reader},
    idempotency::Key,
};

const CHANGED: &str = "check_in.changed";

/// A check-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckIn {
    /// Its id.
    id: CheckInId,
    /// What the client reads.
    text: String,
    /// On which days.
    weekdays: Vec<Weekday>,
    /// When, `HH:MM` by the client's own clock.
    local_time: String,
    /// Whether it is sent at all.
    enabled: bool,
    /// How many clients it will reach next.
    clients: i64,
    /// When it is due next, for the first of them.
    next_due_at: Option<DateTime<Utc>>,
    /// For `If-Match`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<check_ins::CheckIn> for CheckIn {
    fn from(check_in: check_ins::CheckIn) -> Self {
        Self {
            id: check_in.id,
            text: check_in.content.text,
            weekdays: check_in.content.weekdays.into(),
            local_time: check_in.content.local_time.into(),
            enabled: check_in.content.enabled,
            clients: check_in.clients,
            next_due_at: check_in.next_due_at,
            version: check_in.version,
            created_at: check_in.created_at,
        }
    }
}

/// The check-ins, the newest first.
#[utoipa::path(get, path = "/api/v1/check-ins", tag = "Check-ins", params(PageQuery),
    responses((status = 200, description = "Check-ins", body = PageOf<CheckIn>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
) -> Result<Json<PageOf<CheckIn>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = check_ins::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(CheckIn::from).into()))
}

/// One check-in.
#[utoipa::path(get, path = "/api/v1/check-ins/{id}", tag = "Check-ins", params(("id" = CheckInId, Path)),
    responses((status = 200, description = "The check-in", body = CheckIn)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<CheckInId>,
) -> Result<Json<CheckIn>> {
    let mut tx = hub.db.read(caller.creator).await?;
    Ok(Json(find(&mut tx, caller.creator, id).await?.into()))
}

/// A new check-in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckInRequest {
    /// What the client reads.
    text: String,
    /// On which days; at least one.
    weekdays: Vec<Weekday>,
    /// When, `HH:MM` by the client's own clock.
    local_time: String,
    /// Whether it is sent; yes when absent.
    enabled: Option<bool>,
}

/// Makes a check-in. It goes to clients who agreed to check-ins, through the gate.
#[utoipa::path(post, path = "/api/v1/check-ins", tag = "Check-ins", request_body = CheckInRequest,
    responses((status = 201, description = "Made", body = CheckIn)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Editor,
    key: Key,
    Json(form): Json<CheckInRequest>,
) -> Result<Response> {
    let creator = caller.creator;
    let request = key.request(creator, "check_ins.create", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let text = checks.text("/text", &form.text, 1000);
    let weekdays = days(&mut checks, &form.weekdays);
    let local_time = time(&form.local_time)?;
    checks.done()?;
    let new = NewCheckIn { text, weekdays, local_time, enabled: form.enabled.unwrap_or(true) };
    let now = hub.clock.now();
    let mut tx = hub.db.write(creator).await?;
    let id = check_ins::insert(&mut tx, now, creator, &new).await?;
    note(&hub, &mut tx, &caller, "check_in.created", id).await?;
    let made: CheckIn = find(&mut tx, creator, id).await?.into();
    let answer = request.commit(tx, now, StatusCode::CREATED, &made).await?;
    hub.live.reschedule();
    Ok(answer)
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckInPatch {
    /// What the client reads.
    text: Option<String>,
    /// On which days; at least one.
    weekdays: Option<Vec<Weekday>>,
    /// When, `HH:MM` by the client's own clock.
    local_time: Option<String>,
    /// Whether it is sent at all. Takes effect at once.
    enabled: Option<bool>,
}

/// Changes a check-in. What lies ahead is planned anew.
#[utoipa::path(patch, path = "/api/v1/check-ins/{id}", tag = "Check-ins",
    params(("id" = CheckInId, Path),
        ("If-Match" = Option<String>, Header, description = "The version the change is based on")),
    request_body = CheckInPatch, responses((status = 200, description = "Changed", body = CheckIn)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<CheckInId>,
    headers: HeaderMap,
    Json(patch): Json<CheckInPatch>,
) -> Result<Json<CheckIn>> {
    let expected = if_match(&headers)?;
    let creator = caller.creator;
    let mut tx = hub.db.write(creator).await?;
    let old = find(&mut tx, creator, id).await?;
    expected.check(&mut tx, creator, old.version, (CHANGED, Some(&id.to_string()))).await?;
    let mut checks = Checks::default();
    let mut new = old.content;
    if let Some(text) = &patch.text {
        new.text = checks.text("/text", text, 1000);
    }
    if let Some(weekdays) = &patch.weekdays {
        new.weekdays = days(&mut checks, weekdays);
    }
    if let Some(local_time) = &patch.local_time {
        new.local_time = time(local_time)?;
    }
    checks.done()?;
    new.enabled = patch.enabled.unwrap_or(new.enabled);
    if !check_ins::update(&mut tx, hub.clock.now(), creator, id, old.version, &new).await? {
        return Err(version_conflict(None));
    }
    note(&hub, &mut tx, &caller, CHANGED, id).await?;
    let changed = find(&mut tx, creator, id).await?.into();
    tx.commit().await?;
    hub.live.reschedule();
    Ok(Json(changed))
}

/// Deletes a check-in and what it had planned; its decisions stay.
#[utoipa::path(delete, path = "/api/v1/check-ins/{id}", tag = "Check-ins", params(("id" = CheckInId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<CheckInId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    if !check_ins::delete(&mut tx, caller.creator, id).await? {
        return Err(missing());
    }
    note(&hub, &mut tx, &caller, "check_in.deleted", id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(tx: &mut Tx, creator: CreatorId, id: CheckInId) -> Result<check_ins::CheckIn> {
    check_ins::get(tx, creator, id).await?.ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::not_found("check-in")
}

fn days(checks: &mut Checks, days: &[Weekday]) -> Weekdays {
    checks.that(!days.is_empty(), "/weekdays", "Choose at least one day.");
    days.iter().copied().collect()
}

fn time(text: &str) -> Result<LocalTime> {
    text.parse().map_err(|_| Problem::invalid("/local_time", "Use a time as in 09:00."))
}

async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Editor,
    action: &'static str,
    id: CheckInId,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(id.to_string()), detail: json!({}) };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}
