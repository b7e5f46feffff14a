//! Saying something: durable before it is acknowledged, once however often it is sent.

use std::{num::NonZeroU32, time::Duration};

use anyhow::Result;
use axum::http::{Method, StatusCode};
use coxswain_channels::web::{Quota, Quotas};
use coxswain_test_support::db::TestDb;
use futures::future::try_join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Event};

coxswain_test_support::contract!(
    a_question_is_answered_and_kept,
    the_same_message_is_taken_in_once,
    a_burst_of_the_same_message_is_taken_in_once,
    wrong_bodies_are_named,
    earlier_messages_come_by_cursor,
    unread_counts_until_seen,
    a_newer_message_ends_the_draft_that_did_not_know_it,
    an_answer_being_written_can_be_cancelled,
    a_widget_switched_off_takes_nothing_in,
    a_session_in_use_stays_good,
);

fn texts(conversation: &Value) -> Vec<&str> {
    conversation["messages"].as_array().into_iter().flatten().filter_map(|one| one["text"].as_str()).collect()
}

async fn a_question_is_answered_and_kept(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let empty = client.conversation().await?;
    assert_eq!((&empty["messages"], &empty["last_event_id"]), (&json!([]), &Value::Null));

    let mut events = client.listen(None).await?;
    let sent = client.say("  May I?  ", Uuid::new_v4()).await?;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert_eq!(sent.json()["message"]["text"], "May I?");
    let last = events.until_answered().await?.pop();
    assert_eq!(last.map(|event| event.data["id"].clone()), Some(sent.json()["reply_id"].clone()));

    let kept = client.conversation().await?;
    assert_eq!(texts(&kept), ["May I?", "Yes."]);
    assert_eq!(kept["before_cursor"], Value::Null);
    Ok(())
}

async fn the_same_message_is_taken_in_once(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let id = Uuid::new_v4();
    let first = client.say("May I?", id).await?;
    let second = client.say("May I?", id).await?;
    assert_eq!((first.status, second.status), (StatusCode::ACCEPTED, StatusCode::OK));
    assert_eq!(first.json()["message"]["id"], second.json()["message"]["id"]);
    assert_eq!(first.json()["reply_id"], second.json()["reply_id"]);
    assert_eq!(client.conversation().await?["messages"].as_array().map(Vec::len), Some(2));
    Ok(())
}

async fn a_burst_of_the_same_message_is_taken_in_once(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let id = Uuid::new_v4();
    let answers = try_join_all((0..6).map(|_| client.say("May I?", id))).await?;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    let repeated = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!((taken, repeated), (1, 5));
    assert_eq!(client.conversation().await?["messages"].as_array().map(Vec::len), Some(2));
    Ok(())
}

async fn wrong_bodies_are_named(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let id = Uuid::new_v4();
    for (body, pointer) in [
        (json!({"text": " ", "client_message_id": id}), "/text"),
        (json!({"text": "a".repeat(4_001), "client_message_id": id}), "/text"),
        (json!({"text": "a"}), "/client_message_id"),
        (json!({"text": "a", "client_message_id": "1"}), "/client_message_id"),
        (json!({"text": "a", "client_message_id": id, "creator_id": id}), "/creator_id"),
    ] {
        let answer = client.call(Method::POST, "/w/messages", Some(body)).await?;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
    Ok(())
}

async fn earlier_messages_come_by_cursor(db: &TestDb) -> Result<()> {
    let often = Quota { every: Duration::from_millis(1), burst: NonZeroU32::MAX };
    let app = App::limited(db, &Quotas { messages_per_session: often, ..Quotas::default() });
    let client = app.session(&app.widget().await?).await?;
    let mut events = client.listen(None).await?;
    for number in 0..26 {
        client.say(&format!("Question {number}"), Uuid::new_v4()).await?;
        events.until_answered().await?;
    }
    let latest = client.conversation().await?;
    assert_eq!(texts(&latest).len(), 50);
    let cursor = latest["before_cursor"].as_str().unwrap_or_default();
    let before = client.call(Method::GET, &format!("/w/conversation?before={cursor}"), None).await?.json();
    assert_eq!(texts(&before), ["Question 0", "Yes."]);
    assert_eq!(before["before_cursor"], Value::Null);
    let bad = client.call(Method::GET, "/w/conversation?before=x", None).await?;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    Ok(())
}

async fn unread_counts_until_seen(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    events.until_answered().await?;
    assert_eq!(client.conversation().await?["unread"], 1);
    for (seq, unread) in [(99, 1), (2, 0), (1, 0)] {
        let seen = client.call(Method::POST, "/w/seen", Some(json!({"seq": seq}))).await?;
        assert_eq!(seen.status, StatusCode::NO_CONTENT);
        assert_eq!(client.conversation().await?["unread"], unread, "after seeing {seq}");
    }
    Ok(())
}

async fn a_newer_message_ends_the_draft_that_did_not_know_it(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("First?", Uuid::new_v4()).await?;
    words.send("Well, ")?;
    events.until(|event| event.name == "delta").await?;
    client.say("And second?", Uuid::new_v4()).await?;
    let answered = |event: &Event| event.data["status"] == "done" && event.data["author"] == "engine";
    events.until(answered).await?;
    let kept = client.conversation().await?;
    let statuses: Vec<_> =
        kept["messages"].as_array().into_iter().flatten().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["done", "cancelled", "done", "done"], "{kept}");
    assert_eq!(texts(&kept)[2..], ["And second?", "Yes."]);
    Ok(())
}

async fn an_answer_being_written_can_be_cancelled(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    words.send("Well, ")?;
    events.until(|event| event.name == "delta").await?;
    let answer = client.call(Method::POST, "/w/cancel", None).await?;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let last = events.until_answered().await?.pop().map(|event| event.data).unwrap_or_default();
    assert_eq!((&last["status"], &last["text"]), (&json!("cancelled"), &json!("Well, ")));
    Ok(())
}

async fn a_widget_switched_off_takes_nothing_in(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    app.switch_off(&account).await?;
    let answer = client.say("May I?", Uuid::new_v4()).await?;
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (StatusCode::FORBIDDEN, json!("switched_off"))
    );
    assert_eq!(texts(&client.conversation().await?), Vec::<&str>::new());
    assert!(app.session(&account).await.is_err());
    let config = app.get(&format!("/w/{}/config", account.public_key), &[]).await?;
    assert_eq!(config.json()["available"], false);
    Ok(())
}

async fn a_session_in_use_stays_good(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    for _ in 0..3 {
        app.clock.advance(chrono::Duration::days(100));
        let seen = client.call(Method::POST, "/w/seen", Some(json!({"seq": 0}))).await?;
        assert_eq!(seen.status, StatusCode::NO_CONTENT);
    }
    app.clock.advance(chrono::Duration::days(181));
    let expired = client.call(Method::GET, "/w/conversation", None).await?;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    Ok(())
}
