//! Portfolios: people written to first, counted over all numbers of one.

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_store::{
    Db,
    portfolios::{self, Admission},
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, now};

contract!(people_count_for_a_day_and_once);

async fn admit(db: &Db, minute: i64, portfolio: &str, person: &str, limit: Option<i64>) -> Result<Admission> {
    let mut tx = db.system().await?;
    let admission = portfolios::admit(&mut tx, later(minute), portfolio, person, limit).await?;
    tx.commit().await?;
    Ok(admission)
}

async fn people_count_for_a_day_and_once(db: &TestDb) -> Result<()> {
    let day = 24 * 60;
    let spent = Admission::Spent(now() + TimeDelta::hours(24));
    for (minute, person, expected) in [
        (0, "ada", Admission::Admitted),
        (1, "ben", Admission::Admitted),
        (2, "ada", Admission::Admitted),
        (3, "cem", spent),
        (day - 1, "cem", spent),
        (day, "cem", Admission::Admitted),
        // Ada's day is over, so she counts anew, and there is no place left.
        (day, "ada", Admission::Spent(later(1) + TimeDelta::hours(24))),
    ] {
        assert_eq!(
            admit(db, minute, "p", person, Some(2)).await?,
            expected,
            "{person} after {minute} minutes"
        );
    }
    assert_eq!(admit(db, day, "q", "ada", Some(2)).await?, Admission::Admitted, "another portfolio");
    assert_eq!(admit(db, day, "p", "dee", None).await?, Admission::Admitted, "a limit nobody knows");
    let mut tx = db.system_read().await?;
    assert_eq!(portfolios::people(&mut tx, later(day), "p").await?, 3);
    assert_eq!(portfolios::people(&mut tx, later(3 * day), "p").await?, 0);
    assert!(portfolios::counts(&mut tx, later(day), "p", "cem").await?);
    assert!(!portfolios::counts(&mut tx, later(3 * day), "p", "cem").await?);
    assert!(!portfolios::counts(&mut tx, later(day), "p", "ada").await?);
    Ok(())
}
