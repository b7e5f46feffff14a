//! What happens is noted where it happens, and told on once.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use coxswain_domain::{
    GapId, MemberId, TurnId, WebhookId,
    conversation::{Author, MessageStatus},
    decision::Reason,
    event::EventKind,
};
use coxswain_store::{
    Db, check_ins,
    conversations::{self, NewMessage},
    decisions::{self, NewDecision},
    feedback::{self, Feedback},
    gaps::{self, Gap},
    happenings, identities, outbox,
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use serde_json::{Value, json};

use crate::{
    later,
    messenger::{self, answered},
    now, two,
    webhooks::{added, told},
};

contract!(
    a_conversation_is_told_in_order,
    what_was_rolled_back_is_not_told,
    without_webhooks_nothing_is_noted,
    a_test_chat_is_told_to_nobody,
    people_are_told,
    deliveries_are_told,
    judgements_are_told,
    two_who_tell_on_tell_everything_once,
);

/// Tells everything on; what the webhook heard since the last time.
async fn heard(db: &Db, coach: Coach, id: WebhookId) -> Result<Vec<(EventKind, Value)>> {
    let mut tx = db.system_read().await?;
    let pending = happenings::pending(&mut tx).await?;
    assert!(pending.iter().all(|creator| *creator == coach.id), "{pending:?}");
    drop(tx);
    let before = told(db, coach, id).await?.len();
    let mut tx = db.write(coach.id).await?;
    happenings::spread(&mut tx, later(9), coach.id, 100, false).await?;
    tx.commit().await?;
    let mut all = told(db, coach, id).await?;
    Ok(all.split_off(before))
}

fn kinds(heard: &[(EventKind, Value)]) -> Vec<EventKind> {
    heard.iter().map(|(kind, _)| *kind).collect()
}

async fn a_conversation_is_told_in_order(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let hook = added(db, mine, &[]).await?;
    let person = mine.client(db, now(), None).await?;
    answered(db, mine, person.conversation).await?;
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::want_human(&mut tx, later(1), mine.id, person.conversation).await?);
    tx.commit().await?;
    messenger::take_over(db, mine, person.conversation).await?;
    let mut tx = db.write(mine.id).await?;
    let text = (person.conversation, "I am here.");
    conversations::write_as_coach(&mut tx, later(2), mine.id, MemberId::new(now()), text, None).await?;
    conversations::hand_back(&mut tx, mine.id, person.conversation).await?;
    conversations::close(&mut tx, later(3), mine.id, person.conversation).await?;
    tx.commit().await?;
    let heard = heard(db, mine, hook.id).await?;
    assert_eq!(
        kinds(&heard),
        [
            EventKind::ClientCreated,
            EventKind::MessageReceived,
            EventKind::MessageSent,
            EventKind::HumanWanted,
            EventKind::TakenOver,
            EventKind::MessageSent,
            EventKind::HandedBack,
            EventKind::Closed,
        ]
    );
    let (_, asked) = &heard[1];
    assert_eq!(asked["data"]["message"]["text"], "When?");
    assert_eq!(asked["data"]["client"]["id"], json!(person.id));
    assert_eq!(asked["data"]["conversation"]["channel"]["kind"], "widget");
    assert_eq!(asked["created_at"], json!(now()), "when it happened, not when it was told");
    assert_eq!(heard[2].1["data"]["message"]["author"], "engine");
    assert_eq!(heard[5].1["data"]["message"]["author"], "coach");
    Ok(())
}

async fn what_was_rolled_back_is_not_told(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let hook = added(db, mine, &[EventKind::MessageReceived]).await?;
    let person = mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    let burst = messenger::burst(person.conversation, "Never mind.");
    conversations::accept_burst(&mut tx, now(), mine.id, burst, None).await?;
    drop(tx);
    assert!(heard(db, mine, hook.id).await?.is_empty());
    Ok(())
}

async fn without_webhooks_nothing_is_noted(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    added(db, other, &[]).await?;
    let person = mine.client(db, now(), None).await?;
    answered(db, mine, person.conversation).await?;
    let mut tx = db.system_read().await?;
    assert!(happenings::pending(&mut tx).await?.is_empty());
    Ok(())
}

async fn a_test_chat_is_told_to_nobody(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let hook = added(db, mine, &[]).await?;
    let mut tx = db.write(mine.id).await?;
    let id = coxswain_domain::ConversationId::new(now());
    let talk = conversations::Conversation {
        id,
        kind: coxswain_domain::conversation::ConversationKind::Test,
        client_id: None,
        channel_account_id: None,
        member_id: Some(MemberId::new(now())),
        title: String::new(),
        knowledge_base_ids: Vec::new(),
        created_at: now(),
        updated_at: now(),
    };
    conversations::create(&mut tx, mine.id, &talk).await?;
    let new = NewMessage {
        conversation: id,
        turn: TurnId::new(now()),
        author: Author::Client,
        text: "What would they hear?",
        status: MessageStatus::Done,
        client_message_id: None,
    };
    conversations::add_message(&mut tx, now(), mine.id, new).await?;
    tx.commit().await?;
    assert!(heard(db, mine, hook.id).await?.is_empty());
    Ok(())
}

async fn people_are_told(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let hook = added(db, mine, &[]).await?;
    let bot = messenger::bot(db, mine).await?;
    let (ann, ben) =
        (messenger::talk(db, mine, bot, "ann").await?, messenger::talk(db, mine, bot, "ben").await?);
    assert_eq!(kinds(&heard(db, mine, hook.id).await?), [EventKind::ClientCreated; 2]);
    let mut tx = db.write(mine.id).await?;
    identities::set_opted_out(&mut tx, later(1), mine.id, ann.identity.id, true).await?;
    identities::set_opted_out(&mut tx, later(1), mine.id, ann.identity.id, true).await?;
    identities::set_opted_out(&mut tx, later(2), mine.id, ann.identity.id, false).await?;
    identities::link(&mut tx, later(3), mine.id, ben.identity.id, ann.identity.client_id).await?;
    tx.commit().await?;
    let linked = heard(db, mine, hook.id).await?;
    let expected = [EventKind::ClientOptedOut, EventKind::ClientOptedIn, EventKind::ClientLinked];
    assert_eq!(kinds(&linked), expected);
    assert_eq!(linked[2].1["data"]["client"]["id"], json!(ann.identity.client_id));
    assert_eq!(linked[2].1["data"]["identity"]["provider_user_id"], "ben");
    let mut tx = db.write(mine.id).await?;
    identities::unlink(&mut tx, later(4), mine.id, ben.identity.id).await?;
    tx.commit().await?;
    assert_eq!(
        kinds(&heard(db, mine, hook.id).await?),
        [EventKind::ClientCreated, EventKind::ClientUnlinked]
    );
    let person = mine.client(db, now(), Some("UTC")).await?;
    mine.agree(db, now(), person).await?;
    mine.agree(db, later(1), person).await?;
    mine.withdraw(db, later(2), person).await?;
    let agreed = heard(db, mine, hook.id).await?;
    let expected = [EventKind::ClientCreated, EventKind::ClientConsented, EventKind::ConsentWithdrawn];
    assert_eq!(kinds(&agreed), expected);
    assert_eq!(agreed[2].1["data"]["consent"]["withdrawn_at"], json!(later(2)));
    Ok(())
}

async fn deliveries_are_told(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "ann").await?;
    let hook = added(db, mine, &[]).await?;
    let mut parts = Vec::new();
    for _ in 0..2 {
        let message = answered(db, mine, talk.conversation).await?;
        let mut tx = db.read(mine.id).await?;
        parts.push(
            outbox::of_message(&mut tx, mine.id, message).await?.into_iter().next().context("a part")?.id,
        );
    }
    heard(db, mine, hook.id).await?;
    let mut tx = db.write(mine.id).await?;
    outbox::accepted(&mut tx, mine.id, parts[0], "m1").await?;
    for state in
        [outbox::State::Sent, outbox::State::Delivered, outbox::State::Read, outbox::State::Delivered]
    {
        let report =
            outbox::Report { provider_message_id: "m1", opaque: None, state, problem: None, pricing: None };
        outbox::reached(&mut tx, later(1), mine.id, bot, report).await?;
    }
    outbox::failed(&mut tx, later(2), mine.id, parts[1], (Some("403"), "They blocked the bot.")).await?;
    tx.commit().await?;
    let heard = heard(db, mine, hook.id).await?;
    assert_eq!(
        kinds(&heard),
        [
            EventKind::DeliveryAccepted,
            EventKind::DeliveryDelivered,
            EventKind::DeliveryRead,
            EventKind::DeliveryFailed
        ]
    );
    assert_eq!(heard[0].1["data"]["delivery"]["state"], "accepted", "as it was, though it is read by now");
    assert_eq!(heard[3].1["data"]["delivery"]["code"], "403");
    assert_eq!(heard[3].1["data"]["delivery"]["id"], json!(parts[1]));
    Ok(())
}

async fn judgements_are_told(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), Some("UTC")).await?;
    let answer = answered(db, mine, person.conversation).await?;
    let hook = added(db, mine, &[]).await?;
    let mut tx = db.write(mine.id).await?;
    for (minute, helpful) in [(1, true), (2, false)] {
        let said = Feedback { message_id: answer, helpful, reason: None, created_at: later(minute) };
        feedback::give(&mut tx, mine.id, person.conversation, &said).await?;
    }
    let gap = Gap {
        id: GapId::new(now()),
        conversation_id: Some(person.conversation),
        message_id: None,
        question: "Why?".into(),
        reason: "nothing_found".into(),
        created_at: later(3),
    };
    gaps::add(&mut tx, mine.id, &gap).await?;
    let check_in = check_ins::NewCheckIn {
        text: "How was it?".into(),
        weekdays: [coxswain_domain::schedule::Weekday::Mon].into_iter().collect(),
        local_time: "09:00".parse().ok().context("a time")?,
        enabled: true,
    };
    let check_in = check_ins::insert(&mut tx, now(), mine.id, &check_in).await?;
    for (minute, reason) in [(4, Reason::Sent), (5, Reason::QuietHours)] {
        let new = NewDecision {
            check_in,
            client: person.id,
            due_at: later(minute),
            local_date: now().date_naive(),
            time_zone: "UTC",
            reason,
        };
        decisions::record(&mut tx, later(minute), mine.id, &new).await?;
    }
    tx.commit().await?;
    let heard = heard(db, mine, hook.id).await?;
    assert_eq!(
        kinds(&heard),
        [
            EventKind::FeedbackGiven,
            EventKind::FeedbackGiven,
            EventKind::GapRecorded,
            EventKind::CheckInSent,
            EventKind::CheckInHeldBack
        ]
    );
    assert_eq!(heard[1].1["data"]["feedback"]["helpful"], false);
    assert_eq!(heard[2].1["data"]["gap"]["question"], "Why?");
    assert_eq!(heard[4].1["data"]["decision"]["reason"], "quiet_hours");
    Ok(())
}

async fn two_who_tell_on_tell_everything_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let hook = added(db, mine, &[EventKind::MessageReceived]).await?;
    let person = mine.client(db, now(), None).await?;
    for count in 0..30 {
        messenger::write(db, mine, person.conversation, &format!("{count}")).await?;
    }
    let other = db.open_again().await?;
    let tell = async |db: &Db| -> Result<usize> {
        let mut all = 0;
        loop {
            let mut tx = db.write(mine.id).await?;
            let done = happenings::spread(&mut tx, later(1), mine.id, 4, false).await?;
            tx.commit().await?;
            all += done.deliveries;
            if done.notes == 0 {
                return Ok(all);
            }
        }
    };
    let (left, right) = tokio::join!(tell(db), tell(&other));
    assert_eq!(left? + right?, 30);
    let texts: Vec<_> = told(db, mine, hook.id).await?;
    let texts: BTreeSet<_> =
        texts.iter().map(|(_, event)| event["data"]["message"]["text"].to_string()).collect();
    assert_eq!(texts.len(), 30);
    Ok(())
}

/// Every trigger of one engine is one of the other, on the same table, and every kind but the test is noted by one.
#[test]
fn both_engines_note_the_same() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let triggers = |engine: &str| -> Result<BTreeSet<(String, String)>> {
        let text = fs::read_to_string(root.join(engine).join("0009_integrations.sql"))?;
        let words: Vec<_> = text.split_whitespace().collect();
        let found = words.iter().enumerate().filter(|(place, word)| {
            **word == "TRIGGER" && words[place - 1] == "CREATE" && words[place + 1].starts_with("happens_")
        });
        let table = |place: usize| words[place..].iter().skip_while(|word| **word != "ON").nth(1);
        found
            .map(|(place, _)| {
                Ok((words[place + 1].to_owned(), (*table(place).context("a table")?).to_owned()))
            })
            .collect()
    };
    let sqlite = triggers("sqlite")?;
    assert!(sqlite.len() > 20, "{sqlite:?}");
    assert_eq!(sqlite, triggers("postgres")?);
    for engine in ["sqlite", "postgres"] {
        let text = fs::read_to_string(root.join(engine).join("0009_integrations.sql"))?;
        for kind in EventKind::ALL {
            // Whether linked or unlinked is found out when it is told on.
            let noted = !matches!(kind, EventKind::Test | EventKind::ClientUnlinked);
            assert_eq!(text.contains(&format!("'{}'", kind.name())), noted, "{engine}: {}", kind.name());
        }
    }
    Ok(())
}
