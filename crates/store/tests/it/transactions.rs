//! Transactions: all or nothing, whenever they end.

use std::task::Poll;

use anyhow::Result;
use coxswain_domain::{MessageId, answer::AnswerTrace};
use coxswain_store::{
    Db, StoreError, Tx, traces,
    usage::{self, Usage},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use futures::FutureExt;

use crate::{now, two};

contract!(
    what_is_written_is_seen_at_once,
    a_dropped_transaction_leaves_nothing,
    a_cancelled_transaction_leaves_nothing_or_everything,
    a_refused_statement_fails_the_transaction,
    writers_take_turns,
);

async fn spend(tx: &mut Tx, coach: &Coach) -> Result<(), StoreError> {
    let usage =
        Usage { conversation: None, model: "m", prompt_tokens: 1, completion_tokens: 0, milliseconds: 1 };
    usage::add(tx, now(), coach.id, &usage).await
}

async fn spent(db: &Db, coach: &Coach) -> Result<i64, StoreError> {
    let mut tx = db.read(coach.id).await?;
    Ok(usage::total(&mut tx, coach.id, now()).await?.answers)
}

async fn what_is_written_is_seen_at_once(db: &TestDb) -> Result<()> {
    let (coach, _) = two(db).await?;
    let mut tx = db.write(coach.id).await?;
    spend(&mut tx, &coach).await?;
    spend(&mut tx, &coach).await?;
    assert_eq!(usage::total(&mut tx, coach.id, now()).await?.answers, 2, "by the transaction itself");
    assert_eq!(spent(db, &coach).await?, 0, "by nobody else");
    tx.commit().await?;
    assert_eq!(spent(db, &coach).await?, 2);
    Ok(())
}

async fn a_dropped_transaction_leaves_nothing(db: &TestDb) -> Result<()> {
    let (coach, _) = two(db).await?;
    for read in [false, true] {
        let mut tx = db.write(coach.id).await?;
        spend(&mut tx, &coach).await?;
        if read {
            usage::total(&mut tx, coach.id, now()).await?;
        }
        drop(tx);
        assert_eq!(spent(db, &coach).await?, 0);
    }
    let mut tx = db.write(coach.id).await?;
    spend(&mut tx, &coach).await?;
    tx.commit().await?;
    assert_eq!(spent(db, &coach).await?, 1, "the next one is not hindered");
    Ok(())
}

async fn a_cancelled_transaction_leaves_nothing_or_everything(db: &TestDb) -> Result<()> {
    let (coach, _) = two(db).await?;
    let mut finished = 0;
    for polls in 0..60 {
        let mut work = Box::pin(async {
            let mut tx = db.write(coach.id).await?;
            spend(&mut tx, &coach).await?;
            usage::total(&mut tx, coach.id, now()).await?;
            spend(&mut tx, &coach).await?;
            tx.commit().await
        });
        let mut left = polls;
        let outcome = std::future::poll_fn(|context| match work.poll_unpin(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        });
        if let Some(done) = outcome.await {
            done?;
            finished += 1;
        }
        drop(work);
        let mut tx = db.write(coach.id).await?;
        let answers = usage::total(&mut tx, coach.id, now()).await?.answers;
        assert!(answers % 2 == 0 && answers >= finished * 2, "{answers} after {finished} whole ones");
    }
    assert!(finished > 0, "some were let come to their end");
    Ok(())
}

async fn a_refused_statement_fails_the_transaction(db: &TestDb) -> Result<()> {
    let (coach, _) = two(db).await?;
    let mut tx = db.write(coach.id).await?;
    spend(&mut tx, &coach).await?;
    let outcome = async {
        traces::add(&mut tx, now(), coach.id, MessageId::new(now()), &AnswerTrace::default()).await?;
        tx.commit().await
    };
    assert!(matches!(outcome.await, Err(StoreError::Dangling)), "there is no such message");
    assert_eq!(spent(db, &coach).await?, 0);
    Ok(())
}

async fn writers_take_turns(db: &TestDb) -> Result<()> {
    let (coach, _) = two(db).await?;
    let writer = |_| async {
        for _ in 0..5 {
            let mut tx = db.write(coach.id).await?;
            spend(&mut tx, &coach).await?;
            tokio::task::yield_now().await;
            spend(&mut tx, &coach).await?;
            tx.commit().await?;
        }
        Ok::<_, StoreError>(())
    };
    futures::future::try_join_all((0..20).map(writer)).await?;
    assert_eq!(spent(db, &coach).await?, 200);
    Ok(())
}
