//! Sessions: issued at log-in, renewed by a refresh token that works once.

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{CreatorId, MemberId, SessionId};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, Actor, NewEntry},
    creators,
    members::{self, Member},
    sessions::{self, Session},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{cookies, tokens};
use crate::{
    HubState,
    api::views::{CreatorView, MemberView},
};

/// For this long a spent refresh token still buys a session: two tabs of one browser that wake up
/// together both send the same one, and the loser must not be logged out. Somebody who stole the token
/// gains nothing from it that the first use would not have given; after it, a second use ends the family.
pub(crate) const TWO_TABS: Duration = Duration::seconds(10);

/// A session: also set as cookies.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Signed token for `Authorization: Bearer`, for ten minutes.
    pub(crate) access_token: String,
    /// Buys the next session, once, within thirty days.
    pub(crate) refresh_token: String,
    /// When the access token ends.
    pub(crate) expires_at: DateTime<Utc>,
    /// Who is logged in.
    pub(crate) member: MemberView,
    /// For whom they act.
    pub(crate) creator: CreatorView,
}

/// What endpoints answer that begin or renew a session.
pub(crate) type Issued = (StatusCode, HeaderMap, Json<SessionView>);

/// Issues the next tokens of a log-in, in the transaction that allows it.
pub(crate) async fn issue(
    hub: &HubState,
    tx: &mut Tx,
    creator: CreatorId,
    member: &Member,
    family: Uuid,
) -> Result<SessionView> {
    let now = hub.clock.now();
    let refresh_token = tokens::opaque("cxr_").map_err(|error| Problem::internal(&error))?;
    let session = Session {
        id: SessionId::new(now),
        creator_id: creator,
        member_id: member.id,
        family_id: family,
        created_at: now,
        expires_at: now + tokens::REFRESH,
        spent_at: None,
        revoked_at: None,
    };
    sessions::insert(tx, &session, &tokens::hash(&refresh_token)).await?;
    let (access_token, expires_at) =
        hub.keys.issue(now, member.id, family).map_err(|error| Problem::internal(&error))?;
    let creator = creators::get(tx, creator).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(SessionView {
        access_token,
        refresh_token,
        expires_at,
        member: member.clone().into(),
        creator: creator.into(),
    })
}

/// The answer that carries a session.
pub(crate) fn answer(status: StatusCode, request: &HeaderMap, session: SessionView) -> Issued {
    let cookies = cookies::issue(request, Some((&session.access_token, &session.refresh_token)));
    (status, cookies, Json(session))
}

/// Exchanges a refresh token for the next session.
pub(crate) async fn renew(hub: &HubState, token: &str) -> Result<SessionView> {
    let now = hub.clock.now();
    let mut tx = hub.db.system().await?;
    let Some(old) = sessions::by_hash(&mut tx, &tokens::hash(token)).await? else {
        return Err(Problem::unauthenticated());
    };
    if old.revoked_at.is_some() || old.expires_at <= now {
        return Err(Problem::unauthenticated());
    }
    if !sessions::spend(&mut tx, now, old.id).await? && !just_spent(&mut tx, now, token).await? {
        sessions::revoke_family(&mut tx, now, old.family_id).await?;
        note(&mut tx, now, old.creator_id, old.member_id, "session.reuse_detected").await?;
        tx.commit().await?;
        hub.callers.forget();
        return Err(Problem::unauthenticated());
    }
    let member = members::get(&mut tx, old.creator_id, old.member_id)
        .await?
        .filter(|member| member.disabled_at.is_none())
        .ok_or_else(Problem::unauthenticated)?;
    let session = issue(hub, &mut tx, old.creator_id, &member, old.family_id).await?;
    tx.commit().await?;
    Ok(session)
}

/// Whether a token that could not be spent was spent a moment ago. Read again: another tab may have
/// been faster since the first look.
async fn just_spent(tx: &mut Tx, now: DateTime<Utc>, token: &str) -> Result<bool> {
    let seen = sessions::by_hash(tx, &tokens::hash(token)).await?;
    Ok(seen.is_some_and(|seen| {
        seen.revoked_at.is_none() && seen.spent_at.is_some_and(|spent| now < spent + TWO_TABS)
    }))
}

/// Ends the log-in a refresh token belongs to. An unknown token ends nothing.
pub(crate) async fn end(hub: &HubState, token: &str) -> Result<()> {
    let now = hub.clock.now();
    let mut tx = hub.db.system().await?;
    if let Some(session) = sessions::by_hash(&mut tx, &tokens::hash(token)).await?
        && sessions::revoke_family(&mut tx, now, session.family_id).await? > 0
    {
        note(&mut tx, now, session.creator_id, session.member_id, "session.logged_out").await?;
        tx.commit().await?;
        hub.callers.forget();
    }
    Ok(())
}

/// Notes what happened to a member's session.
pub(crate) async fn note(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    member: MemberId,
    action: &'static str,
) -> Result<()> {
    let name = members::get(tx, creator, member).await?.map(|member| member.name);
    let actor = Actor { kind: "member", id: Some(member.0), name };
    let entry = NewEntry { actor: &actor, action, subject: Some(member.to_string()), detail: json!({}) };
    Ok(audit::record(tx, now, creator, entry).await?)
}
