//! Check-ins reach people on the channel they chose, under that channel's own rules.

use anyhow::{Context, Result};
use coxswain_domain::{
    ChannelAccountId, ConversationId, TemplateId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
    decision::Reason,
};
use coxswain_store::{
    channel_accounts::{self, ChannelAccount},
    clients,
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials, Standing},
    conversations,
    identities::{self, Met},
    outbox, portfolios,
    templates::{self, Template},
};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Person, at},
};

use crate::world::World;

contract!(
    it_goes_where_they_last_wrote_or_want_to_be_reached,
    what_stands_in_the_way_is_recorded,
    outside_whatsapps_window_it_needs_a_template,
    a_held_template_and_a_spent_limit_are_said,
    without_whatsapp_it_goes_another_way_or_not_at_all,
);

const NOW: &str = "2026-11-20T06:00:00Z";

/// A messenger account on which the client has written.
async fn messenger(
    world: &World,
    kind: ChannelKind,
    person: Person,
    wrote_at: &str,
) -> Result<(ChannelAccountId, ConversationId)> {
    let creator = world.coach.id;
    let id = ChannelAccountId::new(at(NOW));
    let account = ChannelAccount {
        id,
        creator_id: creator,
        kind,
        name: "Messenger".into(),
        public_key: format!("cxm_{id}"),
        enabled: true,
        settings: WidgetSettings::default(),
        version: 1,
        created_at: at(NOW),
    };
    let connection = Connection {
        channel_account_id: id,
        creator_id: creator,
        kind,
        provider_id: id.to_string(),
        handle: "bot".into(),
        credentials: match kind {
            ChannelKind::Whatsapp => {
                Credentials::Whatsapp { access_token: "t".into(), business_account_id: id.to_string() }
            }
            _ => Credentials::Telegram { token: "t".into(), webhook_secret: "s".into() },
        },
        settings: ConnectionSettings {
            nudge_template: Some(("check_in".into(), "en".into())),
            ..ConnectionSettings::default()
        },
        state: ConnectionState::Connected,
        state_reason: None,
        next_update: 0,
        checked_at: at(NOW),
    };
    let mut tx = world.db.write(creator).await?;
    channel_accounts::insert(&mut tx, &account).await?;
    connections::insert(&mut tx, &connection).await?;
    let met = Met { account: id, id: "7", aliases: &[], name: None, locale: None };
    let identity = identities::meet(&mut tx, at(NOW), creator, met).await?.identity.id;
    identities::link(&mut tx, at(NOW), creator, identity, person.id).await?;
    identities::heard(&mut tx, creator, identity, at(wrote_at), Some("m1")).await?;
    let conversation = conversations::open_for(&mut tx, at(NOW), creator, identity, "").await?;
    tx.commit().await?;
    Ok((id, conversation))
}

async fn it_goes_where_they_last_wrote_or_want_to_be_reached(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    let (bot, chat) = messenger(&world, ChannelKind::Telegram, person, NOW).await?;
    let earlier = "2026-11-19T06:00:00Z";
    let (other, second) = messenger(&world, ChannelKind::Telegram, person, earlier).await?;
    world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick("2026-11-20T09:00:00Z").await?, (1, 0));
    let there = Person { conversation: chat, ..person };
    assert_eq!(world.messages(there).await?.len(), 1, "where they last wrote");
    let mut tx = world.db.read(world.coach.id).await?;
    let posted = outbox::of_conversation(&mut tx, world.coach.id, chat, 10).await?;
    drop(tx);
    let part = posted.first().context("it is on its way")?;
    assert_eq!((part.account, part.expires_at), (bot, Some(at("2026-11-20T10:00:00Z"))));
    // They say where they want to be reached.
    for (account, day, expected) in [(bot, "2026-11-21", (2, 0)), (other, "2026-11-22", (2, 1))] {
        let mut tx = world.db.write(world.coach.id).await?;
        clients::prefer(&mut tx, world.coach.id, person.id, Some(account)).await?;
        tx.commit().await?;
        assert_eq!(world.tick(&format!("{day}T09:00:00Z")).await?, (1, 0));
        let mut found = [0, 0];
        for (place, conversation) in [chat, second].into_iter().enumerate() {
            found[place] = world.messages(Person { conversation, ..person }).await?.len();
        }
        assert_eq!((found[0], found[1]), expected);
    }
    assert_eq!(world.messages(person).await?.len(), 0, "nothing in the widget");
    Ok(())
}

async fn what_stands_in_the_way_is_recorded(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    let (bot, chat) = messenger(&world, ChannelKind::Telegram, person, NOW).await?;
    world.check_in(NOW, "09:00").await?;
    let creator = world.coach.id;
    let mut tx = world.db.write(creator).await?;
    let contact = identities::of_conversation(&mut tx, creator, chat).await?.context("a contact")?;
    identities::set_unreachable(&mut tx, creator, contact.identity, Some("They blocked the bot.")).await?;
    tx.commit().await?;
    world.tick("2026-11-20T09:00:00Z").await?;
    let mut tx = world.db.write(creator).await?;
    identities::set_unreachable(&mut tx, creator, contact.identity, None).await?;
    identities::set_opted_out(&mut tx, at(NOW), creator, contact.identity, true).await?;
    tx.commit().await?;
    world.tick("2026-11-21T09:00:00Z").await?;
    let mut tx = world.db.write(creator).await?;
    connections::set_state(&mut tx, at(NOW), creator, bot, ConnectionState::Revoked, Some("no token"))
        .await?;
    tx.commit().await?;
    world.tick("2026-11-22T09:00:00Z").await?;
    assert_eq!(world.reasons().await?, [Reason::Unreachable, Reason::OptedOut, Reason::ChannelOff]);
    assert_eq!(world.messages(Person { conversation: chat, ..person }).await?.len(), 0);
    Ok(())
}

async fn outside_whatsapps_window_it_needs_a_template(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    let (number, _) = messenger(&world, ChannelKind::Whatsapp, person, NOW).await?;
    world.check_in(NOW, "09:00").await?;
    world.tick("2026-11-20T09:00:00Z").await?;
    world.tick("2026-11-21T09:00:00Z").await?;
    let template = template(number, "approved");
    let mut tx = world.db.write(world.coach.id).await?;
    templates::replace(&mut tx, at(NOW), world.coach.id, number, &[template]).await?;
    tx.commit().await?;
    world.tick("2026-11-22T09:00:00Z").await?;
    assert_eq!(world.reasons().await?, [Reason::Sent, Reason::WindowClosed, Reason::Sent]);
    Ok(())
}

/// A template that could carry a check-in.
fn template(channel_account_id: ChannelAccountId, state: &str) -> Template {
    Template {
        id: TemplateId::new(at(NOW)),
        channel_account_id,
        name: "check_in".into(),
        language: "en".into(),
        category: "utility".into(),
        state: state.into(),
        reason: None,
        quality: None,
        body: "{{1}}".into(),
        parameters: 1,
        synced_at: at(NOW),
    }
}

async fn a_held_template_and_a_spent_limit_are_said(db: &TestDb) -> Result<()> {
    let world = World::new(db, NOW, CreatorSettings::default()).await?;
    let person = world.person(NOW, "UTC").await?;
    let (number, _) = messenger(&world, ChannelKind::Whatsapp, person, "2026-11-18T06:00:00Z").await?;
    world.check_in(NOW, "09:00").await?;
    let creator = world.coach.id;
    let mut tx = world.db.write(creator).await?;
    templates::replace(&mut tx, at(NOW), creator, number, &[template(number, "PAUSED")]).await?;
    tx.commit().await?;
    world.tick("2026-11-20T09:00:00Z").await?;
    let one_a_day = Standing { people_a_day: Some(1), ..Standing::default() };
    let mut tx = world.db.write(creator).await?;
    templates::replace(&mut tx, at(NOW), creator, number, &[template(number, "APPROVED")]).await?;
    connections::set_standing(&mut tx, creator, number, &one_a_day).await?;
    tx.commit().await?;
    let mut tx = world.db.system().await?;
    let others = "2026-11-20T18:00:00Z";
    portfolios::admit(&mut tx, at(others), &number.to_string(), "somebody else", Some(1)).await?;
    tx.commit().await?;
    world.tick("2026-11-21T09:00:00Z").await?;
    world.tick("2026-11-22T09:00:00Z").await?;
    assert_eq!(world.reasons().await?, [Reason::TemplateHeld, Reason::LimitSpent, Reason::Sent]);
    Ok(())
}

async fn without_whatsapp_it_goes_another_way_or_not_at_all(db: &TestDb) -> Result<()> {
    let settings = CreatorSettings { whatsapp: false, ..CreatorSettings::default() };
    let world = World::new(db, NOW, settings).await?;
    let person = world.person(NOW, "UTC").await?;
    let (number, chat) = messenger(&world, ChannelKind::Whatsapp, person, NOW).await?;
    let creator = world.coach.id;
    let mut tx = world.db.write(creator).await?;
    clients::prefer(&mut tx, creator, person.id, Some(number)).await?;
    tx.commit().await?;
    world.check_in(NOW, "09:00").await?;
    assert_eq!(world.tick("2026-11-20T09:00:00Z").await?, (0, 1), "there is no other way");
    let (_, other) = messenger(&world, ChannelKind::Telegram, person, "2026-11-19T06:00:00Z").await?;
    // Linking made the schedule anew; what was decided before it stays decided.
    assert_eq!(world.tick("2026-11-21T09:00:00Z").await?.0, 1);
    assert_eq!(world.reasons().await?, [Reason::ChannelOff, Reason::Sent]);
    assert_eq!(world.messages(Person { conversation: chat, ..person }).await?.len(), 0);
    assert_eq!(world.messages(Person { conversation: other, ..person }).await?.len(), 1);
    Ok(())
}
