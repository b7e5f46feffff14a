//! The webhook: verified, durable before it is acknowledged, routed by nothing but the number.

use anyhow::{Result, ensure};
use axum::http::StatusCode;
use coxswain_store::{inbox::INBOX_JOB, jobs};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use super::{
    NUMBER, OTHER_NUMBER, fixture,
    world::{World, sign},
};

coxswain_test_support::contract!(
    invariant_1_what_was_acknowledged_is_durable_with_its_job,
    invariant_1_without_the_database_the_provider_is_told_to_come_back,
    invariant_2_copies_are_kept_once_even_at_the_same_moment,
    invariant_3_one_malformed_item_holds_up_no_other,
    invariant_9_only_the_number_says_whose_a_webhook_is,
    invariant_9_without_the_secret_nothing_is_taken,
    the_signature_is_that_of_the_raw_bytes,
    what_belongs_to_nobody_is_kept_and_acknowledged,
    news_reach_every_number_of_their_business_account,
    the_largest_payloads_are_taken_and_larger_ones_refused,
    hostile_ids_cost_nothing,
    the_address_is_verified_by_its_token,
);

async fn invariant_1_what_was_acknowledged_is_durable_with_its_job(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    assert_eq!(world.hook(&fixture("text")).await?, StatusCode::OK);
    // A second process sees it: it was committed before the answer.
    let again = db.open_again().await?;
    let mut tx = again.system().await?;
    let depths = jobs::depths(&mut tx).await?;
    let waiting = depths.iter().find(|depth| depth.kind == INBOX_JOB).map(|depth| depth.jobs);
    assert_eq!(waiting, Some(1), "{depths:?}");
    drop(tx);
    let kept = world.inbox(ours.creator_id).await?;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].provider_message_id, "wamid.text");
    assert_eq!(kept[0].sent_at.map(|at| at.timestamp()), Some(1_790_000_000));
    again.close().await;
    Ok(())
}

async fn invariant_1_without_the_database_the_provider_is_told_to_come_back(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    db.close().await;
    assert_eq!(world.hook(&fixture("text")).await?, StatusCode::SERVICE_UNAVAILABLE);
    let again = World::new(&db.open_again().await?);
    assert!(again.inbox(ours.creator_id).await?.is_empty());
    assert_eq!(again.hook(&fixture("text")).await?, StatusCode::OK);
    assert_eq!(again.inbox(ours.creator_id).await?.len(), 1);
    again.db.close().await;
    Ok(())
}

async fn invariant_2_copies_are_kept_once_even_at_the_same_moment(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    let body = fixture("kinds");
    let copies = futures::future::join_all((0..8).map(|_| world.hook(&body))).await;
    for status in copies {
        assert_eq!(status?, StatusCode::OK);
    }
    assert_eq!(world.hook(&body).await?, StatusCode::OK);
    assert_eq!(world.inbox(ours.creator_id).await?.len(), 24);
    Ok(())
}

async fn invariant_3_one_malformed_item_holds_up_no_other(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    let theirs = world.number(OTHER_NUMBER).await?;
    assert_eq!(world.hook(&fixture("batch")).await?, StatusCode::OK);
    assert_eq!(world.inbox(ours.creator_id).await?.len(), 5, "the malformed ones too, to be looked at");
    assert_eq!(world.inbox(theirs.creator_id).await?.len(), 1);
    assert_eq!(world.strays().await?.len(), 2, "an entry and a change without sense");
    Ok(())
}

async fn invariant_9_only_the_number_says_whose_a_webhook_is(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let a = world.number(NUMBER).await?;
    let b = world.number(OTHER_NUMBER).await?;
    // A message to A's number, filed under B's business account, beside one whose sender claims to be A's number.
    let value = |number: &str, id: &str| {
        json!({"metadata": {"phone_number_id": number}, "messages": [
            {"id": id, "from": NUMBER, "timestamp": "1790000000", "type": "text", "text": {"body": "hi"}}]})
    };
    let change = |value: Value| json!({"field": "messages", "value": value});
    let body = json!({"entry": [{"id": "account-of-b", "changes": [
        change(value(NUMBER, "wamid.to-a")), change(value(OTHER_NUMBER, "wamid.to-b"))]}]});
    assert_eq!(world.hook(body.to_string().as_bytes()).await?, StatusCode::OK);
    for (owner, other, id) in [(&a, &b, "wamid.to-a"), (&b, &a, "wamid.to-b")] {
        let kept = world.inbox(owner.creator_id).await?;
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].provider_message_id.as_str(), kept[0].account), (id, owner.channel_account_id));
        let mut tx = world.db.read(other.creator_id).await?;
        assert!(coxswain_store::inbox::get(&mut tx, other.creator_id, kept[0].id).await?.is_none());
    }
    Ok(())
}

async fn invariant_9_without_the_secret_nothing_is_taken(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    let body = fixture("text");
    let of_other_bytes = sign(b"{}");
    let upper = sign(&body).to_uppercase();
    for signature in [None, Some(String::new()), Some("sha256=00".into()), Some(of_other_bytes), Some(upper)]
    {
        assert_eq!(world.post(body.clone(), signature).await?, StatusCode::UNAUTHORIZED);
    }
    assert!(world.inbox(ours.creator_id).await?.is_empty() && world.strays().await?.is_empty());
    Ok(())
}

async fn the_signature_is_that_of_the_raw_bytes(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    // Meta escapes what is not ASCII; written anew, the same JSON has other bytes.
    let text = String::from_utf8(fixture("text"))?.replace('😴', "\\ud83d\\ude34 \\u0040");
    let written_anew = serde_json::from_str::<Value>(&text)?.to_string();
    ensure!(written_anew != text);
    assert_eq!(
        world.post(text.clone().into_bytes(), Some(sign(written_anew.as_bytes()))).await?,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.hook(text.as_bytes()).await?, StatusCode::OK);
    let kept = world.inbox(ours.creator_id).await?;
    let raw = String::from_utf8(kept[0].raw.clone())?;
    assert!(raw.contains(r"\ud83d\ude34 \u0040"), "the bytes as they came: {raw}");
    Ok(())
}

async fn what_belongs_to_nobody_is_kept_and_acknowledged(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(OTHER_NUMBER).await?;
    for body in [&fixture("text")[..], b"no json", b"[]", b"{}", b"\xff\xfe", br#"{"entry": [{"id": "1"}]}"#]
    {
        assert_eq!(world.hook(body).await?, StatusCode::OK, "{}", String::from_utf8_lossy(body));
    }
    assert!(world.inbox(ours.creator_id).await?.is_empty());
    let strays = world.strays().await?;
    assert_eq!(strays.len(), 6);
    assert!(strays.iter().any(|stray| stray.raw == b"\xff\xfe"));
    Ok(())
}

async fn news_reach_every_number_of_their_business_account(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let first = world.number(NUMBER).await?;
    let second = world.number(OTHER_NUMBER).await?;
    assert_eq!(world.hook(&fixture("account")).await?, StatusCode::OK);
    for connection in [first, second] {
        assert_eq!(world.inbox(connection.creator_id).await?.len(), 3);
    }
    Ok(())
}

async fn the_largest_payloads_are_taken_and_larger_ones_refused(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    let text = String::from_utf8(fixture("text"))?;
    let of_size = |size: usize| text.replace("better", &"x".repeat(size)).into_bytes();
    assert_eq!(world.hook(&of_size(3 << 20)).await?, StatusCode::OK);
    assert_eq!(world.hook(&of_size(4 << 20)).await?, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.inbox(ours.creator_id).await?.len(), 1);
    Ok(())
}

async fn hostile_ids_cost_nothing(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let ours = world.number(NUMBER).await?;
    let message =
        |id: &str| json!({"id": id, "from": id, "timestamp": "x", "type": "text", "text": {"body": "hi"}});
    let ids = ["\u{0}", "a\u{0}b", &"w".repeat(100_000), "ok"];
    let messages: Vec<Value> = ids.into_iter().map(message).collect();
    let value = json!({"metadata": {"phone_number_id": NUMBER}, "messages": messages});
    let body = json!({"entry": [{"id": "8100", "changes": [{"field": "messages", "value": value}]}]});
    assert_eq!(world.hook(body.to_string().as_bytes()).await?, StatusCode::OK);
    assert_eq!(world.inbox(ours.creator_id).await?.len(), 4);
    Ok(())
}

async fn the_address_is_verified_by_its_token(db: &TestDb) -> Result<()> {
    let world = World::new(db);
    let asked = |token: &str| format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
    let (status, body) = world.get(&asked("verify-token-of-the-tests")).await?;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::OK, "1158201444"),
        "the bare challenge, without a signature"
    );
    for query in [asked("another"), asked(""), "hub.challenge=1".into(), String::new()] {
        let (status, body) = world.get(&query).await?;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(!body.contains("1158201444"));
    }
    Ok(())
}
