//! Jobs: first come, first served in their lane; held by one worker; never lost.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::JobId;
use coxswain_store::{
    Db,
    jobs::{self, Job, Lease, NewJob},
    work::{self, JobError},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::json;
use uuid::Uuid;

use crate::{later, now, two};

contract!(
    one_lane_runs_in_order_and_others_beside_it,
    a_lease_that_ran_out_is_claimed_again,
    workers_never_hold_the_same_job,
    a_retried_job_waits_and_keeps_its_lane,
    a_buried_job_frees_its_lane,
    a_released_job_was_not_tried,
    a_job_can_be_held_from_the_start,
    done_jobs_are_forgotten_in_time,
    deaths_of_workers_are_no_failures_of_the_job,
    a_node_that_comes_back_frees_what_it_held,
    a_look_tells_what_is_due_and_when_the_next_will_be,
);

const KIND: &str = "test.v1";

fn lease() -> Lease {
    Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) }
}

async fn enqueue(db: &Db, coach: Coach, lane: Uuid, number: i64) -> Result<JobId> {
    let job = NewJob {
        creator: coach.id,
        kind: KIND,
        payload: json!({"number": number}),
        lane,
        run_at: now(),
        max_attempts: 3,
    };
    let mut tx = db.write(coach.id).await?;
    // Ids grow with time: a job enqueued later is later in its lane.
    let id = jobs::enqueue(&mut tx, later(number), job).await?;
    tx.commit().await?;
    Ok(id)
}

async fn claim(db: &Db, minute: i64, lease: Lease) -> Result<Option<Job>> {
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, later(minute), KIND, lease).await?;
    tx.commit().await?;
    Ok(job)
}

async fn one_lane_runs_in_order_and_others_beside_it(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (lane, beside) = (Uuid::new_v4(), Uuid::new_v4());
    let first = enqueue(db, mine, lane, 1).await?;
    let second = enqueue(db, mine, lane, 2).await?;
    let third = enqueue(db, other, beside, 3).await?;
    let worker = lease();
    let job = claim(db, 5, worker).await?.context("the first")?;
    assert_eq!((job.id, job.creator, job.payload), (first, mine.id, json!({"number": 1})));
    assert_eq!((job.attempts, job.max_attempts, job.kind.as_str()), (1, 3, KIND));
    let job = claim(db, 5, worker).await?.context("the other lane")?;
    assert_eq!((job.id, job.creator), (third, other.id));
    assert!(claim(db, 5, worker).await?.is_none(), "the second waits for the first");
    let mut tx = db.system().await?;
    assert!(jobs::finish(&mut tx, later(5), first, worker.worker).await?);
    assert!(!jobs::finish(&mut tx, later(5), first, worker.worker).await?, "once");
    tx.commit().await?;
    assert_eq!(claim(db, 5, worker).await?.context("the second")?.id, second);
    let mut tx = db.system().await?;
    assert!(jobs::claim(&mut tx, later(5), "other.v1", worker).await?.is_none(), "another kind");
    Ok(())
}

async fn a_lease_that_ran_out_is_claimed_again(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let id = enqueue(db, mine, Uuid::new_v4(), 0).await?;
    let (dead, alive) = (lease(), lease());
    claim(db, 1, dead).await?.context("claimed")?;
    let mut tx = db.system().await?;
    assert!(jobs::orphaned(&mut tx, now() + TimeDelta::seconds(119)).await?.is_empty());
    assert_eq!(jobs::orphaned(&mut tx, later(2)).await?, [KIND]);
    assert!(jobs::waiting(&mut tx, later(2), later(2)).await?.is_empty(), "it does not wait");
    assert!(jobs::extend(&mut tx, later(1), id, Lease { length: TimeDelta::minutes(5), ..dead }).await?);
    tx.commit().await?;
    assert!(claim(db, 5, alive).await?.is_none(), "it was extended");
    assert_eq!(claim(db, 6, alive).await?.context("claimed again")?.attempts, 2);
    let mut tx = db.system().await?;
    assert!(jobs::holds(&mut tx, id, alive.worker).await?);
    assert!(!jobs::holds(&mut tx, id, dead.worker).await?);
    assert!(!jobs::extend(&mut tx, later(6), id, dead).await?);
    assert!(!jobs::finish(&mut tx, later(6), id, dead.worker).await?);
    assert!(!jobs::retry(&mut tx, id, dead.worker, later(6), "late").await?);
    assert!(!jobs::bury(&mut tx, later(6), id, dead.worker, "late").await?);
    assert!(!jobs::release(&mut tx, id, dead.worker).await?);
    let job = Job {
        id,
        creator: mine.id,
        kind: KIND.into(),
        payload: json!({}),
        attempts: 1,
        deaths: 0,
        max_attempts: 3,
    };
    let lost = work::finish(&mut tx, later(6), &job, dead.worker).await;
    assert!(matches!(lost, Err(JobError::Lost)), "{lost:?}");
    assert!(work::finish(&mut tx, later(6), &job, alive.worker).await.is_ok());
    Ok(())
}

async fn workers_never_hold_the_same_job(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let lane = Uuid::new_v4();
    for number in 0..20 {
        let lane = if number % 2 == 0 { lane } else { Uuid::new_v4() };
        enqueue(db, mine, lane, number).await?;
    }
    let work = async || -> Result<Vec<(JobId, bool)>> {
        let (worker, mut held, mut empty) = (lease(), Vec::new(), 0);
        while empty < 3 {
            let Some(job) = claim(db, 30, worker).await? else {
                empty += 1;
                continue;
            };
            let in_lane = job.payload["number"].as_i64().is_some_and(|number| number % 2 == 0);
            held.push((job.id, in_lane));
            let mut tx = db.system().await?;
            anyhow::ensure!(jobs::finish(&mut tx, later(30), job.id, worker.worker).await?, "it was held");
            tx.commit().await?;
        }
        Ok(held)
    };
    let (one, two, three, four) = tokio::join!(work(), work(), work(), work());
    let mut held = [one?, two?, three?, four?].concat();
    let rest = work().await?;
    held.extend(rest);
    let mut ids: Vec<_> = held.iter().map(|(id, _)| *id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((held.len(), ids.len()), (20, 20), "each once, none left");
    Ok(())
}

async fn a_retried_job_waits_and_keeps_its_lane(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let lane = Uuid::new_v4();
    let first = enqueue(db, mine, lane, 1).await?;
    enqueue(db, mine, lane, 2).await?;
    let worker = lease();
    claim(db, 5, worker).await?.context("the first")?;
    let mut tx = db.system().await?;
    assert!(jobs::retry(&mut tx, first, worker.worker, later(9), "busy").await?);
    tx.commit().await?;
    assert!(claim(db, 8, worker).await?.is_none(), "neither it nor the one behind it");
    let again = claim(db, 9, worker).await?.context("the first again")?;
    assert_eq!((again.id, again.attempts), (first, 2));
    Ok(())
}

async fn a_buried_job_frees_its_lane(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let lane = Uuid::new_v4();
    let first = enqueue(db, mine, lane, 1).await?;
    let second = enqueue(db, mine, lane, 2).await?;
    let worker = lease();
    claim(db, 5, worker).await?.context("the first")?;
    let mut tx = db.system().await?;
    assert!(jobs::bury(&mut tx, later(5), first, worker.worker, "hopeless").await?);
    let depths = jobs::depths(&mut tx).await?;
    let told: Vec<_> =
        depths.iter().map(|depth| (depth.state.as_str(), depth.jobs, depth.oldest_at)).collect();
    assert_eq!(told, [("dead", 1, later(1)), ("ready", 1, later(2))]);
    assert_eq!(depths[0].kind, KIND);
    tx.commit().await?;
    assert_eq!(claim(db, 5, worker).await?.context("the second")?.id, second);
    assert!(claim(db, 999, worker).await?.is_some_and(|job| job.id == second), "the dead stay dead");
    Ok(())
}

async fn a_released_job_was_not_tried(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let id = enqueue(db, mine, Uuid::new_v4(), 0).await?;
    let worker = lease();
    claim(db, 1, worker).await?.context("claimed")?;
    let mut tx = db.system().await?;
    assert!(jobs::release(&mut tx, id, worker.worker).await?);
    tx.commit().await?;
    assert_eq!(claim(db, 1, worker).await?.context("claimed again")?.attempts, 1);
    Ok(())
}

async fn a_job_can_be_held_from_the_start(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let worker = lease();
    let new = NewJob {
        creator: mine.id,
        kind: KIND,
        payload: json!(null),
        lane: Uuid::new_v4(),
        run_at: now(),
        max_attempts: 1,
    };
    let mut tx = db.write(mine.id).await?;
    let job =
        jobs::enqueue_held(&mut tx, now(), new.clone(), worker).await?.context("the first of its lane")?;
    assert!(jobs::enqueue_held(&mut tx, now(), new, worker).await?.is_none(), "the second waits");
    tx.commit().await?;
    assert_eq!((job.attempts, job.max_attempts), (1, 1));
    assert!(claim(db, 0, lease()).await?.is_none());
    assert_eq!(claim(db, 1, lease()).await?.context("its worker died")?.attempts, 2);
    Ok(())
}

async fn done_jobs_are_forgotten_in_time(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let id = enqueue(db, mine, Uuid::new_v4(), 0).await?;
    enqueue(db, mine, Uuid::new_v4(), 1).await?;
    let worker = lease();
    claim(db, 1, worker).await?.context("claimed")?;
    let mut tx = db.system().await?;
    jobs::finish(&mut tx, later(1), id, worker.worker).await?;
    assert_eq!(jobs::prune(&mut tx, later(1)).await?, 0);
    assert_eq!(jobs::prune(&mut tx, later(2)).await?, 1);
    assert_eq!(jobs::depths(&mut tx).await?.len(), 1, "the one that waits stays");
    Ok(())
}

async fn deaths_of_workers_are_no_failures_of_the_job(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let id = enqueue(db, mine, Uuid::new_v4(), 0).await?;
    for minute in [1, 3, 5] {
        claim(db, minute, lease()).await?.context("claimed, and its worker dies")?;
    }
    let worker = lease();
    let job = claim(db, 7, worker).await?.context("claimed")?;
    assert_eq!((job.deaths, job.tries()), (3, 1), "it has not failed yet");
    let mut tx = db.system().await?;
    assert!(jobs::retry(&mut tx, id, worker.worker, later(8), "busy").await?);
    tx.commit().await?;
    let job = claim(db, 8, worker).await?.context("claimed")?;
    assert_eq!((job.deaths, job.tries()), (3, 2), "a failure is none of its worker's");
    let mut tx = db.system().await?;
    assert!(jobs::postpone(&mut tx, id, worker.worker, later(9)).await?);
    tx.commit().await?;
    let job = claim(db, 9, worker).await?.context("claimed")?;
    assert_eq!((job.deaths, job.tries()), (3, 2), "it was not its turn");
    Ok(())
}

async fn a_node_that_comes_back_frees_what_it_held(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (held, others) = (enqueue(db, mine, Uuid::new_v4(), 0).await?, Uuid::new_v4());
    let life =
        |of: u8, number: u8| Uuid::from_bytes([of, of, of, of, of, of, of, of, 0, 0, 0, 0, 0, 0, 0, number]);
    let (first, last) = (life(7, 0), Uuid::from_u128(life(8, 0).as_u128() - 1));
    let length = TimeDelta::minutes(1);
    claim(db, 0, Lease { worker: life(7, 1), length }).await?.context("held by a former life")?;
    enqueue(db, mine, others, 0).await?;
    claim(db, 0, Lease { worker: life(8, 1), length }).await?.context("held by another node")?;
    enqueue(db, mine, Uuid::new_v4(), 0).await?;
    claim(db, 0, Lease { worker: life(7, 2), length }).await?.context("held by this life")?;
    let mut tx = db.system().await?;
    assert_eq!(jobs::end_leases(&mut tx, now(), (first, last), life(7, 2)).await?, 1);
    assert_eq!(jobs::end_leases(&mut tx, now(), (first, last), life(7, 2)).await?, 0, "once");
    tx.commit().await?;
    let again = claim(db, 0, lease()).await?.context("the freed one")?;
    assert_eq!((again.id, again.deaths), (held, 1));
    assert!(claim(db, 0, lease()).await?.is_none(), "nobody else's");
    Ok(())
}

async fn a_look_tells_what_is_due_and_when_the_next_will_be(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    for (kind, minute) in [("both.v1", 0), ("both.v1", 2), ("both.v1", 3), ("soon.v1", 2), ("late.v1", 9)] {
        let (lane, payload) = (Uuid::new_v4(), json!(null));
        let job = NewJob { creator: mine.id, kind, payload, lane, run_at: later(minute), max_attempts: 1 };
        jobs::enqueue(&mut tx, now(), job).await?;
    }
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    let mut found = jobs::waiting(&mut tx, later(1), later(5)).await?;
    found.sort_by(|one, other| one.kind.cmp(&other.kind));
    let found: Vec<_> = found.iter().map(|one| (one.kind.as_str(), one.is_due, one.next)).collect();
    assert_eq!(found, [("both.v1", true, Some(later(2))), ("soon.v1", false, Some(later(2)))]);
    Ok(())
}
