//! A check-in comes at its local time, whatever the clocks do.

use anyhow::{Context, Result};
use coxswain_domain::{
    account::CreatorSettings,
    conversation::{Author, ConversationEvent, MessageStatus},
    decision::Reason,
};
use coxswain_store::clients;
use coxswain_test_support::{contract, db::TestDb, seed::at};

use crate::world::{World, no_quiet_hours};

contract!(
    it_comes_at_its_time_live_and_once,
    its_local_time_stays_when_summer_begins,
    a_time_the_change_skips_comes_right_after_it,
    a_time_that_comes_twice_is_used_once,
    a_client_who_moves_hears_it_by_the_new_clock_but_once_a_day,
);

async fn it_comes_at_its_time_live_and_once(db: &TestDb) -> Result<()> {
    let now = "2026-11-20T12:00:00Z";
    let world = World::new(db, now, CreatorSettings::default()).await?;
    let (tokyo, lima) = (world.person(now, "Asia/Tokyo").await?, world.person(now, "America/Lima").await?);
    let id = world.check_in(now, "09:00").await?;
    assert_eq!(world.next(id).await?, Some(at("2026-11-20T14:00:00Z")), "nine in Lima comes first");
    assert_eq!(world.tick("2026-11-20T13:59:59Z").await?, (0, 0));

    let mut joined = world.live.join(lima.conversation);
    assert_eq!(world.tick("2026-11-20T14:00:00Z").await?, (1, 0));
    let ConversationEvent::Message { message, .. } = joined.events.try_recv()? else {
        anyhow::bail!("a whole message was expected");
    };
    assert_eq!((message.author, message.status), (Author::CheckIn, MessageStatus::Done));
    assert_eq!(world.messages(lima).await?, [*message.clone()]);
    assert!(world.messages(tokyo).await?.is_empty(), "it is eleven at night in Tokyo");

    let decision = world.decisions().await?.pop().context("a decision")?;
    assert_eq!(decision.reason, Reason::Sent);
    assert_eq!(decision.message_id, Some(message.id));
    assert_eq!(decision.time_zone, "America/Lima");
    assert_eq!(world.tick("2026-11-20T14:00:30Z").await?, (0, 0), "once");
    assert_eq!(world.tick("2026-11-21T00:00:00Z").await?, (1, 0), "nine in Tokyo");
    Ok(())
}

async fn its_local_time_stays_when_summer_begins(db: &TestDb) -> Result<()> {
    let now = "2026-03-27T12:00:00Z";
    let world = World::new(db, now, CreatorSettings::default()).await?;
    let person = world.person(now, "Europe/Berlin").await?;
    let id = world.check_in(now, "09:00").await?;
    for due in ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"] {
        assert_eq!(world.next(id).await?, Some(at(due)));
        world.clock.set(at(due) - chrono::TimeDelta::seconds(1));
        assert_eq!(world.engine.tick(at(due) - chrono::TimeDelta::seconds(1)).await?.sent, 0);
        assert_eq!(world.tick(due).await?, (1, 0));
    }
    assert_eq!(world.messages(person).await?.len(), 3);
    Ok(())
}

async fn a_time_the_change_skips_comes_right_after_it(db: &TestDb) -> Result<()> {
    let now = "2026-03-28T12:00:00Z";
    let world = World::new(db, now, no_quiet_hours()).await?;
    world.person(now, "Europe/Berlin").await?;
    let id = world.check_in(now, "02:30").await?;
    assert_eq!(world.next(id).await?, Some(at("2026-03-29T01:00:00Z")), "three o'clock follows two");
    assert_eq!(world.tick("2026-03-29T01:00:00Z").await?, (1, 0));
    assert_eq!(world.next(id).await?, Some(at("2026-03-30T00:30:00Z")));
    Ok(())
}

async fn a_time_that_comes_twice_is_used_once(db: &TestDb) -> Result<()> {
    let now = "2026-10-24T12:00:00Z";
    let world = World::new(db, now, no_quiet_hours()).await?;
    world.person(now, "Europe/Berlin").await?;
    let id = world.check_in(now, "02:30").await?;
    assert_eq!(world.tick("2026-10-25T00:30:00Z").await?, (1, 0));
    assert_eq!(world.tick("2026-10-25T01:30:00Z").await?, (0, 0), "half past two again");
    assert_eq!(world.next(id).await?, Some(at("2026-10-26T01:30:00Z")));
    Ok(())
}

async fn a_client_who_moves_hears_it_by_the_new_clock_but_once_a_day(db: &TestDb) -> Result<()> {
    let now = "2026-11-20T06:00:00Z";
    let world = World::new(db, now, CreatorSettings::default()).await?;
    let person = world.person(now, "Europe/Berlin").await?;
    let id = world.check_in(now, "09:00").await?;
    assert_eq!(world.tick("2026-11-20T08:00:00Z").await?, (1, 0));

    let landed = at("2026-11-20T12:00:00Z");
    let mut tx = world.db.write(world.coach.id).await?;
    clients::set_time_zone(&mut tx, world.coach.id, person.id, "America/New_York").await?;
    coxswain_store::schedule::reschedule_client(&mut tx, landed, world.coach.id, person.id).await?;
    tx.commit().await?;
    assert_eq!(world.next(id).await?, Some(at("2026-11-20T14:00:00Z")));
    assert_eq!(world.tick("2026-11-20T14:00:00Z").await?, (0, 1), "they had it this morning");
    assert_eq!(world.reasons().await?, [Reason::Sent, Reason::Duplicate]);
    assert_eq!(world.tick("2026-11-21T14:00:00Z").await?, (1, 0));
    Ok(())
}
