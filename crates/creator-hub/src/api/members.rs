//! The team.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{MemberId, account::Role};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    members::{self, Member},
    sessions,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    auth::{email, email_taken, password},
    input::{Checks, Id},
    views::MemberView,
};
use crate::{HubState, auth::Admin, idempotency::Key};

/// Everybody on the team.
#[utoipa::path(get, path = "/api/v1/members", tag = "Team", params(PageQuery),
    responses((status = 200, description = "Members", body = PageOf<MemberView>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Admin,
    query: PageQuery,
) -> Result<Json<PageOf<MemberView>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = members::list(&mut tx, caller.creator, query.page()?).await?;
    Ok(Json(listed.map(MemberView::from).into()))
}

/// A new member. There is no mail yet, so whoever adds them also tells them their first password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberRequest {
    /// Their address.
    email: String,
    /// What they are called.
    name: String,
    /// What they may do; at most what you may.
    role: Role,
    /// Their first password, at least 12 characters.
    password: String,
}

/// Adds a member.
#[utoipa::path(post, path = "/api/v1/members", tag = "Team", request_body = MemberRequest,
    responses((status = 201, description = "Added", body = MemberView)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Admin,
    key: Key,
    Json(form): Json<MemberRequest>,
) -> Result<Response> {
    let mut checks = Checks::default();
    let email = email(&mut checks, &form.email);
    password(&mut checks, &form.password);
    let name = checks.text("/name", &form.name, 100);
    checks.done()?;
    at_most_own(&caller, form.role)?;
    let request = key.request(caller.creator, "members.create", &(&email, &name, form.role))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let password_hash = hub.passwords.hash(form.password).await?;
    let now = hub.clock.now();
    let member =
        Member { id: MemberId::new(now), email, name, role: form.role, created_at: now, disabled_at: None };
    let mut tx = hub.db.write(caller.creator).await?;
    if !members::insert(&mut tx, caller.creator, &member, &password_hash).await? {
        return Err(email_taken());
    }
    note(&hub, &mut tx, &caller, "member.created", &member, json!({ "role": member.role })).await?;
    request.commit(tx, now, StatusCode::CREATED, &MemberView::from(member)).await
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPatch {
    /// What they may do; at most what you may.
    role: Option<Role>,
    /// What they are called.
    name: Option<String>,
    /// Whether they are kept from logging in. Takes effect at once.
    disabled: Option<bool>,
}

/// Changes a member. The last owner who can log in stays one.
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "Team", params(("id" = MemberId, Path)),
    request_body = MemberPatch, responses((status = 200, description = "Changed", body = MemberView)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<MemberId>,
    Json(patch): Json<MemberPatch>,
) -> Result<Json<MemberView>> {
    let mut tx = hub.db.write(caller.creator).await?;
    let mut member = find(&mut tx, &caller, id).await?;
    let mut checks = Checks::default();
    if let Some(name) = &patch.name {
        member.name = checks.text("/name", name, 100);
    }
    checks.done()?;
    let was_owner = member.role == Role::Owner && member.disabled_at.is_none();
    at_most_own(&caller, member.role)?;
    if let Some(role) = patch.role {
        at_most_own(&caller, role)?;
        member.role = role;
    }
    let now = hub.clock.now();
    match patch.disabled {
        Some(true) => member.disabled_at = Some(member.disabled_at.unwrap_or(now)),
        Some(false) => member.disabled_at = None,
        None => {}
    }
    if was_owner && (member.role != Role::Owner || member.disabled_at.is_some()) {
        keep_an_owner(&mut tx, &caller).await?;
    }
    members::update(&mut tx, caller.creator, &member).await?;
    if patch.disabled == Some(true) {
        sessions::revoke_member(&mut tx, now, caller.creator, id).await?;
    }
    let detail = json!({ "role": patch.role, "renamed": patch.name.is_some(), "disabled": patch.disabled });
    note(&hub, &mut tx, &caller, "member.changed", &member, detail).await?;
    tx.commit().await?;
    hub.callers.forget();
    Ok(Json(member.into()))
}

/// Takes a member off the team. Takes effect at once. The last owner stays.
#[utoipa::path(delete, path = "/api/v1/members/{id}", tag = "Team", params(("id" = MemberId, Path)),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<MemberId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.write(caller.creator).await?;
    let member = find(&mut tx, &caller, id).await?;
    at_most_own(&caller, member.role)?;
    if member.role == Role::Owner && member.disabled_at.is_none() {
        keep_an_owner(&mut tx, &caller).await?;
    }
    members::delete(&mut tx, caller.creator, id).await?;
    note(&hub, &mut tx, &caller, "member.removed", &member, json!({ "email": member.email })).await?;
    tx.commit().await?;
    hub.callers.forget();
    Ok(StatusCode::NO_CONTENT)
}

async fn find(tx: &mut Tx, caller: &Admin, id: MemberId) -> Result<Member> {
    members::get(tx, caller.creator, id).await?.ok_or_else(|| Problem::not_found("member"))
}

/// Nobody hands out, changes or takes away more than they have.
fn at_most_own(caller: &Admin, role: Role) -> Result<()> {
    if caller.role().covers(role) {
        return Ok(());
    }
    Err(Problem::forbidden(format!("Only an {} may do this to an {}.", role.name(), role.name())))
}

/// Refuses to lose the last owner who can log in.
async fn keep_an_owner(tx: &mut Tx, caller: &Admin) -> Result<()> {
    if members::owners(tx, caller.creator).await? > 1 {
        return Ok(());
    }
    Err(Problem::conflict("last_owner", "This is the last owner. Make somebody else an owner first."))
}

async fn note(
    hub: &HubState,
    tx: &mut Tx,
    caller: &Admin,
    action: &'static str,
    member: &Member,
    detail: Value,
) -> Result<()> {
    let entry = NewEntry { actor: &caller.actor, action, subject: Some(member.id.to_string()), detail };
    Ok(audit::record(tx, hub.clock.now(), caller.creator, entry).await?)
}
