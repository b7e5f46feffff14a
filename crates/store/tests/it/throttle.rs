//! Counting failed log-ins.

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_store::throttle::{self, Policy};
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, now};

contract!(the_third_failure_has_to_wait, failures_of_another_window_do_not_add_up, tries_can_be_taken_back);

const POLICY: Policy = Policy { failures: 3, window: TimeDelta::minutes(10), block: TimeDelta::minutes(5) };

async fn the_third_failure_has_to_wait(db: &TestDb) -> Result<()> {
    let mut tx = db.system().await?;
    assert_eq!(throttle::failed(&mut tx, now(), "a@x.org", POLICY).await?, None);
    assert_eq!(throttle::failed(&mut tx, later(1), "a@x.org", POLICY).await?, None);
    assert_eq!(throttle::failed(&mut tx, later(1), "b@x.org", POLICY).await?, None, "another subject");
    assert_eq!(throttle::failed(&mut tx, later(2), "a@x.org", POLICY).await?, Some(later(7)));
    assert_eq!(throttle::blocked_until(&mut tx, later(6), "a@x.org").await?, Some(later(7)));
    assert_eq!(throttle::blocked_until(&mut tx, later(7), "a@x.org").await?, None);
    assert_eq!(throttle::blocked_until(&mut tx, later(6), "b@x.org").await?, None);
    throttle::clear(&mut tx, "a@x.org").await?;
    assert_eq!(throttle::blocked_until(&mut tx, later(6), "a@x.org").await?, None);
    Ok(())
}

async fn failures_of_another_window_do_not_add_up(db: &TestDb) -> Result<()> {
    let mut tx = db.system().await?;
    for minute in [0, 5, 11, 12] {
        assert_eq!(throttle::failed(&mut tx, later(minute), "a@x.org", POLICY).await?, None);
    }
    assert_eq!(throttle::prune(&mut tx, later(11)).await?, 0);
    assert_eq!(throttle::prune(&mut tx, later(12)).await?, 1);
    Ok(())
}

async fn tries_can_be_taken_back(db: &TestDb) -> Result<()> {
    let mut tx = db.system().await?;
    throttle::forgive(&mut tx, "a@x.org").await?;
    for _ in 0..5 {
        assert_eq!(throttle::failed(&mut tx, now(), "a@x.org", POLICY).await?, None);
        throttle::forgive(&mut tx, "a@x.org").await?;
    }
    Ok(())
}
