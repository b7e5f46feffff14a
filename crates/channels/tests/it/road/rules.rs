//! What creators and providers decide about a messenger: switched off, templates held, limits spent, people first.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_channels::road::arrival::{Arrival, Content, News, Sender, StandingNews, TemplateNews};
use coxswain_domain::{TemplateId, channel::ChannelKind, conversation::Author};
use coxswain_store::{
    connections::{self, ConnectionSettings, ConnectionState, Credentials, Standing},
    creators,
    outbox::{Purpose, State},
    templates::{self, Template},
};
use coxswain_test_support::{contract, db::TestDb};

use super::world::{Account, World};

contract!(
    without_whatsapp_nobody_is_answered_there_and_once_a_day_told_where,
    what_was_on_its_way_is_held_when_whatsapp_is_switched_off,
    meta_tells_that_a_template_is_paused_and_approved_again,
    meta_tells_how_a_number_stands,
    a_closed_account_is_paused_until_it_is_open_again,
    a_portfolio_writes_first_to_as_many_people_as_it_may,
    a_person_is_asked_for_in_many_words,
);

async fn switch(world: &World, account: &Account, whatsapp: bool) -> Result<()> {
    let mut tx = world.db.write(account.creator).await?;
    let mut creator = creators::get(&mut tx, account.creator).await?.context("the creator")?;
    creator.settings.whatsapp = whatsapp;
    creators::update(&mut tx, account.creator, creator.version, &creator.name, &creator.settings)
        .await?
        .context("changed")?;
    Ok(tx.commit().await?)
}

async fn without_whatsapp_nobody_is_answered_there_and_once_a_day_told_where(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.account_of(number.creator, ChannelKind::Telegram, ConnectionSettings::default()).await?;
    switch(&world, &number, false).await?;
    for (id, text) in [("m1", "When is lunch?"), ("m2", "And dinner?"), ("m3", "STOP")] {
        world.says(&number, "7", id, text).await?;
        world.settle().await?;
    }
    let told = world.carrier.texts("7");
    assert_eq!(told.len(), 1, "once a day: {told:?}");
    assert!(told[0].contains("https://t.me/bot"), "{told:?}");
    assert_eq!(world.part(&number, "7").await?.purpose, Purpose::Notice);
    let talk = world.talk(&number, "7").await?;
    let written: Vec<_> = talk.iter().filter(|(author, _)| *author == Author::Client).collect();
    assert_eq!(written.len(), 3, "everything is kept for people to read");
    assert!(world.contact(&number, "7").await?.opted_out_at.is_some(), "and what they wish counts");
    world.clock.advance(TimeDelta::hours(25));
    world.says(&number, "7", "m4", "Hello?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 2, "on another day once more");
    // A person may still write by hand.
    world.writes(&number, "7", Author::Coach, "Mira here.").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 3);
    switch(&world, &number, true).await?;
    world.says(&number, "7", "m5", "Back again?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").last().map(String::as_str), Some("<b>Yes.</b>"));
    Ok(())
}

async fn what_was_on_its_way_is_held_when_whatsapp_is_switched_off(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    let bot = world.account_of(number.creator, ChannelKind::Telegram, ConnectionSettings::default()).await?;
    for account in [&number, &bot] {
        world.says(account, "7", "m0", "Hello?").await?;
    }
    world.settle().await?;
    world.clock.advance(TimeDelta::seconds(1));
    world.writes(&number, "7", Author::CheckIn, "How was it?").await?;
    world.writes(&bot, "7", Author::CheckIn, "How was it?").await?;
    switch(&world, &number, false).await?;
    world.settle().await?;
    let held = world.part(&number, "7").await?;
    assert_eq!(held.state, State::Withheld);
    assert!(held.detail.is_some_and(|detail| detail.contains("switched off")));
    assert_eq!(world.part(&bot, "7").await?.state, State::Accepted, "other messengers go on");
    Ok(())
}

/// News about an account, as the adapter reads them.
async fn news(world: &World, account: &Account, id: &str, news: Option<News>) -> Result<()> {
    let content = Content::Account { field: "account_update".into(), detail: id.into(), news };
    let sender = Sender::default();
    world.comes(account, id, Arrival { sender, sent_at: world.now(), message_id: None, content }).await?;
    world.settle().await
}

/// A number with a template for check-ins, and somebody whose window is closed.
async fn outside(world: &World, people: &[&str]) -> Result<Account> {
    let creator = world.account(ChannelKind::Whatsapp).await?.creator;
    let settings = ConnectionSettings {
        nudge_template: Some(("check_in".into(), "en_US".into())),
        ..ConnectionSettings::default()
    };
    let number = world.account_of(creator, ChannelKind::Whatsapp, settings).await?;
    for person in people {
        world.says(&number, person, &format!("m-{person}"), "Hello?").await?;
    }
    world.settle().await?;
    world.clock.advance(TimeDelta::hours(25));
    let template = Template {
        id: TemplateId::new(world.now()),
        channel_account_id: number.id,
        name: "check_in".into(),
        language: "en_US".into(),
        category: "UTILITY".into(),
        state: "APPROVED".into(),
        reason: None,
        quality: None,
        body: "{{1}}".into(),
        parameters: 1,
        synced_at: world.now(),
    };
    let mut tx = world.db.write(creator).await?;
    templates::replace(&mut tx, world.now(), creator, number.id, &[template]).await?;
    tx.commit().await?;
    Ok(number)
}

async fn nudged(world: &World, number: &Account, person: &str) -> Result<(State, String)> {
    // The latest is the one that was posted last.
    world.clock.advance(TimeDelta::seconds(1));
    world.writes(number, person, Author::CheckIn, "How was it?").await?;
    world.settle().await?;
    let part = world.part(number, person).await?;
    Ok((part.state, part.detail.unwrap_or_default()))
}

async fn meta_tells_that_a_template_is_paused_and_approved_again(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = outside(&world, &["7"]).await?;
    let told = |state: &str, reason: Option<&str>| {
        Some(News::Template(TemplateNews {
            name: "check_in".into(),
            language: "en_US".into(),
            state: Some(state.into()),
            reason: reason.map(Into::into),
            ..TemplateNews::default()
        }))
    };
    world.clock.advance(TimeDelta::minutes(1));
    news(&world, &number, "paused", told("PAUSED", Some("Too many blocks."))).await?;
    let (state, detail) = nudged(&world, &number, "7").await?;
    assert_eq!(state, State::Withheld);
    assert!(detail.contains("PAUSED") && detail.contains("Too many blocks."), "{detail}");
    world.clock.advance(TimeDelta::minutes(1));
    news(&world, &number, "approved", told("APPROVED", None)).await?;
    assert_eq!(nudged(&world, &number, "7").await?.0, State::Accepted);
    Ok(())
}

async fn meta_tells_how_a_number_stands(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    let of = |other: Option<&str>, quality: Option<&str>, tier: Option<&str>| {
        Some(News::Standing(StandingNews {
            number: other.map(Into::into),
            quality: quality.map(Into::into),
            tier: tier.map(Into::into),
        }))
    };
    news(&world, &number, "first", of(None, Some("FLAGGED"), Some("TIER_10K"))).await?;
    world.clock.advance(TimeDelta::minutes(1));
    news(&world, &number, "another", of(Some("15550009"), Some("GREEN"), Some("TIER_2K"))).await?;
    let mut tx = world.db.read(number.creator).await?;
    let standing = connections::standing(&mut tx, number.creator, number.id).await?;
    assert_eq!(standing.quality.as_deref(), Some("FLAGGED"), "the other was about another number");
    assert_eq!(
        (standing.tier.as_deref(), standing.people_a_day),
        (Some("TIER_2K"), Some(2_000)),
        "they share it"
    );
    assert_eq!(standing.news.as_deref(), Some("first"));
    Ok(())
}

async fn a_closed_account_is_paused_until_it_is_open_again(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    news(&world, &number, "closed", Some(News::Closed)).await?;
    let connection = world.connection(&number).await?;
    assert_eq!(connection.state, ConnectionState::Paused);
    assert!(connection.state_reason.is_some_and(|reason| reason.contains("closed")));
    news(&world, &number, "open", Some(News::Open)).await?;
    assert_eq!(world.connection(&number).await?.state, ConnectionState::Connected);
    // What the team paused stays so.
    world.set_state(&number, ConnectionState::Paused).await?;
    news(&world, &number, "open again", Some(News::Open)).await?;
    assert_eq!(world.connection(&number).await?.state, ConnectionState::Paused);
    Ok(())
}

async fn a_portfolio_writes_first_to_as_many_people_as_it_may(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = outside(&world, &["7", "8", "9"]).await?;
    let credentials =
        Credentials::Whatsapp { access_token: "t".into(), business_account_id: number.id.to_string() };
    let two = Standing { people_a_day: Some(2), ..Standing::default() };
    let mut tx = world.db.write(number.creator).await?;
    let (creator, id, now) = (number.creator, number.id, world.now());
    connections::set_credentials(&mut tx, now, creator, id, "+1", &credentials).await?;
    connections::set_standing(&mut tx, creator, id, &two).await?;
    tx.commit().await?;
    assert_eq!(nudged(&world, &number, "7").await?.0, State::Accepted);
    assert_eq!(nudged(&world, &number, "8").await?.0, State::Accepted);
    assert_eq!(nudged(&world, &number, "7").await?.0, State::Accepted, "the same person counts once");
    let (state, detail) = nudged(&world, &number, "9").await?;
    assert_eq!(state, State::Withheld);
    assert!(detail.contains("2 people in 24 hours"), "{detail}");
    // Whoever writes first costs nothing.
    world.says(&number, "9", "m9", "Hello again").await?;
    world.settle().await?;
    assert_eq!(nudged(&world, &number, "9").await?.0, State::Accepted);
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(nudged(&world, &number, "9").await?.0, State::Accepted, "a new day");
    Ok(())
}

async fn a_person_is_asked_for_in_many_words(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    world.says(&bot, "7", "m0", "I talked to a human about protein").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7"), ["<b>Yes.</b>"], "the engine answers what is no request");
    world.says(&bot, "7", "m1", "Could I talk to a human please?").await?;
    world.settle().await?;
    let told = world.carrier.texts("7");
    assert_eq!(told.len(), 2);
    assert!(told[1].contains("talk to a person"), "{told:?}");
    Ok(())
}
