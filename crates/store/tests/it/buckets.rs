//! Token buckets: rates that hold over all takers.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_store::{
    Db,
    buckets::{self, Take},
    outbox::Rank,
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, now};

contract!(
    a_bucket_gives_what_it_holds_and_refills,
    takers_at_once_share_a_bucket,
    a_reserve_stays_for_others,
    campaigns_leave_room_for_nudges_and_nudges_for_replies,
    several_buckets_give_together_or_not_at_all,
    a_closed_bucket_gives_nothing,
    full_buckets_are_forgotten,
);

const SLOW: Take<'_> = Take { key: "tg:bot:1", rate: 0.5, burst: 3.0, reserve: 0.0 };

/// How long to wait, asked that many milliseconds after the beginning.
async fn take(db: &Db, millis: i64, want: Take<'_>) -> Result<Duration> {
    let mut tx = db.system().await?;
    let time = buckets::take(&mut tx, now() + TimeDelta::milliseconds(millis), want).await?;
    tx.commit().await?;
    Ok(time)
}

async fn a_bucket_gives_what_it_holds_and_refills(db: &TestDb) -> Result<()> {
    for _ in 0..3 {
        assert_eq!(take(db, 0, SLOW).await?, Duration::ZERO);
    }
    let wait = take(db, 0, SLOW).await?;
    assert!(wait >= Duration::from_secs(2) && wait < Duration::from_millis(2100), "{wait:?}");
    assert!(take(db, 1000, SLOW).await? > Duration::ZERO);
    let waited = i64::try_from(wait.as_millis())?;
    assert_eq!(take(db, waited, SLOW).await?, Duration::ZERO, "it is worth asking after that long");
    assert!(take(db, waited, SLOW).await? > Duration::ZERO);
    let much_later = 3_600_000;
    for _ in 0..3 {
        assert_eq!(take(db, much_later, SLOW).await?, Duration::ZERO);
    }
    assert!(take(db, much_later, SLOW).await? > Duration::ZERO, "no more than fits is saved up");
    let behind = take(db, much_later - 60_000, SLOW).await?;
    assert!(behind > Duration::ZERO, "a clock that is behind makes no tokens");
    Ok(())
}

async fn takers_at_once_share_a_bucket(db: &TestDb) -> Result<()> {
    let again = db.open_again().await?;
    let takers = async |db: &Db| -> Result<usize> {
        let want = Take { burst: 5.0, ..SLOW };
        let (one, two, three, four) =
            tokio::join!(take(db, 0, want), take(db, 0, want), take(db, 0, want), take(db, 0, want));
        Ok([one?, two?, three?, four?].into_iter().filter(Duration::is_zero).count())
    };
    let (one, two) = tokio::join!(takers(db), takers(&again));
    assert_eq!(one? + two?, 5);
    Ok(())
}

async fn a_reserve_stays_for_others(db: &TestDb) -> Result<()> {
    let humble = Take { reserve: 2.0, ..SLOW };
    assert_eq!(take(db, 0, humble).await?, Duration::ZERO);
    assert!(take(db, 0, humble).await? > Duration::ZERO, "two are left, for others");
    assert_eq!(take(db, 0, SLOW).await?, Duration::ZERO);
    assert_eq!(take(db, 0, SLOW).await?, Duration::ZERO);
    let single = Take { key: "tg:chat:1:2", rate: 1.0, burst: 1.0, reserve: 5.0 };
    assert_eq!(take(db, 0, single).await?, Duration::ZERO, "a reserve never shuts anybody out for good");
    Ok(())
}

async fn campaigns_leave_room_for_nudges_and_nudges_for_replies(db: &TestDb) -> Result<()> {
    let of = |rank: Rank| Take { key: "wa:number:1", rate: 1.0, burst: 10.0, reserve: 10.0 * rank.reserve() };
    let mut given = Vec::new();
    // The last of all ask first, and for as much as they can get.
    for rank in Rank::ALL {
        let mut taken = 0;
        while take(db, 0, of(rank)).await?.is_zero() {
            taken += 1;
        }
        given.push(taken);
    }
    assert_eq!(given, [4, 3, 3]);
    // What comes back goes to replies first, to nudges only when there is enough of it.
    assert!(take(db, 3_000, of(Rank::Nudges)).await? > Duration::ZERO);
    assert_eq!(take(db, 3_000, of(Rank::Replies)).await?, Duration::ZERO);
    assert_eq!(take(db, 7_000, of(Rank::Nudges)).await?, Duration::ZERO);
    assert!(take(db, 7_000, of(Rank::Campaigns)).await? > Duration::ZERO);
    Ok(())
}

async fn several_buckets_give_together_or_not_at_all(db: &TestDb) -> Result<()> {
    let chat = Take { key: "tg:chat:1:2", rate: 1.0, burst: 1.0, reserve: 0.0 };
    let both = async |wants: [Take<'_>; 2]| -> Result<Duration> {
        let mut tx = db.system().await?;
        let wait = buckets::take_all(&mut tx, now(), &wants).await?;
        tx.commit().await?;
        Ok(wait)
    };
    assert_eq!(both([SLOW, chat]).await?, Duration::ZERO);
    assert!(both([chat, SLOW]).await? > Duration::ZERO, "the chat has none");
    let other = Take { key: "tg:chat:1:3", ..chat };
    let (one, two) = tokio::join!(both([SLOW, other]), both([Take { key: "tg:chat:1:4", ..chat }, SLOW]));
    assert_eq!((one?, two?), (Duration::ZERO, Duration::ZERO), "the refused try cost the bot nothing");
    assert!(take(db, 0, SLOW).await? > Duration::ZERO);
    Ok(())
}

async fn a_closed_bucket_gives_nothing(db: &TestDb) -> Result<()> {
    let mut tx = db.system().await?;
    buckets::close(&mut tx, now(), SLOW.key, later(2)).await?;
    buckets::close(&mut tx, now(), SLOW.key, later(1)).await?;
    tx.commit().await?;
    assert_eq!(take(db, 30_000, SLOW).await?, Duration::from_secs(90), "the later of the two");
    assert_eq!(take(db, 120_000, SLOW).await?, Duration::ZERO);
    let beside = Take { key: "tg:bot:2", ..SLOW };
    assert_eq!(take(db, 0, beside).await?, Duration::ZERO, "others are not delayed");
    let mut tx = db.system().await?;
    buckets::close(&mut tx, now(), beside.key, later(1)).await?;
    tx.commit().await?;
    assert_eq!(take(db, 0, beside).await?, Duration::from_mins(1), "what it holds stays in it");
    Ok(())
}

async fn full_buckets_are_forgotten(db: &TestDb) -> Result<()> {
    for _ in 0..3 {
        take(db, 0, SLOW).await?;
    }
    let mut tx = db.system().await?;
    buckets::close(&mut tx, now(), "tg:bot:3", later(9)).await?;
    assert_eq!(buckets::prune(&mut tx, now()).await?, 0);
    assert_eq!(buckets::prune(&mut tx, later(5)).await?, 1, "not the closed one");
    assert_eq!(buckets::prune(&mut tx, later(10)).await?, 1);
    Ok(())
}
