//! Sessions: one row per refresh token; the tokens of one log-in form a family.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, MemberId, SessionId};
use uuid::Uuid;

use crate::{Result, Tx};

/// A refresh token as it is kept: never itself, only its SHA-256.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The creator it was issued for.
    pub creator_id: CreatorId,
    /// The member it was issued to.
    pub member_id: MemberId,
    /// The log-in it descends from.
    pub family_id: Uuid,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// From when it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// When it was exchanged for its successor.
    pub spent_at: Option<DateTime<Utc>>,
    /// When its family was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Adds a token.
pub async fn insert(tx: &mut Tx, new: &Session, token_hash: &[u8]) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sessions (id, creator_id, member_id, family_id, token_hash, created_at, expires_at, spent_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        new.creator_id,
        new.member_id,
        new.family_id,
        token_hash,
        new.created_at,
        new.expires_at,
        new.spent_at,
        new.revoked_at,
    )?;
    Ok(())
}

/// Finds a token by its hash. System transaction.
pub async fn by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Session>> {
    fetch_optional!(
        tx,
        Session,
        "SELECT id, creator_id, member_id, family_id, created_at, expires_at, spent_at, revoked_at FROM sessions
         WHERE token_hash = $1",
        token_hash,
    )
}

/// Spends a token. False: it was spent or ended already.
pub async fn spend(tx: &mut Tx, now: DateTime<Utc>, id: SessionId) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE sessions SET spent_at = $1 WHERE id = $2 AND spent_at IS NULL AND revoked_at IS NULL",
        now,
        id,
    )?;
    Ok(touched == 1)
}

/// Ends a log-in: none of its tokens works any more. The number of tokens that still did.
pub async fn revoke_family(tx: &mut Tx, now: DateTime<Utc>, family: Uuid) -> Result<u64> {
    execute!(
        tx,
        "UPDATE sessions SET revoked_at = $1 WHERE family_id = $2 AND revoked_at IS NULL",
        now,
        family,
    )
}

/// Ends every log-in of a member.
pub async fn revoke_member(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    member: MemberId,
) -> Result<u64> {
    execute!(
        tx,
        "UPDATE sessions SET revoked_at = $1 WHERE creator_id = $2 AND member_id = $3 AND revoked_at IS NULL",
        now,
        creator,
        member,
    )
}

/// Whether a log-in lasts: it was not ended, and one of its tokens is not over. System transaction.
pub async fn lasts(tx: &mut Tx, now: DateTime<Utc>, family: Uuid) -> Result<bool> {
    let found = fetch_optional!(
        tx,
        (SessionId,),
        "SELECT id FROM sessions WHERE family_id = $1 AND revoked_at IS NULL AND expires_at > $2 LIMIT 1",
        family,
        now,
    )?;
    Ok(found.is_some())
}

/// Forgets tokens that expired before `before`. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM sessions WHERE expires_at < $1", before)
}
