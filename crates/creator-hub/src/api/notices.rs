//! What a member wants to be told of by mail.

use axum::extract::State;
use coxswain_domain::MemberId;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::notices;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{HubState, auth::Listener};

/// What the member is told of by mail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notices {
    /// That a client wants a person. Owners are, until they say otherwise.
    human_wanted: bool,
    /// Whether this server can send mail at all.
    mail: bool,
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticesPatch {
    /// Mail me when a client wants a person.
    human_wanted: Option<bool>,
}

/// What you are told of by mail.
#[utoipa::path(get, path = "/api/v1/me/notices", tag = "Account",
    responses((status = 200, description = "The choices", body = Notices)))]
pub(crate) async fn get(State(hub): State<HubState>, caller: Listener) -> Result<Json<Notices>> {
    let member = member(&caller)?;
    let mut tx = hub.db.read(caller.creator).await?;
    let wants = notices::wants(&mut tx, caller.creator, member).await?;
    let human_wanted = wants.ok_or_else(Problem::unauthenticated)?;
    Ok(Json(Notices { human_wanted, mail: hub.mails }))
}

/// Changes what you are told of by mail.
#[utoipa::path(patch, path = "/api/v1/me/notices", tag = "Account", request_body = NoticesPatch,
    responses((status = 200, description = "Changed", body = Notices)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Listener,
    Json(patch): Json<NoticesPatch>,
) -> Result<Json<Notices>> {
    let member = member(&caller)?;
    let mut tx = hub.db.write(caller.creator).await?;
    if let Some(wanted) = patch.human_wanted {
        notices::choose(&mut tx, caller.creator, member, wanted).await?;
    }
    let wants = notices::wants(&mut tx, caller.creator, member).await?;
    let human_wanted = wants.ok_or_else(Problem::unauthenticated)?;
    tx.commit().await?;
    Ok(Json(Notices { human_wanted, mail: hub.mails }))
}

fn member(caller: &Listener) -> Result<MemberId> {
    caller.member().ok_or_else(|| Problem::forbidden("A key has no member behind it."))
}
