//! Portfolios of Meta's: how many people all numbers of one together wrote to first in the last 24 hours.
//!
//! Meta counts people, not messages, and only those whose own window was closed. Over the limit it refuses, and
//! counts the refusals against the number's quality; so it is counted here first.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Result, Tx};

/// For so long a person counts.
const SPAN: TimeDelta = TimeDelta::hours(24);

/// Whether somebody may be written to first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They may, and count from now on or counted before.
    Admitted,
    /// As many as allowed count already; one of them no longer does from then on.
    Spent(DateTime<Utc>),
}

/// Counts a person a portfolio is about to write to first, unless `limit` people count already. `None`: there is
/// no limit, or it is not known. System transaction that holds the portfolio's bucket: others wait.
pub async fn admit(
    tx: &mut Tx,
    now: DateTime<Utc>,
    portfolio: &str,
    person: &str,
    limit: Option<i64>,
) -> Result<Admission> {
    let cut = now - SPAN;
    execute!(tx, "DELETE FROM portfolio_people WHERE portfolio = $1 AND since <= $2", portfolio, cut)?;
    if counts(tx, now, portfolio, person).await? {
        return Ok(Admission::Admitted);
    }
    if let Some(limit) = limit {
        let (people, oldest) = fetch_one!(
            tx,
            (i64, Option<DateTime<Utc>>),
            "SELECT COUNT(*), MIN(since) FROM portfolio_people WHERE portfolio = $1",
            portfolio,
        )?;
        if people >= limit {
            return Ok(Admission::Spent(oldest.unwrap_or(now) + SPAN));
        }
    }
    execute!(
        tx,
        "INSERT INTO portfolio_people (portfolio, person, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        portfolio,
        person,
        now,
    )?;
    Ok(Admission::Admitted)
}

/// Whether a person counts among those a portfolio wrote to first: once more makes no difference.
pub async fn counts(tx: &mut Tx, now: DateTime<Utc>, portfolio: &str, person: &str) -> Result<bool> {
    let known = fetch_optional!(
        tx,
        (DateTime<Utc>,),
        "SELECT since FROM portfolio_people WHERE portfolio = $1 AND person = $2 AND since > $3",
        portfolio,
        person,
        now - SPAN,
    )?;
    Ok(known.is_some())
}

/// How many people a portfolio wrote to first in the last 24 hours. System transaction.
pub async fn people(tx: &mut Tx, now: DateTime<Utc>, portfolio: &str) -> Result<i64> {
    let (people,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM portfolio_people WHERE portfolio = $1 AND since > $2",
        portfolio,
        now - SPAN,
    )?;
    Ok(people)
}
