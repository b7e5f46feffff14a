//! What a POST answered, so that its repeat under the same `Idempotency-Key` answers the same.

use chrono::{DateTime, Utc};
use coxswain_domain::CreatorId;

use crate::{Result, Tx};

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// SHA-256 of the request it answered: another request under the same key is a mistake.
    pub request_hash: Vec<u8>,
    /// Its HTTP status.
    pub status: u16,
    /// Its JSON body.
    pub body: Vec<u8>,
}

/// The answer given under this key before, if one was.
pub async fn get(tx: &mut Tx, creator: CreatorId, endpoint: &str, key: &str) -> Result<Option<Answer>> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>, i64, Vec<u8>),
        "SELECT request_hash, status, body FROM idempotency_keys WHERE creator_id = $1 AND endpoint = $2 AND key = $3",
        creator,
        endpoint,
        key,
    )?;
    Ok(row.map(|(request_hash, status, body)| Answer {
        request_hash,
        status: u16::try_from(status).unwrap_or(500),
        body,
    }))
}

/// Keeps an answer, in the transaction that did what it tells of. False: a concurrent repeat was
/// faster, so this transaction must be dropped and the other's answer given.
pub async fn keep(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    endpoint: &str,
    key: &str,
    answer: &Answer,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO idempotency_keys (creator_id, endpoint, key, request_hash, status, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        creator,
        endpoint,
        key,
        &answer.request_hash,
        i64::from(answer.status),
        &answer.body,
        now,
    )?;
    Ok(touched == 1)
}

/// Forgets a creator's answers given before `before`.
pub async fn prune(tx: &mut Tx, creator: CreatorId, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM idempotency_keys WHERE creator_id = $1 AND created_at < $2", creator, before)
}
