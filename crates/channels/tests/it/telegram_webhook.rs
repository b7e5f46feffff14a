//! Updates that Telegram brings: who may, and what is kept.

use anyhow::Result;
use axum::http::StatusCode;
use coxswain_domain::ChannelAccountId;
use coxswain_store::inbox::State;
use coxswain_test_support::{db::TestDb, telegram::BotToken};
use serde_json::json;

use crate::telegram_bots::{Bots, secret, update};

coxswain_test_support::contract!(
    invariant_1_an_update_is_durable_before_telegram_hears_200,
    invariant_1_telegram_hears_503_while_the_database_is_down,
    invariant_2_a_second_copy_is_kept_once_and_bots_do_not_share_ids,
    invariant_2_copies_at_the_same_moment_are_kept_once,
    invariant_3_a_poison_update_is_kept_and_answered_200,
    invariant_9_the_secret_of_one_bot_is_refused_on_the_path_of_another,
    what_is_too_long_is_not_read,
);

fn bot(id: i64) -> BotToken {
    BotToken { id, token: format!("{id}:AAsecret") }
}

async fn invariant_1_an_update_is_durable_before_telegram_hears_200(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    // Not as a serializer would write it: the bytes are kept, not their meaning.
    let raw = "{ \"update_id\" : 900, \"message\":{\"text\":\"\\u00e9\\/\",\"chat\":{\"id\":5,\"type\":\"private\"},\"date\":1794999000}}";
    let status = bots.bring(mira.channel_account_id, Some(secret(&mira)), raw).await?;
    assert_eq!(status, StatusCode::OK);

    // As a node that starts after a crash would see it.
    let other = Bots::new(&db.open_again().await?);
    let rows = other.received(&mira).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].raw, raw.as_bytes());
    assert_eq!((rows[0].provider_message_id.as_str(), rows[0].sender.as_str()), ("900", "5"));
    assert_eq!(rows[0].sent_at.map(|at| at.timestamp()), Some(1_794_999_000));
    assert_eq!(rows[0].state, State::Waiting);
    Ok(())
}

async fn invariant_1_telegram_hears_503_while_the_database_is_down(db: &TestDb) -> Result<()> {
    let bots = Bots::new(&db.open_again().await?);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let raw = update(900, 5, "hello").to_string();
    bots.db.close().await;
    let status = bots.bring(mira.channel_account_id, Some(secret(&mira)), raw.clone()).await?;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);

    let again = Bots::new(db);
    assert_eq!(again.received(&mira).await?, []);
    assert_eq!(again.bring(mira.channel_account_id, Some(secret(&mira)), raw).await?, StatusCode::OK);
    assert_eq!(again.received(&mira).await?.len(), 1);
    Ok(())
}

async fn invariant_2_a_second_copy_is_kept_once_and_bots_do_not_share_ids(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let jon = bots.connect(&bot(72), "jon_bot", true).await?;
    for (text, of) in [("one", &mira), ("one", &mira), ("two", &jon)] {
        let raw = update(900, 5, text).to_string();
        assert_eq!(bots.bring(of.channel_account_id, Some(secret(of)), raw).await?, StatusCode::OK);
    }
    // After a week of silence Telegram begins anew: a smaller id is not an older one.
    let later = update(3, 5, "three").to_string();
    assert_eq!(bots.bring(mira.channel_account_id, Some(secret(&mira)), later).await?, StatusCode::OK);
    assert_eq!(bots.received(&mira).await?.len(), 2);
    assert_eq!(bots.received(&jon).await?.len(), 1);
    Ok(())
}

async fn invariant_2_copies_at_the_same_moment_are_kept_once(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let raw = update(900, 5, "hello").to_string();
    let copies = (0..8).map(|_| bots.bring(mira.channel_account_id, Some(secret(&mira)), raw.clone()));
    for status in futures::future::join_all(copies).await {
        assert_eq!(status?, StatusCode::OK);
    }
    assert_eq!(bots.received(&mira).await?.len(), 1);
    Ok(())
}

async fn invariant_3_a_poison_update_is_kept_and_answered_200(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let poison: [&[u8]; 4] = [b"{\"update_id\":", b"", &[0xff, 0x00, 0xfe], b"[1,2,3]"];
    for raw in poison.iter().chain(&poison) {
        let status = bots.bring(mira.channel_account_id, Some(secret(&mira)), raw.to_vec()).await?;
        assert_eq!(status, StatusCode::OK);
    }
    // With an id it can still be told apart, and is for the inbox's worker to judge.
    let odd = json!({"update_id": 901, "message": 5}).to_string();
    bots.bring(mira.channel_account_id, Some(secret(&mira)), odd).await?;
    let good = update(902, 5, "hello").to_string();
    assert_eq!(bots.bring(mira.channel_account_id, Some(secret(&mira)), good).await?, StatusCode::OK);

    let rows = bots.received(&mira).await?;
    let unreadable: Vec<_> = rows.iter().filter(|row| row.state == State::Unreadable).collect();
    assert_eq!(unreadable.len(), poison.len());
    assert!(unreadable.iter().all(|row| row.problem.is_some() && poison.contains(&row.raw.as_slice())));
    let waiting: Vec<_> =
        rows.iter().filter(|row| row.state == State::Waiting).map(|row| &row.provider_message_id).collect();
    assert_eq!(waiting, ["901", "902"]);
    Ok(())
}

async fn invariant_9_the_secret_of_one_bot_is_refused_on_the_path_of_another(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let jon = bots.connect(&bot(72), "jon_bot", true).await?;
    let raw = update(900, 5, "hello").to_string();
    let near = &secret(&jon)[1..];
    for wrong in [Some(secret(&mira)), Some(near), Some(""), None] {
        let status = bots.bring(jon.channel_account_id, wrong, raw.clone()).await?;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    let nobody = ChannelAccountId::new(mira.checked_at);
    assert_eq!(bots.bring(nobody, Some(secret(&mira)), raw).await?, StatusCode::NOT_FOUND);
    assert_eq!(bots.received(&mira).await?, []);
    assert_eq!(bots.received(&jon).await?, []);
    Ok(())
}

async fn what_is_too_long_is_not_read(db: &TestDb) -> Result<()> {
    let bots = Bots::new(db);
    let mira = bots.connect(&bot(71), "mira_bot", true).await?;
    let long = update(900, 5, &"x".repeat(1 << 20)).to_string();
    let status = bots.bring(mira.channel_account_id, Some(secret(&mira)), long).await?;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(bots.received(&mira).await?, []);
    Ok(())
}
