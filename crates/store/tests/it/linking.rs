//! One person, several channels: linked by a code, and parted again.

use anyhow::{Context, Result};
use coxswain_domain::IdentityId;
use coxswain_store::{
    clients, consents, conversations,
    identities::{self, Identity},
    link_codes, schedule,
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{later, messenger, now, two};

contract!(
    a_code_links_once,
    a_linked_identity_brings_what_was_said,
    consents_and_preferences_survive_a_link,
    a_client_with_something_left_stays,
    unlinking_gives_what_was_said_back,
    a_client_prefers_a_channel,
);

async fn a_code_links_once(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let client = mine.client(db, now(), None).await?.id;
    let mut tx = db.write(mine.id).await?;
    link_codes::insert(&mut tx, now(), mine.id, client, b"one", later(10)).await?;
    link_codes::insert(&mut tx, now(), mine.id, client, b"two", later(10)).await?;
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(link_codes::redeem(&mut tx, now(), other.id, b"one").await?, None);
    drop(tx);
    let redeem = async || {
        let mut tx = db.write(mine.id).await?;
        let client = link_codes::redeem(&mut tx, later(1), mine.id, b"one").await?;
        tx.commit().await?;
        anyhow::Ok(client)
    };
    let both: [_; 2] = tokio::join!(redeem(), redeem()).into();
    let found: Vec<_> = both.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    assert_eq!(found, [client]);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(link_codes::redeem(&mut tx, later(10), mine.id, b"two").await?, None, "expired");
    assert_eq!(link_codes::redeem(&mut tx, now(), mine.id, b"three").await?, None);
    link_codes::insert(&mut tx, later(11), mine.id, client, b"two", later(20)).await?;
    assert_eq!(link_codes::redeem(&mut tx, later(12), mine.id, b"two").await?, Some(client), "a fresh one");
    Ok(())
}

async fn a_linked_identity_brings_what_was_said(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "7").await?;
    let (id, left) = (talk.identity.id, talk.identity.client_id);
    messenger::answered(db, mine, talk.conversation).await?;
    let person = mine.client(db, now(), None).await?;
    let stranger = other.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    identities::set_opted_out(&mut tx, later(1), mine.id, id, true).await?;
    assert!(!identities::link(&mut tx, now(), mine.id, id, stranger.id).await?);
    assert!(!identities::link(&mut tx, now(), mine.id, IdentityId::new(now()), person.id).await?);
    assert!(identities::link(&mut tx, now(), mine.id, id, person.id).await?);
    assert!(identities::link(&mut tx, now(), mine.id, id, person.id).await?, "twice is once");
    assert!(clients::get(&mut tx, mine.id, left).await?.is_none(), "nothing of theirs is left");
    let talks = conversations::of_client(&mut tx, mine.id, person.id).await?;
    let ids: Vec<_> = talks.iter().map(|talk| talk.id).collect();
    assert!(ids.contains(&talk.conversation) && ids.contains(&person.conversation), "{ids:?}");
    let said = conversations::list_messages(&mut tx, mine.id, talk.conversation, 99, 99).await?;
    assert_eq!(said.len(), 2);
    let contact = identities::contact(&mut tx, mine.id, id).await?.context("the contact")?;
    assert_eq!((contact.client, contact.opted_out_at), (person.id, Some(later(1))));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!identities::link(&mut tx, now(), other.id, id, stranger.id).await?);
    assert_eq!(identities::unlink(&mut tx, now(), other.id, id).await?, None);
    Ok(())
}

async fn consents_and_preferences_survive_a_link(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let talk = messenger::talk(db, mine, bot, "7").await?;
    let person = mine.client(db, now(), Some("Europe/Lisbon")).await?;
    mine.agree(db, now(), person).await?;
    let anonymous = Identity {
        id: IdentityId::new(now()),
        client_id: person.id,
        channel_account_id: mine.widget,
        provider_user_id: "visitor".into(),
        verified: false,
        created_at: now(),
    };
    let mut tx = db.write(mine.id).await?;
    identities::insert(&mut tx, mine.id, &anonymous).await?;
    clients::prefer(&mut tx, mine.id, person.id, Some(mine.widget)).await?;
    // A code redeemed in the widget: the visitor turns out to be the person on Telegram.
    let to = talk.identity.client_id;
    assert!(identities::link(&mut tx, now(), mine.id, anonymous.id, to).await?);
    assert!(clients::get(&mut tx, mine.id, person.id).await?.is_none());
    let consent = consents::open(&mut tx, mine.id, to, consents::CHECK_INS).await?.context("it holds")?;
    assert_eq!((consent.channel_account_id, consent.granted_at), (mine.widget, now()));
    assert_eq!(clients::preferred(&mut tx, mine.id, to).await?, Some(mine.widget));
    let client = clients::get(&mut tx, mine.id, to).await?.context("the client")?;
    assert_eq!(client.time_zone.as_deref(), Some("Europe/Lisbon"));
    let found = conversations::get(&mut tx, mine.id, person.conversation).await?.context("it")?;
    assert_eq!(found.client_id, Some(to), "a widget's conversation goes with its identity");
    tx.commit().await?;

    let again = mine.client(db, now(), None).await?;
    mine.agree(db, later(1), again).await?;
    let mut tx = db.write(mine.id).await?;
    let second = Identity {
        id: IdentityId::new(now()),
        client_id: again.id,
        provider_user_id: "another".into(),
        ..anonymous
    };
    identities::insert(&mut tx, mine.id, &second).await?;
    assert!(identities::link(&mut tx, later(2), mine.id, second.id, to).await?);
    let open = consents::open(&mut tx, mine.id, to, consents::CHECK_INS).await?.context("it holds")?;
    assert_eq!(open.id, consent.id, "the first one holds, the other is closed");
    assert_eq!(consents::of_client(&mut tx, mine.id, to).await?.len(), 2);
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert!(schedule::due(&mut tx, later(99), None, 9).await?.is_empty(), "there is no check-in yet");
    Ok(())
}

async fn a_client_with_something_left_stays(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (bot, other) = (messenger::bot(db, mine).await?, messenger::bot(db, mine).await?);
    let (here, there) =
        (messenger::talk(db, mine, bot, "7").await?, messenger::talk(db, mine, other, "7").await?);
    let client = here.identity.client_id;
    let person = mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    identities::link(&mut tx, now(), mine.id, there.identity.id, client).await?;
    identities::link(&mut tx, now(), mine.id, here.identity.id, person.id).await?;
    assert!(clients::get(&mut tx, mine.id, client).await?.is_some());
    let left = conversations::of_client(&mut tx, mine.id, client).await?;
    assert_eq!(left.iter().map(|talk| talk.id).collect::<Vec<_>>(), [there.conversation]);
    Ok(())
}

async fn unlinking_gives_what_was_said_back(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (bot, other) = (messenger::bot(db, mine).await?, messenger::bot(db, mine).await?);
    let (here, there) =
        (messenger::talk(db, mine, bot, "7").await?, messenger::talk(db, mine, other, "7").await?);
    let client = here.identity.client_id;
    let mut tx = db.write(mine.id).await?;
    let alone = identities::unlink(&mut tx, now(), mine.id, here.identity.id).await?;
    assert_eq!(alone, Some(client), "there is nobody to part from");
    identities::link(&mut tx, now(), mine.id, there.identity.id, client).await?;
    let own = identities::unlink(&mut tx, now(), mine.id, there.identity.id).await?.context("a client")?;
    assert_ne!(own, client);
    for (client, talk) in [(client, here), (own, there)] {
        let talks = conversations::of_client(&mut tx, mine.id, client).await?;
        assert_eq!(talks.iter().map(|talk| talk.id).collect::<Vec<_>>(), [talk.conversation]);
        let ids = identities::of_client(&mut tx, mine.id, client).await?;
        assert_eq!(ids.iter().map(|identity| identity.id).collect::<Vec<_>>(), [talk.identity.id]);
    }
    let client = clients::get(&mut tx, mine.id, own).await?.context("the client")?;
    assert!(client.display_name.starts_with("Client "));
    Ok(())
}

async fn a_client_prefers_a_channel(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let client = mine.client(db, now(), None).await?.id;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(clients::preferred(&mut tx, mine.id, client).await?, None);
    assert!(clients::prefer(&mut tx, mine.id, client, Some(bot)).await?);
    assert_eq!(clients::preferred(&mut tx, mine.id, client).await?, Some(bot));
    assert!(!clients::prefer(&mut tx, mine.id, client, Some(other.widget)).await?, "not this creator's");
    assert!(clients::prefer(&mut tx, mine.id, client, None).await?);
    assert_eq!(clients::preferred(&mut tx, mine.id, client).await?, None);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!clients::prefer(&mut tx, other.id, client, None).await?);
    assert_eq!(clients::preferred(&mut tx, other.id, client).await?, None);
    Ok(())
}
