//! The inbox: what came, once, and what became of it.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::ChannelAccountId;
use coxswain_store::{
    Db,
    inbox::{self, INBOX_JOB, InboxPayload, New, State},
    jobs::{self, Job, Lease},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use uuid::Uuid;

use crate::{ALL, later, messenger, now, paged, two};

contract!(
    a_copy_is_received_once,
    copies_at_once_are_received_once,
    one_senders_rows_come_one_after_the_other,
    the_system_receives_for_many_creators,
    a_row_is_settled_once_and_replayed,
    what_makes_no_sense_is_kept,
    rows_are_listed_and_forgotten,
);

fn new<'a>(coach: Coach, account: ChannelAccountId, id: &'a str, sender: &'a str) -> New<'a> {
    let sent_at = Some(now() - TimeDelta::seconds(3));
    New {
        creator: coach.id,
        account,
        provider_message_id: id,
        sender,
        sent_at,
        raw: b"{\"as\": \"it came\"}",
    }
}

async fn claim(db: &Db, lease: Lease) -> Result<Option<Job>> {
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, later(1), INBOX_JOB, lease).await?;
    tx.commit().await?;
    Ok(job)
}

fn lease() -> Lease {
    Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(30) }
}

async fn a_copy_is_received_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (bot, another) = (messenger::bot(db, mine).await?, messenger::bot(db, mine).await?);
    let mut tx = db.write(mine.id).await?;
    let id = inbox::receive(&mut tx, now(), new(mine, bot, "1", "ann")).await?.context("new")?;
    assert_eq!(inbox::receive(&mut tx, later(1), new(mine, bot, "1", "ann")).await?, None);
    let beside = inbox::receive(&mut tx, now(), new(mine, another, "1", "ann")).await?;
    assert!(beside.is_some(), "another account's ids are its own");
    tx.commit().await?;
    let job = claim(db, lease()).await?.context("its job")?;
    assert_eq!(serde_json::from_value::<InboxPayload>(job.payload)?, InboxPayload { inbox_id: id });
    let mut tx = db.read(mine.id).await?;
    let row = inbox::get(&mut tx, mine.id, id).await?.context("the row")?;
    assert_eq!((row.raw.as_slice(), row.state), (&b"{\"as\": \"it came\"}"[..], State::Waiting));
    assert_eq!((row.sender.as_str(), row.received_at), ("ann", now()));
    assert_eq!(row.sent_at, Some(now() - TimeDelta::seconds(3)));
    Ok(())
}

async fn copies_at_once_are_received_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let receive = async || -> Result<bool> {
        let mut tx = db.write(mine.id).await?;
        let id = inbox::receive(&mut tx, now(), new(mine, bot, "1", "ann")).await?;
        tx.commit().await?;
        Ok(id.is_some())
    };
    let all = tokio::join!(receive(), receive(), receive());
    let fresh = [all.0?, all.1?, all.2?].into_iter().filter(|fresh| *fresh).count();
    assert_eq!(fresh, 1);
    let worker = lease();
    assert!(claim(db, worker).await?.is_some());
    assert!(claim(db, worker).await?.is_none(), "one row, one job");
    Ok(())
}

async fn one_senders_rows_come_one_after_the_other(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    let mut ids = Vec::new();
    for (id, sender) in [("1", "ann"), ("2", "ann"), ("3", "ben")] {
        ids.extend(inbox::receive(&mut tx, now(), new(mine, bot, id, sender)).await?);
    }
    tx.commit().await?;
    let worker = lease();
    let mut claimed = Vec::new();
    while let Some(job) = claim(db, worker).await? {
        claimed.push((job.id, serde_json::from_value::<InboxPayload>(job.payload)?.inbox_id));
    }
    let rows: Vec<_> = claimed.iter().map(|(_, row)| *row).collect();
    assert_eq!(rows, [ids[0], ids[2]], "the second of one sender waits for the first");
    let mut tx = db.system().await?;
    assert!(jobs::finish(&mut tx, now(), claimed[0].0, worker.worker).await?);
    tx.commit().await?;
    assert!(claim(db, worker).await?.is_some());
    Ok(())
}

async fn the_system_receives_for_many_creators(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (my_bot, their_bot) = (messenger::bot(db, mine).await?, messenger::bot(db, other).await?);
    let mut tx = db.system().await?;
    let my_row = inbox::receive(&mut tx, now(), new(mine, my_bot, "1", "ann")).await?.context("mine")?;
    let their_row =
        inbox::receive(&mut tx, now(), new(other, their_bot, "1", "ann")).await?.context("theirs")?;
    tx.commit().await?;
    let mut tx = db.read(mine.id).await?;
    assert!(inbox::get(&mut tx, mine.id, my_row).await?.is_some());
    assert!(inbox::get(&mut tx, mine.id, their_row).await?.is_none());
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(!inbox::settle(&mut tx, now(), mine.id, their_row, (State::Done, None), None).await?);
    assert!(!inbox::replay(&mut tx, now(), mine.id, their_row).await?);
    Ok(())
}

async fn a_row_is_settled_once_and_replayed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "ann").await?;
    let mut tx = db.write(mine.id).await?;
    let id = inbox::receive(&mut tx, now(), new(mine, bot, "1", "ann")).await?.context("new")?;
    assert!(!inbox::replay(&mut tx, now(), mine.id, id).await?, "it waits already");
    tx.commit().await?;
    let worker = lease();
    let job = claim(db, worker).await?.context("its job")?;
    let mut tx = db.write(mine.id).await?;
    let failed = (State::Failed, Some("The engine was away."));
    assert!(inbox::settle(&mut tx, later(1), mine.id, id, failed, Some(talk.conversation)).await?);
    assert!(!inbox::settle(&mut tx, later(2), mine.id, id, (State::Done, None), None).await?, "once");
    let row = inbox::get(&mut tx, mine.id, id).await?.context("the row")?;
    assert_eq!((row.state, row.problem.as_deref()), failed);
    assert_eq!((row.settled_at, row.conversation), (Some(later(1)), Some(talk.conversation)));
    assert!(jobs::finish(&mut tx, later(1), job.id, worker.worker).await?);
    assert!(inbox::replay(&mut tx, now(), mine.id, id).await?);
    let row = inbox::get(&mut tx, mine.id, id).await?.context("the row")?;
    assert_eq!((row.state, row.problem, row.settled_at), (State::Waiting, None, None));
    tx.commit().await?;
    let again = claim(db, worker).await?.context("a new job")?;
    assert_eq!(serde_json::from_value::<InboxPayload>(again.payload)?.inbox_id, id);
    Ok(())
}

async fn what_makes_no_sense_is_kept(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    let why = "It is not JSON.";
    let id = inbox::receive_unreadable(&mut tx, now(), new(mine, bot, "1", ""), why).await?.context("new")?;
    assert_eq!(inbox::receive_unreadable(&mut tx, now(), new(mine, bot, "1", ""), why).await?, None);
    let row = inbox::get(&mut tx, mine.id, id).await?.context("the row")?;
    assert_eq!((row.state, row.problem.as_deref()), (State::Unreadable, Some(why)));
    tx.commit().await?;
    assert!(claim(db, lease()).await?.is_none(), "nobody tries it by themselves");
    Ok(())
}

async fn rows_are_listed_and_forgotten(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    for (minute, state) in [(0, State::Done), (1, State::Unreadable), (2, State::Done), (3, State::Waiting)] {
        let name = minute.to_string();
        let id =
            inbox::receive(&mut tx, later(minute), new(mine, bot, &name, "ann")).await?.context("new")?;
        if state != State::Waiting {
            inbox::settle(&mut tx, later(minute), mine.id, id, (state, None), None).await?;
        }
    }
    let all = inbox::list(&mut tx, mine.id, None, None, ALL).await?.items;
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted_by_key(|row| std::cmp::Reverse(row.received_at)));
    assert_eq!(paged!(|page| inbox::list(&mut tx, mine.id, Some(bot), None, page)), all);
    let other_bot = Some(ChannelAccountId::new(now()));
    assert!(inbox::list(&mut tx, mine.id, other_bot, None, ALL).await?.items.is_empty());
    let done = inbox::list(&mut tx, mine.id, None, Some(State::Done), ALL).await?.items;
    assert_eq!(done.iter().map(|row| row.provider_message_id.as_str()).collect::<Vec<_>>(), ["2", "0"]);
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert_eq!(inbox::prune(&mut tx, later(2)).await?, 1, "only what is done and old enough");
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(inbox::list(&mut tx, other.id, None, None, ALL).await?.items.is_empty());
    Ok(())
}
