//! Failed log-ins, counted by address and by network, so that guessing gets slow.

use chrono::{DateTime, Duration, Utc};

use crate::{Result, Tx};

/// How much guessing is borne.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Failures in one window after which the subject has to wait.
    pub failures: i64,
    /// How long failures are counted together.
    pub window: Duration,
    /// How long the subject has to wait then.
    pub block: Duration,
}

/// Until when a subject has to wait, if it has to. System transaction.
pub async fn blocked_until(tx: &mut Tx, now: DateTime<Utc>, subject: &str) -> Result<Option<DateTime<Utc>>> {
    let row = fetch_optional!(
        tx,
        (DateTime<Utc>,),
        "SELECT blocked_until FROM login_throttle WHERE subject = $1 AND blocked_until > $2",
        subject,
        now,
    )?;
    Ok(row.map(|(until,)| until))
}

/// Counts a failure; until when the subject has to wait now, if it has to. System transaction.
pub async fn failed(
    tx: &mut Tx,
    now: DateTime<Utc>,
    subject: &str,
    policy: Policy,
) -> Result<Option<DateTime<Utc>>> {
    let (failures,) = fetch_one!(
        tx,
        (i64,),
        "INSERT INTO login_throttle (subject, failures, window_started_at) VALUES ($1, 1, $2)
         ON CONFLICT (subject) DO UPDATE SET
           failures = CASE WHEN login_throttle.window_started_at <= $3 THEN 1 ELSE login_throttle.failures + 1 END,
           window_started_at = CASE WHEN login_throttle.window_started_at <= $3 THEN excluded.window_started_at
                                    ELSE login_throttle.window_started_at END
         RETURNING failures",
        subject,
        now,
        now - policy.window,
    )?;
    if failures < policy.failures {
        return Ok(None);
    }
    let until = now + policy.block;
    execute!(tx, "UPDATE login_throttle SET blocked_until = $1 WHERE subject = $2", until, subject)?;
    Ok(Some(until))
}

/// Forgets a subject's failures. System transaction.
pub async fn clear(tx: &mut Tx, subject: &str) -> Result<()> {
    execute!(tx, "DELETE FROM login_throttle WHERE subject = $1", subject)?;
    Ok(())
}

/// Takes one counted try back: it was none. System transaction.
pub async fn forgive(tx: &mut Tx, subject: &str) -> Result<()> {
    execute!(
        tx,
        "UPDATE login_throttle SET failures = failures - 1, blocked_until = NULL WHERE subject = $1 AND failures > 0",
        subject,
    )?;
    Ok(())
}

/// Forgets windows that began before `before`. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        "DELETE FROM login_throttle WHERE window_started_at < $1 AND (blocked_until IS NULL OR blocked_until < $1)",
        before,
    )
}
