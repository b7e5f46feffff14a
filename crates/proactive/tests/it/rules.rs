//! Why a due moment is held back, asked at the moment of sending.

use anyhow::Result;
use coxswain_domain::{account::CreatorSettings, decision::Reason};
use coxswain_store::{channel_accounts, check_ins, creators, decisions, page::Page};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, at},
};

use crate::world::{World, daily};

contract!(
    consent_withdrawn_between_due_and_send_holds_it_back,
    nothing_is_scheduled_without_consent,
    a_check_in_switched_off_meanwhile_is_held_back,
    a_channel_switched_off_holds_it_back_for_that_day,
    quiet_hours_hold_it_back,
    the_days_cap_counts_all_check_ins_even_deleted_ones,
    a_new_time_on_the_same_day_does_not_repeat_it,
    too_late_is_not_sent,
    one_creators_decisions_are_not_anothers,
);

const NOW: &str = "2026-11-20T06:00:00Z";
const DUE: &str = "2026-11-20T09:00:00Z";

async fn consent_withdrawn_between_due_and_send_holds_it_back(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    world.coach.withdraw(db, at("2026-11-20T09:00:01Z"), person).await?;
    assert_eq!(world.tick("2026-11-20T09:00:02Z").await?, (0, 1));
    assert_eq!(world.reasons().await?, [Reason::NoConsent]);
    assert!(world.messages(person).await?.is_empty());
    assert_eq!(world.next(id).await?, None, "nobody waits for it any more");

    world.coach.agree(db, at("2026-11-20T10:00:00Z"), person).await?;
    assert_eq!(world.next(id).await?, Some(at("2026-11-21T09:00:00Z")));
    Ok(())
}

async fn nothing_is_scheduled_without_consent(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.coach.client(db, at(NOW), Some("UTC")).await?;
    let agreed = world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    world.coach.withdraw(db, at("2026-11-20T08:00:00Z"), agreed).await?;
    assert_eq!(world.next(id).await?, None);
    assert_eq!(world.tick(DUE).await?, (0, 0));
    Ok(())
}

async fn a_check_in_switched_off_meanwhile_is_held_back(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    let off = check_ins::NewCheckIn { enabled: false, ..daily("09:00")? };
    world.change("2026-11-20T09:00:10Z", id, &off).await?;
    assert_eq!(world.tick("2026-11-20T09:00:20Z").await?, (0, 1));
    assert_eq!(world.reasons().await?, [Reason::Disabled]);
    assert_eq!(world.next(id).await?, None);

    world.change("2026-11-20T12:00:00Z", id, &daily("09:00")?).await?;
    assert_eq!(world.next(id).await?, Some(at("2026-11-21T09:00:00Z")));
    Ok(())
}

async fn a_channel_switched_off_holds_it_back_for_that_day(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.person(NOW, "UTC").await?;
    world.check_in(NOW, "09:00").await?;
    switch(&world, false).await?;
    assert_eq!(world.tick(DUE).await?, (0, 1));
    switch(&world, true).await?;
    assert_eq!(world.tick("2026-11-21T09:00:00Z").await?, (1, 0));
    assert_eq!(world.reasons().await?, [Reason::ChannelOff, Reason::Sent]);
    Ok(())
}

async fn switch(world: &World, enabled: bool) -> Result<()> {
    let creator = world.coach.id;
    let mut tx = world.db.write(creator).await?;
    if let Some(mut account) = channel_accounts::get(&mut tx, creator, world.coach.widget).await? {
        account.enabled = enabled;
        channel_accounts::update(&mut tx, creator, &account).await?;
    }
    Ok(tx.commit().await?)
}

async fn quiet_hours_hold_it_back(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    world.check_in(NOW, "07:59").await?;
    world.check_in(NOW, "21:00").await?;
    world.check_in(NOW, "20:59").await?;
    assert_eq!(world.tick("2026-11-20T07:59:00Z").await?, (0, 1));
    assert_eq!(world.tick("2026-11-20T20:59:00Z").await?, (1, 0));
    assert_eq!(world.tick("2026-11-20T21:00:00Z").await?, (0, 1));
    assert_eq!(world.reasons().await?, [Reason::QuietHours, Reason::Sent, Reason::QuietHours]);

    // What was open when it was due may be quiet when it could be sent at last.
    assert_eq!(world.tick("2026-11-21T21:10:00Z").await?.0, 0);
    assert_eq!(world.messages(person).await?.len(), 1);
    Ok(())
}

async fn the_days_cap_counts_all_check_ins_even_deleted_ones(db: &TestDb) -> Result<()> {
    let settings = CreatorSettings { daily_cap: 1, ..CreatorSettings::default() };
    let world = World::new(db, NOW, settings).await?;
    let person = world.person(NOW, "UTC").await?;
    let first = world.check_in(NOW, "09:00").await?;
    world.check_in(NOW, "10:00").await?;
    assert_eq!(world.tick(DUE).await?, (1, 0));
    let mut tx = db.write(world.coach.id).await?;
    assert!(check_ins::delete(&mut tx, world.coach.id, first).await?);
    tx.commit().await?;
    assert_eq!(world.tick("2026-11-20T10:00:00Z").await?, (0, 1));
    assert_eq!(world.reasons().await?, [Reason::Sent, Reason::DailyCap]);
    assert_eq!(world.tick("2026-11-21T10:00:00Z").await?, (1, 0), "a new day");
    assert_eq!(world.messages(person).await?.len(), 2);
    Ok(())
}

async fn a_new_time_on_the_same_day_does_not_repeat_it(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick(DUE).await?, (1, 0));
    world.change("2026-11-20T09:30:00Z", id, &daily("11:00")?).await?;
    assert_eq!(world.tick("2026-11-20T11:00:00Z").await?, (0, 1));
    assert_eq!(world.tick("2026-11-21T09:00:00Z").await?, (0, 0), "the old time is forgotten");
    assert_eq!(world.tick("2026-11-21T11:00:00Z").await?, (1, 0));
    assert_eq!(world.reasons().await?, [Reason::Sent, Reason::Duplicate, Reason::Sent]);
    Ok(())
}

async fn too_late_is_not_sent(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick("2026-11-20T10:00:00.000001Z").await?, (0, 1));
    assert_eq!(world.tick("2026-11-21T10:00:00Z").await?, (1, 0), "an hour late is not too late");
    assert_eq!(world.reasons().await?, [Reason::Expired, Reason::Sent]);
    assert_eq!(world.messages(person).await?.len(), 1);
    Ok(())
}

async fn one_creators_decisions_are_not_anothers(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    world.person(NOW, "UTC").await?;
    let id = world.check_in(NOW, "09:00").await?;
    world.tick(DUE).await?;
    let other = Coach::new(db, at(NOW), CreatorSettings::default()).await?;
    let mut tx = db.write(other.id).await?;
    let page = Page { limit: 10, after: None };
    let seen = decisions::list(&mut tx, other.id, decisions::Filter::default(), page).await?;
    assert!(seen.items.is_empty());
    assert!(check_ins::get(&mut tx, other.id, id).await?.is_none());
    assert!(!check_ins::delete(&mut tx, other.id, id).await?);
    assert!(!check_ins::update(&mut tx, at(NOW), other.id, id, 1, &daily("10:00")?).await?);
    assert!(creators::get(&mut tx, other.id).await?.is_some());
    Ok(())
}
