//! Who people are: bound by a code, known by any of their names, and left in peace where they ask for it.

use anyhow::Result;
use coxswain_channels::road::arrival::{Arrival, Content, Sender};
use coxswain_domain::{channel::ChannelKind, conversation::Author};
use coxswain_store::{connections::ConnectionSettings, link_codes, outbox::State};
use coxswain_test_support::{contract, db::TestDb};
use sha2::{Digest, Sha256};

use super::world::{Account, World};

contract!(
    invariant_8_who_opted_out_gets_answers_and_nothing_else,
    invariant_8_an_opt_out_survives_a_merge,
    invariant_9_codes_and_people_of_one_creator_are_nobody_to_another,
    a_code_binds_a_channel_to_a_client_once,
    a_person_is_known_by_a_new_id,
);

async fn code(world: &World, account: &Account, user: &str, code: &str) -> Result<()> {
    let client = world.contact(account, user).await?.client;
    let mut tx = world.db.write(account.creator).await?;
    let expires_at = world.now() + chrono::TimeDelta::minutes(15);
    let hash = Sha256::digest(code);
    link_codes::insert(&mut tx, world.now(), account.creator, client, &hash, expires_at).await?;
    Ok(tx.commit().await?)
}

fn start(code: &str) -> Content {
    Content::Command { name: "start".into(), argument: code.into() }
}

async fn invariant_8_who_opted_out_gets_answers_and_nothing_else(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.says(&number, "7", "m0", "BAJA").await?;
    world.settle().await?;
    assert!(world.carrier.texts("7")[0].contains("ALTA"), "said in the language they used");
    world.writes(&number, "7", Author::CheckIn, "How was it?").await?;
    world.settle().await?;
    assert_eq!(world.part(&number, "7").await?.state, State::Withheld);
    world.says(&number, "7", "m1", "One more question?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 2, "answers stay allowed");
    world.says(&number, "7", "m2", "Alta").await?;
    world.writes(&number, "7", Author::CheckIn, "How was it today?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").last().map(String::as_str), Some("<b>How was it today?</b>"));
    Ok(())
}

async fn invariant_8_an_opt_out_survives_a_merge(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.says(&number, "4915100000", "m0", "STOP").await?;
    world.says(&number, "DE.1", "m1", "Hello?").await?;
    world.settle().await?;
    // Meta says that both are one person.
    let sender = Sender { id: "DE.1".into(), aliases: vec!["4915100000".into()], ..Sender::default() };
    let content = Content::Text("Me again".into());
    let both = Arrival { sender, sent_at: world.now(), message_id: Some("m2".into()), content };
    world.comes(&number, "m2", both).await?;
    world.settle().await?;
    let (one, other) = (world.contact(&number, "DE.1").await?, world.contact(&number, "4915100000").await?);
    assert_eq!(one.identity, other.identity);
    assert!(one.opted_out_at.is_some());
    world.writes(&number, "DE.1", Author::CheckIn, "How was it?").await?;
    world.settle().await?;
    assert!(!world.carrier.sent().iter().any(|sent| sent.text.contains("How was it")));
    Ok(())
}

async fn invariant_9_codes_and_people_of_one_creator_are_nobody_to_another(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let (mine, theirs) =
        (world.account(ChannelKind::Telegram).await?, world.account(ChannelKind::Telegram).await?);
    world.says(&mine, "7", "m0", "Hello?").await?;
    world.settle().await?;
    code(&world, &mine, "7", "secret-code-1").await?;
    // Another coach's bot is given the code, by the same person and by another.
    world.arrives(&theirs, "7", "m1", start("secret-code-1")).await?;
    world.arrives(&theirs, "8", "m2", start("secret-code-1")).await?;
    world.settle().await?;
    let (me, same) = (world.contact(&mine, "7").await?, world.contact(&theirs, "7").await?);
    assert!(me.client != same.client && me.identity != same.identity);
    assert!(world.carrier.texts("8").iter().any(|text| text.contains("no longer valid")));
    // It is still good where it was made.
    world.arrives(&mine, "9", "m3", start("secret-code-1")).await?;
    world.settle().await?;
    assert_eq!(world.contact(&mine, "9").await?.client, me.client);
    Ok(())
}

async fn a_code_binds_a_channel_to_a_client_once(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    let number = world.account_of(bot.creator, ChannelKind::Whatsapp, ConnectionSettings::default()).await?;
    world.says(&bot, "7", "m0", "Hello?").await?;
    world.settle().await?;
    code(&world, &bot, "7", "secret-code-2").await?;
    world.says(&number, "49151", "m1", "LINK secret-code-2").await?;
    world.says(&number, "49152", "m2", "LINK secret-code-2").await?;
    world.settle().await?;
    let client = world.contact(&bot, "7").await?.client;
    assert_eq!(world.contact(&number, "49151").await?.client, client);
    assert_ne!(world.contact(&number, "49152").await?.client, client, "it works once");
    assert!(world.carrier.texts("49151")[0].contains("connected"));
    assert!(world.carrier.texts("49152")[0].contains("no longer valid"));
    let talk = world.talk(&number, "49151").await?;
    assert!(talk.iter().all(|(_, text)| !text.contains("secret")), "the code is not shown to the team");
    Ok(())
}

async fn a_person_is_known_by_a_new_id(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.says(&number, "DE.1", "m0", "Hello?").await?;
    world.settle().await?;
    let moved = Content::Moved { from: "DE.1".into(), to: "DE.2".into() };
    world.arrives(&number, "DE.1", "m1", moved).await?;
    world.settle().await?;
    let before = world.conversation(&number, "DE.2").await?;
    world.says(&number, "DE.2", "m2", "I have a new number").await?;
    world.settle().await?;
    assert_eq!(world.conversation(&number, "DE.2").await?, before);
    assert_eq!(world.carrier.texts("DE.2").len(), 1, "answered at the new id");
    // Blocked, and back.
    world.arrives(&number, "DE.2", "m3", Content::Reachable(false)).await?;
    world.settle().await?;
    assert!(world.contact(&number, "DE.2").await?.unreachable_reason.is_some());
    world.says(&number, "DE.2", "m4", "Back").await?;
    world.settle().await?;
    assert!(world.contact(&number, "DE.2").await?.unreachable_reason.is_none());
    Ok(())
}
