//! Connections of messenger accounts.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::channel::ChannelKind;
use coxswain_store::{
    StoreError, channel_accounts,
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    jobs::Lease,
};
use coxswain_test_support::{contract, db::TestDb};
use uuid::Uuid;

use crate::{later, messenger, now, two};

contract!(
    an_account_is_found_by_its_provider,
    one_bot_is_connected_once,
    news_about_a_business_concern_its_numbers,
    its_state_and_settings_change,
    one_worker_polls_a_bot,
    a_node_that_comes_back_polls_its_bots_at_once,
    what_the_provider_says_of_an_account_is_kept,
);

async fn an_account_is_found_by_its_provider(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let account = messenger::account(db, mine, ChannelKind::Telegram).await?;
    let connection = messenger::connection(mine, account, "42");
    let mut tx = db.write(mine.id).await?;
    connections::insert(&mut tx, &connection).await?;
    let found = channel_accounts::get(&mut tx, mine.id, account).await?.context("the account")?;
    assert_eq!(found.kind, ChannelKind::Telegram);
    assert_eq!(connections::get(&mut tx, mine.id, account).await?.as_ref(), Some(&connection));
    assert_eq!(connections::list(&mut tx, mine.id).await?, std::slice::from_ref(&connection));
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    let found = connections::by_provider(&mut tx, ChannelKind::Telegram, "42").await?;
    assert_eq!(found.as_ref(), Some(&connection));
    assert_eq!(connections::by_provider(&mut tx, ChannelKind::Whatsapp, "42").await?, None);
    assert_eq!(connections::by_account(&mut tx, account).await?.as_ref(), Some(&connection));
    assert!(!format!("{found:?}").contains("secret"), "secrets are not shown");
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert_eq!(connections::get(&mut tx, other.id, account).await?, None);
    assert!(connections::list(&mut tx, other.id).await?.is_empty());
    Ok(())
}

async fn one_bot_is_connected_once(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    for (coach, fresh) in [(mine, true), (other, false)] {
        let account = messenger::account(db, coach, ChannelKind::Telegram).await?;
        let mut tx = db.write(coach.id).await?;
        let done = connections::insert(&mut tx, &messenger::connection(coach, account, "42")).await;
        if fresh {
            done?;
            tx.commit().await?;
        } else {
            assert!(matches!(done, Err(StoreError::Conflict { .. })), "{done:?}");
        }
    }
    Ok(())
}

async fn news_about_a_business_concern_its_numbers(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut numbers = Vec::new();
    for (coach, number, business) in [(mine, "1", "b1"), (other, "2", "b1"), (mine, "3", "b2")] {
        let account = messenger::account(db, coach, ChannelKind::Whatsapp).await?;
        let credentials =
            Credentials::Whatsapp { access_token: "secret".into(), business_account_id: business.into() };
        let kind = ChannelKind::Whatsapp;
        let connection = Connection { kind, credentials, ..messenger::connection(coach, account, number) };
        let mut tx = db.write(coach.id).await?;
        connections::insert(&mut tx, &connection).await?;
        tx.commit().await?;
        numbers.push(connection);
    }
    let mut tx = db.system_read().await?;
    assert_eq!(connections::by_business_account(&mut tx, "b1").await?, numbers[..2]);
    assert!(connections::by_business_account(&mut tx, "b3").await?.is_empty());
    Ok(())
}

async fn its_state_and_settings_change(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    let revoked = ConnectionState::Revoked;
    assert!(connections::set_state(&mut tx, later(1), mine.id, bot, revoked, Some("Unauthorized")).await?);
    let settings = ConnectionSettings { webhook: true, greeting: "Hi".into(), ..Default::default() };
    assert!(connections::set_settings(&mut tx, mine.id, bot, &settings).await?);
    let found = connections::get(&mut tx, mine.id, bot).await?.context("the bot")?;
    assert_eq!((found.state, found.state_reason.as_deref()), (revoked, Some("Unauthorized")));
    assert_eq!((found.checked_at, found.settings), (later(1), settings.clone()));
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert!(connections::working(&mut tx, ChannelKind::Telegram).await?.is_empty());
    drop(tx);
    let fresh = Credentials::Telegram { token: "2:new".into(), webhook_secret: "hush".into() };
    let mut tx = db.write(mine.id).await?;
    assert!(connections::set_credentials(&mut tx, later(2), mine.id, bot, "new_bot", &fresh).await?);
    let found = connections::get(&mut tx, mine.id, bot).await?.context("the bot")?;
    assert_eq!((found.state, found.state_reason), (ConnectionState::Connected, None));
    assert_eq!((found.credentials, found.handle.as_str()), (fresh.clone(), "new_bot"));
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert_eq!(connections::working(&mut tx, ChannelKind::Telegram).await?.len(), 1);
    drop(tx);
    let mut tx = db.write(other.id).await?;
    assert!(!connections::set_state(&mut tx, now(), other.id, bot, revoked, None).await?);
    assert!(!connections::set_settings(&mut tx, other.id, bot, &settings).await?);
    assert!(!connections::set_credentials(&mut tx, now(), other.id, bot, "x", &fresh).await?);
    assert!(!connections::delete(&mut tx, other.id, bot).await?);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(connections::delete(&mut tx, mine.id, bot).await?);
    assert!(channel_accounts::get(&mut tx, mine.id, bot).await?.is_some(), "what was said keeps its place");
    Ok(())
}

async fn one_worker_polls_a_bot(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let bot = messenger::bot(db, mine).await?;
    let [one, two] =
        [Uuid::new_v4(), Uuid::new_v4()].map(|worker| Lease { worker, length: TimeDelta::minutes(1) });
    let mut tx = db.system().await?;
    assert_eq!(connections::claim_poll(&mut tx, now(), bot, one).await?, Some(0));
    assert_eq!(connections::claim_poll(&mut tx, now(), bot, two).await?, None);
    assert!(connections::advance_updates(&mut tx, bot, one.worker, 900).await?);
    assert!(!connections::advance_updates(&mut tx, bot, two.worker, 5).await?);
    assert_eq!(connections::claim_poll(&mut tx, now(), bot, one).await?, Some(900), "it holds on");
    assert_eq!(connections::claim_poll(&mut tx, later(1), bot, two).await?, Some(900), "the lease ran out");
    assert!(!connections::advance_updates(&mut tx, bot, one.worker, 901).await?, "another one polls now");
    connections::release_poll(&mut tx, bot, one.worker).await?;
    assert_eq!(connections::claim_poll(&mut tx, later(1), bot, one).await?, None, "not one's to give back");
    connections::release_poll(&mut tx, bot, two.worker).await?;
    assert_eq!(connections::claim_poll(&mut tx, later(1), bot, one).await?, Some(900));
    assert!(connections::advance_updates(&mut tx, bot, one.worker, 3).await?, "ids may begin anew");
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    connections::set_state(&mut tx, now(), mine.id, bot, ConnectionState::Paused, None).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    assert_eq!(connections::claim_poll(&mut tx, later(1), bot, one).await?, None, "paused");
    Ok(())
}

async fn a_node_that_comes_back_polls_its_bots_at_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (account, beside) = (messenger::bot(db, mine).await?, messenger::bot(db, mine).await?);
    let life =
        |number: u128| Lease { worker: Uuid::from_u128((7 << 64) + number), length: TimeDelta::minutes(1) };
    let lives = (life(0).worker, life(u128::from(u64::MAX)).worker);
    let (before, after, other) = (life(1), life(2), Lease { worker: Uuid::from_u128(8 << 64), ..life(0) });
    let mut tx = db.system().await?;
    connections::claim_poll(&mut tx, now(), account, before).await?.context("polled before")?;
    connections::claim_poll(&mut tx, now(), beside, other).await?.context("polled by another node")?;
    assert_eq!(connections::claim_poll(&mut tx, now(), account, after).await?, None);
    assert_eq!(connections::end_polls(&mut tx, lives, after.worker).await?, 1);
    assert!(connections::claim_poll(&mut tx, now(), account, after).await?.is_some());
    assert_eq!(connections::end_polls(&mut tx, lives, after.worker).await?, 0, "its own life is not over");
    assert_eq!(connections::claim_poll(&mut tx, now(), beside, after).await?, None);
    Ok(())
}

async fn what_the_provider_says_of_an_account_is_kept(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let account = messenger::bot(db, mine).await?;
    let said = connections::Standing {
        quality: Some("YELLOW".into()),
        tier: Some("TIER_2K".into()),
        people_a_day: Some(2_000),
        news: Some("Its quality fell.".into()),
        news_at: Some(now()),
    };
    let mut tx = db.write(mine.id).await?;
    assert_eq!(connections::standing(&mut tx, mine.id, account).await?, connections::Standing::default());
    assert!(connections::set_standing(&mut tx, mine.id, account, &said).await?);
    assert_eq!(connections::standing(&mut tx, mine.id, account).await?, said);
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert!(!connections::set_standing(&mut tx, other.id, account, &said).await?);
    assert_eq!(connections::standing(&mut tx, other.id, account).await?, connections::Standing::default());
    Ok(())
}
