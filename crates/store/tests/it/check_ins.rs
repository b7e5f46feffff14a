//! Check-ins, their schedule and the decisions on it.

use anyhow::{Context, Result};
use coxswain_domain::{
    CheckInId, TurnId,
    conversation::{Author, MessageStatus},
    decision::Reason,
    schedule::{Weekday, Weekdays},
};
use coxswain_store::{
    Db,
    check_ins::{self, NewCheckIn},
    conversations::{self, NewMessage},
    decisions::{self, Filter, NewDecision},
    schedule::{self, Due},
};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, Person, at},
};

use crate::{ALL, later, now, paged, two};

contract!(
    a_check_in_knows_whom_it_reaches_and_when,
    the_faster_of_two_changes_wins,
    lists_come_in_pages,
    due_moments_come_in_order_and_are_claimed_once,
    a_change_leaves_what_is_due_already,
    agreeing_schedules_every_check_in,
    agreeing_and_writing_at_once_miss_nobody,
    how_things_stand_for_a_moment,
    a_moment_is_decided_once,
    decisions_can_be_narrowed,
);

fn new(local_time: &str, days: &[Weekday]) -> Result<NewCheckIn> {
    Ok(NewCheckIn {
        text: "How was it?".into(),
        weekdays: days.iter().copied().collect::<Weekdays>(),
        local_time: local_time.parse()?,
        enabled: true,
    })
}

async fn add(db: &Db, coach: Coach, new: &NewCheckIn) -> Result<CheckInId> {
    let mut tx = db.write(coach.id).await?;
    let id = check_ins::insert(&mut tx, now(), coach.id, new).await?;
    tx.commit().await?;
    Ok(id)
}

async fn agreed(db: &Db, coach: Coach, zone: Option<&str>) -> Result<Person> {
    let person = coach.client(db, now(), zone).await?;
    coach.agree(db, now(), person).await?;
    Ok(person)
}

async fn due(db: &Db, moment: &str) -> Result<Vec<Due>> {
    let mut tx = db.system_read().await?;
    Ok(schedule::due(&mut tx, at(moment), None, 100).await?)
}

async fn a_check_in_knows_whom_it_reaches_and_when(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    for zone in [Some("Europe/Berlin"), Some("America/Lima"), Some("America/Lima"), None] {
        agreed(db, mine, zone).await?;
    }
    mine.client(db, now(), Some("UTC")).await?;
    agreed(db, other, Some("UTC")).await?;
    let content = new("18:00", &[Weekday::Fri, Weekday::Mon])?;
    let id = add(db, mine, &content).await?;
    let mut tx = db.read(mine.id).await?;
    let found = check_ins::get(&mut tx, mine.id, id).await?.context("the check-in")?;
    assert_eq!((found.content, found.version, found.clients), (content, 1, 4));
    // The 20th of November 2026 is a Friday, and noon in UTC.
    assert_eq!(found.next_due_at, Some(at("2026-11-20T17:00:00Z")), "first in Berlin");
    drop(tx);
    let moments: Vec<_> = due(db, "2026-11-30T00:00:00Z").await?.iter().map(|due| due.next_due_at).collect();
    let lima = at("2026-11-20T23:00:00Z");
    assert_eq!(moments, [at("2026-11-20T17:00:00Z"), at("2026-11-20T18:00:00Z"), lima, lima]);
    let mut tx = db.write(other.id).await?;
    assert!(check_ins::get(&mut tx, other.id, id).await?.is_none());
    schedule::reschedule_check_in(&mut tx, now(), other.id, id).await?;
    tx.commit().await?;
    assert_eq!(due(db, "2026-11-30T00:00:00Z").await?.len(), 4);
    Ok(())
}

async fn the_faster_of_two_changes_wins(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    agreed(db, mine, Some("UTC")).await?;
    let id = add(db, mine, &new("18:00", &Weekday::ALL)?).await?;
    let off = NewCheckIn { enabled: false, ..new("19:00", &[Weekday::Sun])? };
    let mut tx = db.write(mine.id).await?;
    assert!(check_ins::update(&mut tx, later(1), mine.id, id, 1, &off).await?);
    assert!(!check_ins::update(&mut tx, later(1), mine.id, id, 1, &new("20:00", &Weekday::ALL)?).await?);
    let found = check_ins::get(&mut tx, mine.id, id).await?.context("the check-in")?;
    assert_eq!((&found.content, found.version, found.clients), (&off, 2, 0));
    assert_eq!((found.next_due_at, found.updated_at), (None, later(1)));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!check_ins::update(&mut tx, later(1), other.id, id, 2, &off).await?);
    assert!(!check_ins::delete(&mut tx, other.id, id).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(check_ins::delete(&mut tx, mine.id, id).await?);
    assert!(check_ins::get(&mut tx, mine.id, id).await?.is_none());
    Ok(())
}

async fn lists_come_in_pages(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    for hour in 10..15 {
        add(db, mine, &new(&format!("{hour}:00"), &Weekday::ALL)?).await?;
    }
    let mut tx = db.read(mine.id).await?;
    let all = check_ins::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(all.len(), 5);
    assert_eq!(paged!(|page| check_ins::list(&mut tx, mine.id, page)), all);
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(check_ins::list(&mut tx, other.id, ALL).await?.items.is_empty());
    Ok(())
}

async fn due_moments_come_in_order_and_are_claimed_once(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    for coach in [mine, other] {
        agreed(db, coach, Some("UTC")).await?;
        add(db, coach, &new("18:00", &Weekday::ALL)?).await?;
        add(db, coach, &new("17:00", &Weekday::ALL)?).await?;
    }
    let mut tx = db.system_read().await?;
    assert_eq!(schedule::next_moment(&mut tx).await?, Some(at("2026-11-20T17:00:00Z")));
    drop(tx);
    assert!(due(db, "2026-11-20T16:59:59.999999Z").await?.is_empty());
    assert_eq!(due(db, "2026-11-20T17:00:00Z").await?.len(), 2, "of both creators");
    let all = due(db, "2026-11-20T18:00:00Z").await?;
    assert_eq!(all.len(), 4);
    let mut tx = db.system().await?;
    let mut paged = Vec::new();
    while let Some(next) = schedule::due(&mut tx, at("2026-11-20T18:00:00Z"), paged.last(), 1).await?.pop() {
        paged.push(next);
    }
    assert_eq!(paged, all);

    assert!(schedule::claim(&mut tx, &all[0]).await?);
    schedule::advance(&mut tx, &all[0], Some(at("2026-11-21T17:00:00Z"))).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert!(!schedule::claim(&mut tx, &all[0]).await?, "it has moved on");
    assert!(schedule::claim(&mut tx, &all[1]).await?);
    schedule::advance(&mut tx, &all[1], None).await?;
    tx.commit().await?;
    assert_eq!(due(db, "2026-11-22T00:00:00Z").await?.len(), 3);
    Ok(())
}

async fn a_change_leaves_what_is_due_already(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = agreed(db, mine, Some("UTC")).await?;
    let id = add(db, mine, &new("18:00", &Weekday::ALL)?).await?;
    let moment = at("2026-11-20T18:00:05Z");
    let mut tx = db.write(mine.id).await?;
    check_ins::update(&mut tx, moment, mine.id, id, 1, &new("19:00", &Weekday::ALL)?).await?;
    tx.commit().await?;
    mine.withdraw(db, moment, person).await?;
    let left = due(db, "2026-11-30T00:00:00Z").await?;
    assert_eq!(left.iter().map(|due| due.next_due_at).collect::<Vec<_>>(), [at("2026-11-20T18:00:00Z")]);
    Ok(())
}

async fn agreeing_schedules_every_check_in(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    add(db, mine, &new("18:00", &Weekday::ALL)?).await?;
    add(db, mine, &new("09:00", &[Weekday::Tue])?).await?;
    add(db, mine, &new("09:00", &[])?).await?;
    add(db, mine, &NewCheckIn { enabled: false, ..new("18:00", &Weekday::ALL)? }).await?;
    add(db, other, &new("18:00", &Weekday::ALL)?).await?;
    let person = agreed(db, mine, Some("Asia/Tokyo")).await?;
    let moments: Vec<_> = due(db, "2026-12-30T00:00:00Z").await?.iter().map(|due| due.next_due_at).collect();
    assert_eq!(moments, [at("2026-11-21T09:00:00Z"), at("2026-11-24T00:00:00Z")]);
    let mut tx = db.write(other.id).await?;
    schedule::reschedule_client(&mut tx, now(), other.id, person.id).await?;
    tx.commit().await?;
    assert_eq!(due(db, "2026-12-30T00:00:00Z").await?.len(), 2);
    mine.withdraw(db, now(), person).await?;
    assert!(due(db, "2026-12-30T00:00:00Z").await?.is_empty());
    Ok(())
}

async fn agreeing_and_writing_at_once_miss_nobody(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = agreed(db, mine, Some("UTC")).await?;
    mine.withdraw(db, now(), person).await?;
    let content = new("18:00", &Weekday::ALL)?;
    // The check-in is written, but not committed, when the client agrees.
    let mut tx = db.write(mine.id).await?;
    check_ins::insert(&mut tx, now(), mine.id, &content).await?;
    let second = (*db).clone();
    let agreeing = tokio::spawn(async move { mine.agree(&second, now(), person).await });
    // Enough for it to end if it did not wait. It must, so how long this takes decides nothing else.
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert!(!agreeing.is_finished());
    tx.commit().await?;
    agreeing.await??;
    assert_eq!(due(db, "2026-11-20T18:00:00Z").await?.len(), 1);
    Ok(())
}

async fn how_things_stand_for_a_moment(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = agreed(db, mine, Some("UTC")).await?;
    let content = new("18:00", &Weekday::ALL)?;
    add(db, mine, &content).await?;
    let moment = due(db, "2026-11-20T18:00:00Z").await?.pop().context("a due moment")?;
    assert_eq!((moment.client_id, moment.creator_id), (person.id, mine.id));
    let mut tx = db.system().await?;
    assert!(schedule::claim(&mut tx, &moment).await?);
    let standing = schedule::standing(&mut tx, &moment).await?.context("how it stands")?;
    assert_eq!((standing.text, standing.enabled, standing.consented), (content.text, true, true));
    assert_eq!((standing.weekdays, standing.local_time), (content.weekdays, content.local_time));
    assert_eq!(
        (standing.time_zone.as_deref(), standing.conversation),
        (Some("UTC"), Some(person.conversation))
    );
    assert_eq!(standing.settings, coxswain_domain::account::CreatorSettings::default());
    drop(tx);
    mine.withdraw(db, at("2026-11-20T18:00:01Z"), person).await?;
    let mut tx = db.system().await?;
    assert!(schedule::claim(&mut tx, &moment).await?);
    let standing = schedule::standing(&mut tx, &moment).await?.context("how it stands")?;
    assert_eq!((standing.consented, standing.conversation), (false, None));
    Ok(())
}

fn decision(check_in: CheckInId, person: Person, minute: i64, reason: Reason) -> NewDecision<'static> {
    NewDecision {
        check_in,
        client: person.id,
        due_at: later(minute),
        local_date: now().date_naive(),
        time_zone: "UTC",
        reason,
    }
}

async fn a_moment_is_decided_once(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = agreed(db, mine, Some("UTC")).await?;
    let id = add(db, mine, &new("18:00", &Weekday::ALL)?).await?;
    let sent = decision(id, person, 0, Reason::Sent);
    let mut tx = db.write(mine.id).await?;
    let made = decisions::record(&mut tx, later(1), mine.id, &sent).await?.context("recorded")?;
    assert_eq!(decisions::record(&mut tx, later(2), mine.id, &sent).await?, None);
    let message = NewMessage {
        conversation: person.conversation,
        turn: TurnId::new(now()),
        author: Author::CheckIn,
        text: "How was it?",
        status: MessageStatus::Done,
        client_message_id: None,
    };
    let (_, message) = conversations::add_message(&mut tx, later(1), mine.id, message).await?;
    decisions::carried_out(&mut tx, mine.id, made, message.id).await?;
    let today = now().date_naive();
    assert_eq!(decisions::sent_on(&mut tx, mine.id, person.id, today).await?, [Some(id)]);
    let tomorrow = today.succ_opt().context("a day")?;
    assert!(decisions::sent_on(&mut tx, mine.id, person.id, tomorrow).await?.is_empty());
    let listed = decisions::list(&mut tx, mine.id, Filter::default(), ALL).await?.items;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].message_id, listed[0].client_name.as_str()), (Some(message.id), "Visitor"));
    assert_eq!(
        (listed[0].due_at, listed[0].decided_at, listed[0].reason),
        (later(0), later(1), Reason::Sent)
    );
    // What was sent counts even when the check-in is gone.
    assert!(check_ins::delete(&mut tx, mine.id, id).await?);
    assert_eq!(decisions::sent_on(&mut tx, mine.id, person.id, today).await?, [None]);
    assert_eq!(decisions::list(&mut tx, mine.id, Filter::default(), ALL).await?.items[0].check_in_id, None);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(decisions::list(&mut tx, other.id, Filter::default(), ALL).await?.items.is_empty());
    assert!(decisions::sent_on(&mut tx, other.id, person.id, today).await?.is_empty());
    Ok(())
}

async fn decisions_can_be_narrowed(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = agreed(db, mine, Some("UTC")).await?;
    let first = add(db, mine, &new("18:00", &Weekday::ALL)?).await?;
    let second = add(db, mine, &new("19:00", &Weekday::ALL)?).await?;
    let mut tx = db.write(mine.id).await?;
    for (minute, reason) in (0..).zip(Reason::ALL) {
        for id in [first, second] {
            decisions::record(&mut tx, later(minute), mine.id, &decision(id, person, minute, reason)).await?;
        }
    }
    let all = decisions::list(&mut tx, mine.id, Filter::default(), ALL).await?.items;
    assert_eq!(all.len(), 2 * Reason::ALL.len());
    assert_eq!(paged!(|page| decisions::list(&mut tx, mine.id, Filter::default(), page)), all);
    let sent = Filter { sent: Some(true), ..Filter::default() };
    assert_eq!(decisions::list(&mut tx, mine.id, sent, ALL).await?.items.len(), 2);
    let held = Filter { sent: Some(false), check_in: Some(first) };
    let held = decisions::list(&mut tx, mine.id, held, ALL).await?.items;
    assert_eq!(held.len(), Reason::ALL.len() - 1);
    assert!(held.iter().all(|decision| decision.check_in_id == Some(first) && !decision.reason.sent()));
    Ok(())
}
