//! Who is logged in.

use axum::extract::State;
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{creators, members};

use super::views::Me;
use crate::{HubState, auth::Listener};

/// The member behind this session and the creator they act for.
#[utoipa::path(get, path = "/api/v1/me", tag = "Account",
    responses((status = 200, description = "The member and their creator", body = Me)))]
pub(crate) async fn me(State(hub): State<HubState>, caller: Listener) -> Result<Json<Me>> {
    let member = caller.member().ok_or_else(|| Problem::forbidden("A key has no member behind it."))?;
    let mut tx = hub.db.read(caller.creator).await?;
    let member = members::get(&mut tx, caller.creator, member).await?;
    let creator = creators::get(&mut tx, caller.creator).await?;
    let (member, creator) = member.zip(creator).ok_or_else(Problem::unauthenticated)?;
    Ok(Json(Me { member: member.into(), creator: creator.into() }))
}
