//! Meeting people on messengers: known again by any of their names, reachable or not.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{ChannelAccountId, channel::ChannelKind};
use coxswain_store::{
    Db, clients,
    connections::{self, ConnectionState},
    conversations,
    identities::{self, Meeting, Met},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};

use crate::{later, messenger, now, two};

contract!(
    somebody_is_met_once,
    two_meetings_at_once_make_one_client,
    an_id_that_is_new_becomes_the_one_to_answer_to,
    two_identities_turn_out_to_be_one_person,
    somebody_moves_to_another_id,
    each_identity_has_its_own_conversation,
    a_client_is_reached_where_they_wrote_last,
    opting_out_and_blocking_are_remembered,
    anothers_people_are_unknown,
);

async fn meet(db: &Db, coach: Coach, met: Met<'_>) -> Result<Meeting> {
    let mut tx = db.write(coach.id).await?;
    let meeting = identities::meet(&mut tx, now(), coach.id, met).await?;
    tx.commit().await?;
    Ok(meeting)
}

fn met<'a>(account: ChannelAccountId, id: &'a str, aliases: &'a [String]) -> Met<'a> {
    Met { aliases, ..messenger::met(account, id) }
}

fn names<const N: usize>(names: [&str; N]) -> [String; N] {
    names.map(str::to_owned)
}

async fn somebody_is_met_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let named = Met { name: Some(" Ann "), locale: Some("pt-BR"), ..met(bot, "7", &[]) };
    let first = meet(db, mine, named).await?;
    assert!(first.new && first.identity.verified);
    let again = meet(db, mine, Met { name: Some("Annie"), ..named }).await?;
    assert_eq!(again, Meeting { new: false, ..first.clone() });
    let nameless = meet(db, mine, met(bot, "8", &[])).await?.identity.client_id;
    let mut tx = db.read(mine.id).await?;
    let client = clients::get(&mut tx, mine.id, first.identity.client_id).await?.context("the client")?;
    assert_eq!((client.display_name.as_str(), client.locale.as_deref()), ("Ann", Some("pt-BR")));
    let client = clients::get(&mut tx, mine.id, nameless).await?.context("the client")?;
    assert!(client.display_name.starts_with("Client "), "{}", client.display_name);
    assert_eq!(identities::get(&mut tx, mine.id, first.identity.id).await?, Some(first.identity));
    Ok(())
}

async fn two_meetings_at_once_make_one_client(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let (one, two) = tokio::join!(meet(db, mine, met(bot, "7", &[])), meet(db, mine, met(bot, "7", &[])));
    let (one, two) = (one?, two?);
    assert_eq!(one.identity, two.identity);
    assert_ne!(one.new, two.new);
    let mut tx = db.read(mine.id).await?;
    assert_eq!(clients::count(&mut tx, mine.id).await?, 1);
    Ok(())
}

async fn an_id_that_is_new_becomes_the_one_to_answer_to(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let number = messenger::account(db, mine, ChannelKind::Whatsapp).await?;
    let phone = meet(db, mine, met(number, "491", &[])).await?.identity;
    let aliases = names(["491"]);
    let scoped = meet(db, mine, met(number, "US.1", &aliases)).await?;
    assert!(!scoped.new);
    assert_eq!((scoped.identity.id, scoped.identity.provider_user_id.as_str()), (phone.id, "US.1"));
    let by_phone = meet(db, mine, met(number, "491", &[])).await?.identity;
    assert_eq!(by_phone, scoped.identity, "an alias does not become the id again");
    let mut tx = db.read(mine.id).await?;
    for name in ["491", "US.1"] {
        let found = identities::by_name(&mut tx, mine.id, number, name).await?;
        assert_eq!(found.as_ref(), Some(&scoped.identity), "{name}");
    }
    let contact = identities::contact(&mut tx, mine.id, phone.id).await?.context("the contact")?;
    assert_eq!((contact.provider_user_id.as_str(), contact.aliases), ("US.1", vec!["491".to_owned()]));
    Ok(())
}

async fn two_identities_turn_out_to_be_one_person(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let number = messenger::account(db, mine, ChannelKind::Whatsapp).await?;
    let by_phone = messenger::talk(db, mine, number, "491").await?;
    let by_scope = messenger::talk(db, mine, number, "US.1").await?;
    let mut tx = db.write(mine.id).await?;
    identities::set_opted_out(&mut tx, later(1), mine.id, by_phone.identity.id, true).await?;
    tx.commit().await?;
    let aliases = names(["491"]);
    let one = meet(db, mine, met(number, "US.1", &aliases)).await?.identity;
    assert_eq!(one.id, by_scope.identity.id);
    let mut tx = db.read(mine.id).await?;
    let contact = identities::contact(&mut tx, mine.id, one.id).await?.context("the contact")?;
    assert_eq!(contact.opted_out_at, Some(later(1)), "whatever merges");
    assert_eq!(identities::get(&mut tx, mine.id, by_phone.identity.id).await?, None);
    assert_eq!(clients::count(&mut tx, mine.id).await?, 1);
    for conversation in [by_phone.conversation, by_scope.conversation] {
        let with = identities::of_conversation(&mut tx, mine.id, conversation).await?.context("somebody")?;
        assert_eq!(with.identity, one.id);
        let found = conversations::get(&mut tx, mine.id, conversation).await?.context("nothing is lost")?;
        assert_eq!(found.client_id, Some(one.client_id));
    }
    Ok(())
}

async fn somebody_moves_to_another_id(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let old = messenger::talk(db, mine, bot, "7").await?.identity;
    let mut tx = db.write(mine.id).await?;
    let moved = identities::moved(&mut tx, now(), mine.id, bot, ("7", "-100")).await?.context("known")?;
    assert_eq!((moved.id, moved.provider_user_id.as_str()), (old.id, "-100"));
    let again = identities::moved(&mut tx, now(), mine.id, bot, ("7", "-100")).await?;
    assert_eq!(again.as_ref(), Some(&moved), "told twice");
    let back = identities::moved(&mut tx, now(), mine.id, bot, ("-100", "7")).await?.context("known")?;
    assert_eq!((back.id, back.provider_user_id.as_str()), (old.id, "7"));
    assert_eq!(identities::moved(&mut tx, now(), mine.id, bot, ("9", "10")).await?, None);
    tx.commit().await?;
    let new = messenger::talk(db, mine, bot, "8").await?.identity;
    let mut tx = db.write(mine.id).await?;
    let both = identities::moved(&mut tx, now(), mine.id, bot, ("7", "8")).await?;
    assert_eq!(both.map(|both| both.id), Some(new.id), "they had written under the new one already");
    let by_old = identities::by_name(&mut tx, mine.id, bot, "-100").await?;
    assert_eq!(by_old.map(|found| found.id), Some(new.id), "by every name they ever had");
    Ok(())
}

async fn each_identity_has_its_own_conversation(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let (ann, ben) = (messenger::talk(db, mine, bot, "7").await?, messenger::talk(db, mine, bot, "8").await?);
    let mut tx = db.write(mine.id).await?;
    assert!(identities::link(&mut tx, now(), mine.id, ben.identity.id, ann.identity.client_id).await?);
    for talk in [&ann, &ben] {
        let again = conversations::open_for(&mut tx, now(), mine.id, talk.identity.id, "x").await?;
        assert_eq!(again, talk.conversation);
        let found = conversations::of_identity(&mut tx, mine.id, talk.identity.id).await?;
        assert_eq!(found, Some(talk.conversation));
        let with = identities::of_conversation(&mut tx, mine.id, talk.conversation).await?;
        assert_eq!(with.map(|with| with.provider_user_id), Some(talk.identity.provider_user_id.clone()));
    }
    let both = conversations::of_client(&mut tx, mine.id, ann.identity.client_id).await?;
    assert_eq!(both.len(), 2);
    Ok(())
}

async fn a_client_is_reached_where_they_wrote_last(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (bot, other) = (messenger::bot(db, mine).await?, messenger::bot(db, mine).await?);
    let (here, there) =
        (messenger::talk(db, mine, bot, "7").await?, messenger::talk(db, mine, other, "7").await?);
    let client = here.identity.client_id;
    let mut tx = db.write(mine.id).await?;
    identities::link(&mut tx, now(), mine.id, there.identity.id, client).await?;
    identities::heard(&mut tx, mine.id, here.identity.id, later(1), Some("m1")).await?;
    identities::heard(&mut tx, mine.id, there.identity.id, later(2), Some("m2")).await?;
    let late = now() - TimeDelta::hours(1);
    identities::heard(&mut tx, mine.id, there.identity.id, late, Some("m0")).await?;
    connections::set_state(&mut tx, now(), mine.id, bot, ConnectionState::Revoked, None).await?;
    let ways = identities::reach(&mut tx, mine.id, client).await?;
    let told: Vec<_> = ways.iter().map(|way| (way.account, way.last_inbound_id.as_deref())).collect();
    assert_eq!(told, [(other, Some("m2")), (bot, Some("m1"))]);
    assert_eq!((ways[0].last_inbound_at, ways[0].kind), (Some(later(2)), ChannelKind::Telegram));
    let states: Vec<_> = ways.iter().map(|way| (way.enabled, way.connection)).collect();
    assert_eq!(states, [(true, Some(ConnectionState::Connected)), (true, Some(ConnectionState::Revoked))]);
    let conversations: Vec<_> = ways.iter().map(|way| way.conversation).collect();
    assert_eq!(conversations, [Some(there.conversation), Some(here.conversation)]);
    Ok(())
}

async fn opting_out_and_blocking_are_remembered(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let id = messenger::talk(db, mine, bot, "7").await?.identity.id;
    let mut tx = db.write(mine.id).await?;
    assert!(identities::set_opted_out(&mut tx, later(1), mine.id, id, true).await?);
    assert!(!identities::set_opted_out(&mut tx, later(2), mine.id, id, true).await?, "no news");
    identities::set_unreachable(&mut tx, mine.id, id, Some("They blocked the bot.")).await?;
    let contact = identities::contact(&mut tx, mine.id, id).await?.context("the contact")?;
    assert_eq!(contact.opted_out_at, Some(later(1)), "since the first time");
    assert_eq!(contact.unreachable_reason.as_deref(), Some("They blocked the bot."));
    identities::heard(&mut tx, mine.id, id, later(3), None).await?;
    let contact = identities::contact(&mut tx, mine.id, id).await?.context("the contact")?;
    assert_eq!(contact.unreachable_reason, None, "who writes can be reached");
    assert!(contact.opted_out_at.is_some(), "but asked for nothing");
    assert!(identities::set_opted_out(&mut tx, later(4), mine.id, id, false).await?);
    let contact = identities::contact(&mut tx, mine.id, id).await?.context("the contact")?;
    assert_eq!(contact.opted_out_at, None);
    Ok(())
}

async fn anothers_people_are_unknown(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "7").await?;
    let (id, client) = (talk.identity.id, talk.identity.client_id);
    let mut tx = db.write(other.id).await?;
    assert_eq!(identities::get(&mut tx, other.id, id).await?, None);
    assert_eq!(identities::by_name(&mut tx, other.id, bot, "7").await?, None);
    assert_eq!(identities::contact(&mut tx, other.id, id).await?, None);
    assert_eq!(identities::of_conversation(&mut tx, other.id, talk.conversation).await?, None);
    assert!(identities::reach(&mut tx, other.id, client).await?.is_empty());
    assert_eq!(identities::moved(&mut tx, now(), other.id, bot, ("7", "8")).await?, None);
    assert!(!identities::set_opted_out(&mut tx, now(), other.id, id, true).await?);
    assert!(conversations::of_client(&mut tx, other.id, client).await?.is_empty());
    assert_eq!(conversations::of_identity(&mut tx, other.id, id).await?, None);
    assert!(conversations::open_for(&mut tx, now(), other.id, id, "").await.is_err());
    Ok(())
}
