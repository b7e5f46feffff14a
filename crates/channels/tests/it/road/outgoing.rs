//! What goes out: under a key of its own, in order, and only if it still may at the moment of sending.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_channels::road::{arrival::Reached, messenger::Code};
use coxswain_domain::{MemberId, TemplateId, channel::ChannelKind, conversation::Author};
use coxswain_store::{
    connections::ConnectionSettings,
    conversations, identities,
    outbox::{self, State},
    templates::{self, Template},
};
use coxswain_test_support::{contract, db::TestDb};

use super::{
    carrier::{Say, no},
    world::{Account, World},
};

contract!(
    invariant_5_reports_only_ever_move_a_message_forward,
    invariant_5_an_ambiguous_whatsapp_message_waits_for_its_status,
    invariant_5_an_ambiguous_reply_on_telegram_is_sent_at_least_once,
    invariant_5_an_ambiguous_nudge_is_sent_at_most_once,
    invariant_6_the_next_part_leaves_after_the_one_before_was_taken,
    invariant_7_the_window_is_checked_when_a_message_leaves,
    invariant_7_a_nudge_outside_the_window_takes_its_template,
    invariant_7_a_nudge_is_worth_nothing_after_its_time,
    a_human_who_takes_over_stops_what_has_not_left,
);

async fn answered(world: &World, kind: ChannelKind) -> Result<Account> {
    let account = world.account(kind).await?;
    world.says(&account, "7", "m0", "Hello?").await?;
    world.settle().await?;
    Ok(account)
}

async fn invariant_5_reports_only_ever_move_a_message_forward(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = answered(&world, ChannelKind::Whatsapp).await?;
    let sent = world.part(&number, "7").await?;
    let id = sent.provider_message_id.context("it was taken")?;
    let opaque = Some(sent.id.to_string());
    // As Meta sends them: out of order, and with what cannot be.
    for (reached, state) in [
        (Reached::Delivered, State::Delivered),
        (Reached::Sent, State::Delivered),
        (Reached::Read, State::Read),
        (Reached::Failed, State::Read),
        (Reached::Delivered, State::Read),
    ] {
        world.reports(&number, &id, opaque.clone(), reached, None).await?;
        assert_eq!(world.part(&number, "7").await?.state, state, "{reached:?}");
    }
    assert_eq!(world.carrier.texts("7").len(), 1);
    Ok(())
}

async fn invariant_5_an_ambiguous_whatsapp_message_waits_for_its_status(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = world.account(ChannelKind::Whatsapp).await?;
    world.carrier.answers("7", [Say::Lost]);
    world.says(&number, "7", "m0", "Hello?").await?;
    world.settle().await?;
    world.pass(TimeDelta::seconds(30)).await?;
    assert_eq!(world.part(&number, "7").await?.state, State::Unknown);
    // The status carries our id: it had arrived.
    let sent = world.carrier.sent()[0].clone();
    world.reports(&number, &sent.id, Some(sent.outbox.to_string()), Reached::Sent, None).await?;
    world.wait(TimeDelta::minutes(10)).await?;
    assert_eq!(world.carrier.texts("7").len(), 1, "never twice");
    // Without a status it is sent again in the end.
    world.carrier.answers("8", [no(Code::Ambiguous)]);
    world.says(&number, "8", "m1", "Hello?").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("8").len(), 0);
    world.wait(TimeDelta::minutes(3)).await?;
    assert_eq!((world.carrier.texts("8").len(), world.carrier.tries("8")), (1, 2));
    Ok(())
}

async fn invariant_5_an_ambiguous_reply_on_telegram_is_sent_at_least_once(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = world.account(ChannelKind::Telegram).await?;
    world.carrier.answers("7", [no(Code::Ambiguous)]);
    world.says(&bot, "7", "m0", "Hello?").await?;
    world.wait(TimeDelta::seconds(30)).await?;
    assert_eq!((world.carrier.texts("7").len(), world.carrier.tries("7")), (1, 2));
    Ok(())
}

async fn invariant_5_an_ambiguous_nudge_is_sent_at_most_once(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = answered(&world, ChannelKind::Telegram).await?;
    world.carrier.answers("7", [no(Code::Ambiguous)]);
    world.writes(&bot, "7", Author::CheckIn, "How was your day?").await?;
    world.wait(TimeDelta::minutes(30)).await?;
    assert_eq!(world.carrier.tries("7"), 2, "the answer, and the nudge once");
    assert_eq!(world.part(&bot, "7").await?.state, State::Unknown);
    Ok(())
}

async fn invariant_6_the_next_part_leaves_after_the_one_before_was_taken(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = answered(&world, ChannelKind::Telegram).await?;
    let busy = || no(Code::Telegram(502));
    world.carrier.answers("7", [Say::Yes, busy(), busy()]);
    world.writes(&bot, "7", Author::Coach, "One.\n\nTwo.\n\nThree.").await?;
    world.writes(&bot, "7", Author::Coach, "Four.").await?;
    world.settle().await?;
    let (all, expected) = (world.carrier.texts("7"), ["<b>Yes.</b>", "<b>One.</b>"]);
    assert_eq!(all, expected, "the second waits, and everything after it");
    world.wait(TimeDelta::minutes(2)).await?;
    let all = world.carrier.texts("7");
    assert_eq!(&all[1..], ["<b>One.</b>", "<b>Two.</b>", "<b>Three.</b>", "<b>Four.</b>"]);
    // A part that never arrives takes the rest of its message with it, and nothing else.
    world.carrier.answers("7", [Say::Yes, no(Code::Telegram(403))]);
    world.writes(&bot, "7", Author::Coach, "A.\n\nB.\n\nC.").await?;
    world.writes(&bot, "7", Author::Coach, "D.").await?;
    world.wait(TimeDelta::minutes(1)).await?;
    let all = world.carrier.texts("7");
    assert_eq!(&all[5..], ["<b>A.</b>", "<b>D.</b>"]);
    Ok(())
}

async fn invariant_7_the_window_is_checked_when_a_message_leaves(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let number = answered(&world, ChannelKind::Whatsapp).await?;
    // Queued while the window is open, and due when it is not.
    world.set_state(&number, coxswain_store::connections::ConnectionState::Paused).await?;
    world.pass(TimeDelta::hours(23)).await?;
    world.writes(&number, "7", Author::Coach, "Well done.").await?;
    world.settle().await?;
    world.clock.advance(TimeDelta::hours(2));
    world.set_state(&number, coxswain_store::connections::ConnectionState::Connected).await?;
    world.settle().await?;
    let part = world.part(&number, "7").await?;
    assert_eq!(part.state, State::Withheld);
    assert!(part.detail.is_some_and(|detail| detail.contains("24 hours")));
    assert_eq!(world.carrier.texts("7").len(), 1, "only the answer");
    // Their next message opens it again.
    world.says(&number, "7", "m9", "Hello again").await?;
    world.settle().await?;
    assert_eq!(world.carrier.texts("7").len(), 2);
    Ok(())
}

async fn invariant_7_a_nudge_outside_the_window_takes_its_template(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let creator = world.account(ChannelKind::Whatsapp).await?.creator;
    let settings = ConnectionSettings {
        nudge_template: Some(("check_in".into(), "en_US".into())),
        ..ConnectionSettings::default()
    };
    let number = world.account_of(creator, ChannelKind::Whatsapp, settings).await?;
    world.says(&number, "7", "m0", "Hello?").await?;
    world.settle().await?;
    world.clock.advance(TimeDelta::hours(25));
    // Not while Meta has not approved it.
    world.writes(&number, "7", Author::CheckIn, "How was it?").await?;
    world.settle().await?;
    assert_eq!(world.part(&number, "7").await?.state, State::Withheld);
    let template = Template {
        id: TemplateId::new(world.now()),
        channel_account_id: number.id,
        name: "check_in".into(),
        language: "en_US".into(),
        category: "utility".into(),
        state: "approved".into(),
        reason: None,
        quality: None,
        body: "{{1}}".into(),
        parameters: 1,
        synced_at: world.now(),
    };
    let mut tx = world.db.write(creator).await?;
    templates::replace(&mut tx, world.now(), creator, number.id, &[template]).await?;
    tx.commit().await?;
    world.writes(&number, "7", Author::CheckIn, "How was it today?").await?;
    world.settle().await?;
    let sent = world.carrier.sent().pop().context("it left")?;
    let used = sent.template.context("in a template")?;
    assert_eq!((used.name.as_str(), used.parameters.len()), ("check_in", 1));
    Ok(())
}

async fn invariant_7_a_nudge_is_worth_nothing_after_its_time(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = answered(&world, ChannelKind::Telegram).await?;
    world.carrier.answers("7", std::iter::repeat_n(no(Code::Telegram(502)), 4));
    let message = world.writes(&bot, "7", Author::CheckIn, "Good morning.").await?;
    let mut tx = world.db.write(bot.creator).await?;
    outbox::expires(&mut tx, bot.creator, message, world.now() + TimeDelta::seconds(20)).await?;
    tx.commit().await?;
    world.wait(TimeDelta::minutes(10)).await?;
    assert_eq!(world.part(&bot, "7").await?.state, State::Withheld);
    assert_eq!(world.carrier.texts("7").len(), 1, "only the answer");
    // Nor does one leave to somebody who opted out after it was queued.
    world.set_state(&bot, coxswain_store::connections::ConnectionState::Paused).await?;
    world.writes(&bot, "7", Author::CheckIn, "Good morning again.").await?;
    world.settle().await?;
    let identity = world.contact(&bot, "7").await?.identity;
    let mut tx = world.db.write(bot.creator).await?;
    identities::set_opted_out(&mut tx, world.now(), bot.creator, identity, true).await?;
    tx.commit().await?;
    world.set_state(&bot, coxswain_store::connections::ConnectionState::Connected).await?;
    world.wait(TimeDelta::minutes(2)).await?;
    assert_eq!(world.part(&bot, "7").await?.state, State::Withheld);
    Ok(())
}

async fn a_human_who_takes_over_stops_what_has_not_left(db: &TestDb) -> Result<()> {
    let world = World::new(db).await?;
    let bot = answered(&world, ChannelKind::Telegram).await?;
    world.carrier.answers("7", [no(Code::Telegram(502))]);
    world.says(&bot, "7", "m1", "And dinner?").await?;
    world.settle().await?;
    assert_eq!(world.part(&bot, "7").await?.state, State::Queued, "it is tried again soon");
    let conversation = world.conversation(&bot, "7").await?;
    let member = MemberId::new(world.now());
    let mut tx = world.db.write(bot.creator).await?;
    conversations::take_over(&mut tx, world.now(), bot.creator, conversation, member).await?;
    tx.commit().await?;
    world.writes(&bot, "7", Author::Coach, "Mira here.").await?;
    world.says(&bot, "7", "m2", "Hi Mira").await?;
    world.wait(TimeDelta::minutes(5)).await?;
    assert_eq!(world.carrier.texts("7"), ["<b>Yes.</b>", "<b>Mira here.</b>"]);
    Ok(())
}
