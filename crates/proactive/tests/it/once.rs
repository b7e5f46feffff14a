//! Each moment is decided once: after a restart, by several engines, and wherever one dies.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use anyhow::Result;
use chrono::TimeDelta;
use coxswain_domain::{
    account::CreatorSettings, conversation::ConversationEvent, decision::Reason, fakes::ManualClock,
};
use coxswain_proactive::Engine;
use coxswain_store::live::Live;
use coxswain_test_support::{contract, db::TestDb, seed::at};
use tokio_util::sync::CancellationToken;

use crate::world::{World, no_quiet_hours};

contract!(
    a_restarted_engine_sends_nothing_again,
    missed_days_are_recorded_and_none_is_made_up_for,
    after_a_long_stop_only_the_last_days_are_recorded,
    several_engines_share_the_work,
    an_engine_dropped_anywhere_sends_once,
    the_loop_sends_what_is_due_and_stops_when_told,
);

const NOW: &str = "2026-11-20T06:00:00Z";

async fn a_restarted_engine_sends_nothing_again(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick("2026-11-20T09:00:00Z").await?, (1, 0));

    let again = db.open_again().await?;
    let clock = Arc::new(ManualClock::at(at("2026-11-20T09:00:01Z")));
    let engine = Engine::new(again.clone(), clock, Live::default());
    assert_eq!(engine.tick(at("2026-11-20T09:00:01Z")).await?.sent, 0);
    assert_eq!(engine.tick(at("2026-11-21T09:00:00Z")).await?.sent, 1);
    again.close().await;
    assert_eq!(world.messages(person).await?.len(), 2);
    Ok(())
}

async fn missed_days_are_recorded_and_none_is_made_up_for(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick("2026-11-22T09:30:00Z").await?, (1, 2));
    assert_eq!(world.reasons().await?, [Reason::Expired, Reason::Expired, Reason::Sent]);
    assert_eq!(world.messages(person).await?.len(), 1);
    Ok(())
}

async fn after_a_long_stop_only_the_last_days_are_recorded(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    // The first that was missed, and those of the last seven days.
    assert_eq!(world.tick("2027-02-01T12:00:00Z").await?, (0, 8));
    assert_eq!(world.next(id).await?, Some(at("2027-02-02T09:00:00Z")));
    Ok(())
}

async fn several_engines_share_the_work(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let mut people = Vec::new();
    for _ in 0..12 {
        people.push(world.person(NOW, "UTC").await?);
    }
    world.check_in(NOW, "09:00").await?;
    let due = at("2026-11-20T09:00:00Z");
    let second = Engine::new(db.open_again().await?, world.clock.clone(), Live::default());
    let (one, two) = tokio::join!(world.engine.tick(due), second.tick(due));
    let (one, two) = (one?, two?);
    assert_eq!((one.failed, two.failed), (0, 0));
    // What one engine passed over because the other held it is decided by the other.
    assert_eq!(one.sent + two.sent, people.len());
    for person in people {
        assert_eq!(world.messages(person).await?.len(), 1);
    }
    Ok(())
}

async fn an_engine_dropped_anywhere_sends_once(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, no_quiet_hours()).await?;
    let people = [world.person(NOW, "UTC").await?, world.person(NOW, "UTC").await?];
    world.check_in(NOW, "09:00").await?;
    for (day, polls) in (0..40).enumerate() {
        let now = at("2026-11-20T09:00:00Z") + TimeDelta::days(i64::try_from(day)?);
        drop_after(polls, world.engine.tick(now)).await;
        assert_eq!(world.engine.tick(now).await?.failed, 0);
        for person in people {
            assert_eq!(world.messages(person).await?.len(), day + 1, "after {polls} polls");
        }
    }
    let decisions = world.reasons().await?;
    assert_eq!(decisions, vec![Reason::Sent; 80], "one decision for each message");
    Ok(())
}

/// Polls a future so many times and then drops it, as a crash would.
async fn drop_after(mut polls: usize, future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        future.as_mut().poll(context).map(|_| ())
    })
    .await;
}

async fn the_loop_sends_what_is_due_and_stops_when_told(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    world.check_in(NOW, "09:00").await?;
    let mut joined = world.live.join(person.conversation);
    let (engine, clock) = (Arc::new(world.engine), world.clock);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, shutdown) = (Arc::clone(&engine), shutdown.clone());
        async move { engine.run(shutdown).await }
    });
    clock.set(at("2026-11-20T09:00:00Z"));
    world.live.reschedule();
    let ConversationEvent::Message { message, .. } = joined.events.recv().await? else {
        anyhow::bail!("a whole message was expected");
    };
    assert_eq!(message.created_at, at("2026-11-20T09:00:00Z"));
    shutdown.cancel();
    running.await?;
    Ok(())
}
