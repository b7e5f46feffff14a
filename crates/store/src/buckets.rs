//! Rates that hold over all nodes: token buckets kept in the store.
//!
//! A token is a thousand thousandths, so that slow rates lose nothing to rounding.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Result, Tx};

/// Thousandths in a token.
const TOKEN: f64 = 1000.0;

/// A token wanted from one bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Take<'a> {
    /// The bucket; unique over all creators.
    pub key: &'a str,
    /// Tokens that come back each second.
    pub rate: f64,
    /// Most that can be saved up; at least one.
    pub burst: f64,
    /// Tokens that have to stay for others who matter more.
    pub reserve: f64,
}

type Row = (i64, DateTime<Utc>, Option<DateTime<Utc>>);

/// Takes a token. Zero: it is taken; otherwise nothing is, and it is worth asking again after that long.
/// System transaction: commit it at once, others wait.
pub async fn take(tx: &mut Tx, now: DateTime<Utc>, want: Take<'_>) -> Result<Duration> {
    take_all(tx, now, &[want]).await
}

/// Takes a token from each of several buckets, or from none: how long until all may have one.
/// System transaction: commit it at once, others wait.
pub async fn take_all(tx: &mut Tx, now: DateTime<Utc>, wants: &[Take<'_>]) -> Result<Duration> {
    let mut wants = wants.to_vec();
    // Two takers that lock in different orders could wait for each other forever.
    wants.sort_by(|one, other| one.key.cmp(other.key));
    let mut wait = Duration::ZERO;
    let mut taken = Vec::with_capacity(wants.len());
    for want in &wants {
        let level = level(tx, now, want).await?;
        wait = wait.max(level.wait(now, want));
        taken.push((want.key, level));
    }
    if wait > Duration::ZERO {
        return Ok(wait);
    }
    for (key, level) in taken {
        execute!(
            tx,
            "UPDATE buckets SET millitokens = $1, filled_at = $2 WHERE key = $3",
            whole(level.left - TOKEN),
            level.at,
            key,
        )?;
    }
    Ok(Duration::ZERO)
}

/// How full a bucket is.
struct Level {
    /// Thousandths of tokens.
    left: f64,
    /// As of when. Another node's clock may be ahead.
    at: DateTime<Utc>,
    closed_until: Option<DateTime<Utc>>,
}

impl Level {
    fn wait(&self, now: DateTime<Utc>, want: &Take<'_>) -> Duration {
        let closed = self.closed_until.and_then(|until| (until - now).to_std().ok()).unwrap_or_default();
        // A reserve that leaves less than a token to the others would shut them out for good.
        let reserve = want.reserve.min(want.burst - 1.0).max(0.0);
        let missing = (reserve + 1.0) * TOKEN - self.left;
        if missing <= 0.0 {
            return closed;
        }
        let seconds = missing / TOKEN / want.rate;
        // Rounded up, or a taker who waits exactly that long would find a thousandth missing.
        let refill = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        closed.max(refill.saturating_add(Duration::from_millis(1)))
    }
}

/// Reads a bucket, made full when new, and holds it until the transaction ends.
async fn level(tx: &mut Tx, now: DateTime<Utc>, want: &Take<'_>) -> Result<Level> {
    execute!(
        tx,
        "INSERT INTO buckets (key, millitokens, filled_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        want.key,
        whole(want.burst * TOKEN),
        now,
    )?;
    let sql = tx.skip_locked(
        "SELECT millitokens, filled_at, closed_until FROM buckets WHERE key = $1",
        "SELECT millitokens, filled_at, closed_until FROM buckets WHERE key = $1 FOR UPDATE",
    );
    let (millitokens, filled_at, closed_until) = fetch_one!(tx, Row, sql, want.key)?;
    let seconds = (now - filled_at).max(TimeDelta::zero()).as_seconds_f64();
    let left = (fraction(millitokens) + seconds * want.rate * TOKEN).min(want.burst * TOKEN);
    Ok(Level { left, at: now.max(filled_at), closed_until })
}

/// Closes a bucket: nothing leaves it until then, whatever it holds. It never opens earlier than it would have.
/// System transaction.
pub async fn close(tx: &mut Tx, now: DateTime<Utc>, key: &str, until: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO buckets (key, millitokens, filled_at, closed_until) VALUES ($1, 0, $2, $3)
         ON CONFLICT (key) DO UPDATE SET closed_until =
           CASE WHEN buckets.closed_until > excluded.closed_until THEN buckets.closed_until
                ELSE excluded.closed_until END",
        key,
        now,
        until,
    )?;
    Ok(())
}

/// Forgets buckets nobody used since `before`: they are full again. System transaction.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        "DELETE FROM buckets WHERE filled_at < $1 AND (closed_until IS NULL OR closed_until < $1)",
        before
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a bucket holds thousands, not quintillions; `as` saturates"
)]
fn whole(millitokens: f64) -> i64 {
    millitokens as i64
}

#[expect(clippy::cast_precision_loss, reason = "a bucket holds thousands, not quadrillions")]
fn fraction(millitokens: i64) -> f64 {
    millitokens as f64
}
