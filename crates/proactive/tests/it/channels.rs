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
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    conversations,
    identities::{self, Met},
    outbox,
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
        credentials: Credentials::Telegram { token: "t".into(), webhook_secret: "s".into() },
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
    let template = Template {
        id: TemplateId::new(at(NOW)),
        channel_account_id: number,
        name: "check_in".into(),
        language: "en".into(),
        category: "utility".into(),
        state: "approved".into(),
        reason: None,
        quality: None,
        body: "{{1}}".into(),
        parameters: 1,
        synced_at: at(NOW),
    };
    let mut tx = world.db.write(world.coach.id).await?;
    templates::replace(&mut tx, at(NOW), world.coach.id, number, &[template]).await?;
    tx.commit().await?;
    world.tick("2026-11-22T09:00:00Z").await?;
    assert_eq!(world.reasons().await?, [Reason::Sent, Reason::WindowClosed, Reason::Sent]);
    Ok(())
}
