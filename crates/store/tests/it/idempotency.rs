//! Answers kept for repeats.

use anyhow::Result;
use coxswain_store::idempotency::{self, Answer};
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, now, two};

contract!(the_first_answer_stays);

async fn the_first_answer_stays(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let answer = Answer { request_hash: vec![1, 2], status: 201, body: b"{}".to_vec() };
    let second = Answer { status: 500, ..answer.clone() };
    let mut tx = db.write(mine.id).await?;
    assert_eq!(idempotency::get(&mut tx, mine.id, "POST /x", "key").await?, None);
    assert!(idempotency::keep(&mut tx, now(), mine.id, "POST /x", "key", &answer).await?);
    assert!(!idempotency::keep(&mut tx, now(), mine.id, "POST /x", "key", &second).await?);
    assert!(idempotency::keep(&mut tx, later(5), mine.id, "POST /y", "key", &second).await?);
    assert_eq!(idempotency::get(&mut tx, mine.id, "POST /x", "key").await?, Some(answer));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(idempotency::get(&mut tx, other.id, "POST /x", "key").await?, None);
    assert_eq!(idempotency::prune(&mut tx, other.id, later(9)).await?, 0);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(idempotency::prune(&mut tx, mine.id, later(5)).await?, 1);
    assert_eq!(idempotency::get(&mut tx, mine.id, "POST /x", "key").await?, None);
    Ok(())
}
