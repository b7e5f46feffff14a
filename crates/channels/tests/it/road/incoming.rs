//! What comes in: kept before it is acknowledged, once, in order, whatever lies between.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_channels::road::{
    RoadSettings,
    arrival::{Arrival, Content, Sender},
};
use coxswain_domain::{channel::ChannelKind, conversation::Author};
use coxswain_store::inbox::{self, State as InboxState};
use coxswain_test_support::{contract, db::TestDb};

use super::world::World;

contract!(
    invariant_1_a_message_and_its_job_are_durable_together,
    invariant_2_a_second_copy_changes_nothing,
    invariant_3_what_cannot_be_read_blocks_nobody_and_can_be_replayed,
    invariant_4_a_burst_is_one_question,
    invariant_4_conversations_do_not_wait_for_each_other,
    invariant_4_a_late_copy_of_an_answered_message_is_not_answered_again,
);

async fn invariant_1_a_message_and_its_job_are_durable_together(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let new = inbox::New {
        creator: bot.creator,
        account: bot.id,
        provider_message_id: "m1",
        sender: "7",
        sent_at: None,
        raw: b"bytes",
    };
    // Before the commit there is nothing, and the provider has not heard 200.
    let mut tx = world.db.write(bot.creator).await?;
    inbox::receive(&mut tx, world.now(), new).await?;
    drop(tx);
    assert_eq!(world.inbox(&bot).await?, []);
    assert!(world.claim(inbox::INBOX_JOB).await?.is_none());
    world.raw(&bot, "7", "m1", b"bytes").await?;
    let rows = world.inbox(&bot).await?;
    assert_eq!((rows.len(), rows[0].raw.as_slice()), (1, b"bytes".as_slice()));
    assert!(world.claim(inbox::INBOX_JOB).await?.is_some());
    Ok(())
}

async fn invariant_2_a_second_copy_changes_nothing(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    for _ in 0..3 {
        world.says(&bot, "7", "m1", "Is breakfast needed?").await?;
    }
    world.settle().await?;
    world.says(&bot, "7", "m1", "Is breakfast needed?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 1);
    assert_eq!(world.talk(&bot, "7").await?.len(), 2);
    // The same id on another account is another message.
    let other = world.account(ChannelKind::Telegram).await?;
    world.says(&other, "7", "m1", "Hello?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 2);
    Ok(())
}

async fn invariant_3_what_cannot_be_read_blocks_nobody_and_can_be_replayed(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let broken = world.raw(&bot, "7", "m0", b"{broken").await?.context("it is new")?;
    world.says(&bot, "7", "m1", "Is breakfast needed?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 1, "the next one is answered");
    let row = &world.inbox(&bot).await?[0];
    assert_eq!((row.state, row.raw.as_slice()), (InboxState::Unreadable, b"{broken".as_slice()));
    assert!(row.problem.is_some());
    // Later the adapter has learnt to read it.
    let sender = Sender { id: "7".into(), ..Sender::default() };
    let content = Content::Text("And dinner?".into());
    world.carrier.knows(b"{broken", Arrival { sender, sent_at: world.now(), message_id: None, content });
    let mut tx = world.db.write(bot.creator).await?;
    assert!(inbox::replay(&mut tx, world.now(), bot.creator, broken).await?);
    tx.commit().await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 2);
    assert_eq!(world.inbox(&bot).await?[0].state, InboxState::Done);
    Ok(())
}

async fn invariant_4_a_burst_is_one_question(db: &TestDb) -> Result<()> {
    let settings = RoadSettings { burst_quiet: Duration::from_millis(1200), ..RoadSettings::default() };
    let world = World::paced(db, settings).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    for (id, text) in ["I ate", "porridge", "was that", "right?"].into_iter().enumerate() {
        world.says(&bot, "7", &id.to_string(), text).await?;
        world.settle().await?;
        world.pass(TimeDelta::milliseconds(500)).await?;
        assert_eq!(world.carrier.texts("7").len(), 0, "they are still writing");
    }
    world.pass(TimeDelta::seconds(1)).await?;
    assert_eq!(world.carrier.texts("7").len(), 1);
    let talk = world.talk(&bot, "7").await?;
    let authors: Vec<_> = talk.iter().map(|(author, _)| *author).collect();
    assert_eq!(authors, [Author::Client, Author::Client, Author::Client, Author::Client, Author::Engine]);
    Ok(())
}

async fn invariant_4_conversations_do_not_wait_for_each_other(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    world.says(&bot, "7", "m1", "First?").await?;
    world.says(&bot, "7", "m2", "Second?").await?;
    world.says(&bot, "8", "m3", "Other?").await?;
    // Somebody works on the first; the second of the same person waits, another person's does not.
    let first = world.claim(inbox::INBOX_JOB).await?.context("due")?;
    let other = world.claim(inbox::INBOX_JOB).await?.context("due")?;
    assert!(world.claim(inbox::INBOX_JOB).await?.is_none());
    let handler = world.handler(inbox::INBOX_JOB)?;
    handler.run(&other, world.worker()).await?;
    handler.run(&first, world.worker()).await?;
    world.settle().await?;
    let said: Vec<_> =
        world.talk(&bot, "7").await?.into_iter().filter(|(a, _)| *a == Author::Client).collect();
    assert_eq!(said.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["First?", "Second?"]);
    assert_eq!(world.carrier.texts("8").len(), 1);
    Ok(())
}

async fn invariant_4_a_late_copy_of_an_answered_message_is_not_answered_again(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.says(&number, "7", "m1", "Is breakfast needed?").await?;
    world.settle().await?;
    // A person looks at the row again by mistake: the same row, handled twice.
    let row = world.inbox(&number).await?[0].id;
    let mut tx = world.db.write(number.creator).await?;
    assert!(inbox::replay(&mut tx, world.now(), number.creator, row).await?);
    tx.commit().await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 1);
    // What was sent before comes after: it neither moves the window back nor the words.
    let sender = Sender { id: "7".into(), ..Sender::default() };
    let sent_at = world.now() - TimeDelta::hours(30);
    let late =
        Arrival { sender, sent_at, message_id: Some("m0".into()), content: Content::Text("Hi".into()) };
    world.comes(&number, "m0", late).await?;
    world.settle().await?;
    assert_eq!(world.contact(&number, "7").await?.last_inbound_at, Some(world.now()));
    Ok(())
}
