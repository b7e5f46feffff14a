//! Who answers: the engine, or a member who has taken over.

use std::time::Duration;

use anyhow::{Context, Result};
use coxswain_domain::{
    MemberId,
    conversation::{Author, MessageStatus},
};
use coxswain_store::{
    Engine, StoreError,
    conversations::{self, Handler},
    jobs,
    outbox::{self, Begun, Purpose, State},
};
use coxswain_test_support::{contract, db::TestDb};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    later,
    messenger::{self, Talk, answered},
    now, two,
};

contract!(
    taking_over_stops_the_engine,
    taking_over_in_the_widget_stops_what_readers_see,
    nothing_leaves_beside_a_member,
    whoever_waits_for_a_member_heeds_what_they_decide,
    everybody_at_once_waits_for_nobody_forever,
    a_coach_who_writes_takes_over,
    a_client_waits_for_a_person_once,
    a_closed_conversation_opens_when_the_client_writes,
    nobody_handles_anothers_conversation,
    many_are_seen_at_a_glance,
);

async fn taking_over_stops_the_engine(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let Talk { conversation, .. } = messenger::talk(db, mine, bot, "ann").await?;
    let queued = answered(db, mine, conversation).await?;
    let draft = messenger::write(db, mine, conversation, "More?").await?.reply.context("a draft")?.1.id;
    let member = MemberId::new(now());
    let mut tx = db.write(mine.id).await?;
    let dropped = conversations::take_over(&mut tx, now(), mine.id, conversation, member).await?;
    assert_eq!(dropped.context("taken over")?.gone, [draft]);
    let handling = conversations::handling(&mut tx, mine.id, conversation).await?.context("handled")?;
    assert_eq!((handling.handler, handling.assigned_to), (Handler::Human, Some(member)));
    let parts = outbox::of_message(&mut tx, mine.id, queued).await?;
    assert_eq!(parts[0].state, State::Withheld);
    assert!(parts[0].detail.as_ref().is_some_and(|detail| detail.contains("took over")));
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    let kinds = jobs::depths(&mut tx).await?;
    let answers = kinds.iter().find(|depth| depth.kind == conversations::ANSWER_JOB);
    assert_eq!(answers.map(|depth| depth.jobs), Some(1), "the settled reply's own, and no draft's");
    Ok(())
}

async fn taking_over_in_the_widget_stops_what_readers_see(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let draft =
        messenger::write(db, mine, person.conversation, "When?").await?.reply.context("a draft")?.1.id;
    let mut tx = db.write(mine.id).await?;
    conversations::grow(&mut tx, mine.id, draft, "At").await?;
    let member = MemberId::new(now());
    let dropped = conversations::take_over(&mut tx, now(), mine.id, person.conversation, member).await?;
    let dropped = dropped.context("taken over")?;
    assert!(dropped.gone.is_empty());
    let (place, stopped) = &dropped.cancelled[0];
    assert_eq!((*place, stopped.status, stopped.text.as_str()), (3, MessageStatus::Cancelled, "At"));
    Ok(())
}

async fn nothing_leaves_beside_a_member(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    for round in 0..6 {
        let name = format!("client {round}");
        let Talk { conversation, .. } = messenger::talk(db, mine, bot, &name).await?;
        let reply = answered(db, mine, conversation).await?;
        let part = {
            let mut tx = db.read(mine.id).await?;
            outbox::of_message(&mut tx, mine.id, reply).await?.remove(0).id
        };
        let begin = async || -> Result<Begun> {
            let mut tx = db.write(mine.id).await?;
            let begun = outbox::begin_sending(&mut tx, now(), mine.id, part).await?.context("the part")?;
            tx.commit().await?;
            Ok(begun)
        };
        let (told, taken) = tokio::join!(begin(), messenger::take_over(db, mine, conversation));
        taken?;
        let mut tx = db.read(mine.id).await?;
        let after = outbox::of_message(&mut tx, mine.id, reply).await?.remove(0).state;
        let expected = match told? {
            Begun::Send(_) => State::Sending,
            Begun::Withheld(_) => State::Withheld,
            other => anyhow::bail!("neither sent nor kept back: {other:?}"),
        };
        assert_eq!(after, expected, "the sender was told what is stored");
        drop(tx);
        assert!(!matches!(begin().await?, Begun::Send(_)), "not after a member took over");
    }
    Ok(())
}

/// A member has taken over and not committed yet. Who comes now must not go by what stood before: the engine's words
/// stay, and what the client writes gets no draft.
async fn whoever_waits_for_a_member_heeds_what_they_decide(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let Talk { conversation, .. } = messenger::talk(db, mine, bot, "ann").await?;
    let reply = answered(db, mine, conversation).await?;
    let part = {
        let mut tx = db.read(mine.id).await?;
        outbox::of_message(&mut tx, mine.id, reply).await?.remove(0).id
    };
    let send = async {
        let mut tx = db.write(mine.id).await?;
        let begun = outbox::begin_sending(&mut tx, now(), mine.id, part).await?.context("the part")?;
        tx.commit().await?;
        anyhow::Ok(begun)
    };
    let write = messenger::write(db, mine, conversation, "And then?");
    let mut taking = db.write(mine.id).await?;
    let member = MemberId::new(now());
    conversations::take_over(&mut taking, now(), mine.id, conversation, member)
        .await?
        .context("taken over")?;
    let commit = async {
        waiting(db, 2).await?;
        anyhow::Ok(taking.commit().await?)
    };
    let (begun, written, committed) = tokio::join!(send, write, commit);
    committed?;
    assert!(matches!(begun?, Begun::Withheld(_)), "the engine's words left beside a member");
    assert!(written?.reply.is_none(), "a member answers");
    let mut tx = db.read(mine.id).await?;
    assert_eq!(outbox::of_message(&mut tx, mine.id, reply).await?[0].state, State::Withheld);
    Ok(())
}

/// Until so many transactions wait for another. `SQLite` has one writer: there they wait to begin.
async fn waiting(db: &TestDb, many: i64) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let mut overseer = PgConnection::connect(db.url()).await?;
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'";
    while sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut overseer).await?.0 < many {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// A client who writes on, an engine that settles, a member who takes over and hands back: whatever the order,
/// none of them waits for another in a circle, and no more than one draft is left.
async fn everybody_at_once_waits_for_nobody_forever(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let Talk { conversation, .. } = messenger::talk(db, mine, bot, "ann").await?;
    for _ in 0..8 {
        let first = messenger::write(db, mine, conversation, "One").await?;
        let draft = first.reply.context("a draft")?.1.id;
        let write = messenger::write(db, mine, conversation, "Two");
        let grow = async {
            let mut tx = db.write(mine.id).await?;
            conversations::grow(&mut tx, mine.id, draft, "At").await?;
            anyhow::Ok(tx.commit().await?)
        };
        let settle = async {
            let mut tx = db.write(mine.id).await?;
            let end = messenger::end(MessageStatus::Done, "At five.");
            let settled = conversations::settle(&mut tx, now(), mine.id, draft, &end).await?;
            tx.commit().await?;
            anyhow::Ok(settled)
        };
        let (written, grown, settled, taken) =
            tokio::join!(write, grow, settle, messenger::take_over(db, mine, conversation));
        written?;
        grown?;
        settled?;
        taken?;
        let mut tx = db.write(mine.id).await?;
        let said = conversations::list_messages(&mut tx, mine.id, conversation, 9_999, 999).await?;
        assert!(
            said.iter().all(|(_, message)| message.status != MessageStatus::Streaming),
            "a member is there"
        );
        let parts = outbox::of_conversation(&mut tx, mine.id, conversation, 999).await?;
        assert!(parts.iter().all(|part| part.state == State::Withheld), "and nothing of the engine's waits");
        assert!(conversations::hand_back(&mut tx, mine.id, conversation).await?);
        tx.commit().await?;
    }
    Ok(())
}

async fn a_coach_who_writes_takes_over(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let Talk { conversation, .. } = messenger::talk(db, mine, bot, "ann").await?;
    let draft = messenger::write(db, mine, conversation, "When?").await?.reply.context("a draft")?.1.id;
    let member = MemberId::new(now());
    let id = Some(Uuid::new_v4());
    let mut tx = db.write(mine.id).await?;
    let what = (conversation, "I am here.");
    let (dropped, (_, message)) =
        conversations::write_as_coach(&mut tx, now(), mine.id, member, what, id).await?.context("written")?;
    assert_eq!((dropped.gone.as_slice(), message.author), (&[draft][..], Author::Coach));
    let parts = outbox::of_message(&mut tx, mine.id, message.id).await?;
    assert_eq!((parts[0].purpose, parts[0].text.as_str()), (Purpose::Coach, "I am here."));
    let begun = outbox::begin_sending(&mut tx, now(), mine.id, parts[0].id).await?;
    assert!(matches!(begun, Some(Begun::Send(_))), "a member's words do leave: {begun:?}");
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    let again = conversations::write_as_coach(&mut tx, now(), mine.id, member, what, id).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    drop(tx);
    let mut tx = db.write(other.id).await?;
    assert!(conversations::write_as_coach(&mut tx, now(), other.id, member, what, None).await?.is_none());
    Ok(())
}

async fn a_client_waits_for_a_person_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::want_human(&mut tx, now(), mine.id, person.conversation).await?);
    assert!(!conversations::want_human(&mut tx, later(1), mine.id, person.conversation).await?, "no news");
    let handling = conversations::handling(&mut tx, mine.id, person.conversation).await?.context("it")?;
    assert_eq!((handling.human_wanted_at, handling.handler), (Some(now()), Handler::Engine));
    let member = MemberId::new(now());
    conversations::take_over(&mut tx, now(), mine.id, person.conversation, member).await?;
    let handling = conversations::handling(&mut tx, mine.id, person.conversation).await?.context("it")?;
    assert_eq!(handling.human_wanted_at, None);
    assert!(
        !conversations::want_human(&mut tx, later(2), mine.id, person.conversation).await?,
        "one is there"
    );
    assert!(conversations::hand_back(&mut tx, mine.id, person.conversation).await?);
    assert!(conversations::want_human(&mut tx, later(3), mine.id, person.conversation).await?);
    Ok(())
}

async fn a_closed_conversation_opens_when_the_client_writes(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let Talk { conversation, .. } = messenger::talk(db, mine, bot, "ann").await?;
    messenger::take_over(db, mine, conversation).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::close(&mut tx, later(1), mine.id, conversation).await?);
    let handling = conversations::handling(&mut tx, mine.id, conversation).await?.context("it")?;
    assert_eq!((handling.closed_at, handling.handler), (Some(later(1)), Handler::Engine));
    tx.commit().await?;
    assert!(messenger::write(db, mine, conversation, "One more thing").await?.reply.is_some());
    let mut tx = db.write(mine.id).await?;
    let handling = conversations::handling(&mut tx, mine.id, conversation).await?.context("it")?;
    assert_eq!(handling.closed_at, None);
    conversations::close(&mut tx, later(2), mine.id, conversation).await?;
    assert!(conversations::reopen(&mut tx, mine.id, conversation).await?);
    let handling = conversations::handling(&mut tx, mine.id, conversation).await?.context("it")?;
    assert_eq!(handling.closed_at, None);
    Ok(())
}

async fn nobody_handles_anothers_conversation(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let talk = mine.client(db, now(), None).await?.conversation;
    let member = MemberId::new(now());
    let mut tx = db.write(other.id).await?;
    assert!(conversations::handling(&mut tx, other.id, talk).await?.is_none());
    assert!(conversations::take_over(&mut tx, now(), other.id, talk, member).await?.is_none());
    assert!(!conversations::hand_back(&mut tx, other.id, talk).await?);
    assert!(!conversations::assign(&mut tx, other.id, talk, Some(member)).await?);
    assert!(!conversations::want_human(&mut tx, now(), other.id, talk).await?);
    assert!(!conversations::close(&mut tx, now(), other.id, talk).await?);
    assert!(!conversations::reopen(&mut tx, other.id, talk).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::assign(&mut tx, mine.id, talk, Some(member)).await?);
    let handling = conversations::handling(&mut tx, mine.id, talk).await?.context("it")?;
    assert_eq!((handling.handler, handling.assigned_to), (Handler::Engine, Some(member)));
    assert!(conversations::assign(&mut tx, mine.id, talk, None).await?);
    let handling = conversations::handling(&mut tx, mine.id, talk).await?.context("it")?;
    assert_eq!(handling.assigned_to, None);
    Ok(())
}

async fn many_are_seen_at_a_glance(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let ann = messenger::talk(db, mine, bot, "ann").await?.conversation;
    let ben = messenger::talk(db, mine, bot, "ben").await?.conversation;
    let left_out = messenger::talk(db, mine, bot, "eve").await?.conversation;
    let theirs = other.client(db, now(), None).await?.conversation;
    messenger::write(db, mine, ann, "When?").await?;
    messenger::take_over(db, mine, ben).await?;
    let mut tx = db.read(mine.id).await?;
    let mut seen = conversations::sights(&mut tx, mine.id, &[ann, ben, theirs]).await?;
    seen.sort_by_key(|(id, _)| *id != ann);
    let found: Vec<_> = seen.iter().map(|(id, sight)| (*id, sight.place, sight.handling.handler)).collect();
    assert_eq!(
        found,
        [(ann, 2, Handler::Engine), (ben, 0, Handler::Human)],
        "and neither {left_out} nor {theirs}"
    );
    assert_eq!(conversations::sights(&mut tx, mine.id, &[]).await?, []);
    Ok(())
}
