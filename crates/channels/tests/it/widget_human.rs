//! A person answers: asked for by the client, seen in the panel, and not talked over by the engine.

use anyhow::Result;
use axum::http::{Method, StatusCode};
use coxswain_domain::{Clock, MemberId, conversation::ConversationEvent};
use coxswain_http::events;
use coxswain_store::{channel_accounts::ChannelAccount, conversations};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Answer, App, Client};

coxswain_test_support::contract!(
    whoever_asks_for_a_person_waits_for_one,
    the_panel_sees_who_answers_as_it_changes,
    while_a_person_answers_the_engine_is_silent,
    a_widget_switched_off_brings_nobody,
);

fn presence(human: bool, human_wanted: bool, writing: bool) -> Value {
    json!({"human": human, "human_wanted": human_wanted, "writing": writing})
}

/// Who said what.
fn said(conversation: &Value) -> Vec<(&str, &str)> {
    let messages = conversation["messages"].as_array().into_iter().flatten();
    messages
        .map(|one| (one["author"].as_str().unwrap_or_default(), one["text"].as_str().unwrap_or_default()))
        .collect()
}

async fn want(client: &Client<'_>) -> Result<Answer> {
    client.call(Method::POST, "/w/human", Some(json!({"text": "Talk to a person"}))).await
}

/// What a member does in the inbox.
async fn take_over(app: &App, account: &ChannelAccount, client: &Client<'_>, text: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.write(account.creator_id).await?;
    let member = MemberId::new(now);
    let written = conversations::write_as_coach(
        &mut tx,
        now,
        account.creator_id,
        member,
        (client.conversation, text),
        None,
    )
    .await?;
    tx.commit().await?;
    app.live.touch(client.conversation);
    let (_, message) = written.ok_or_else(|| anyhow::anyhow!("the conversation exists"))?;
    events::announce(&app.live, client.conversation, message);
    Ok(())
}

async fn whoever_asks_for_a_person_waits_for_one(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    assert_eq!(client.conversation().await?["presence"], presence(false, false, false));
    // Even before the first word.
    for _ in 0..2 {
        let asked = want(&client).await?;
        assert_eq!((asked.status, asked.json()), (StatusCode::OK, presence(false, true, false)));
    }
    let kept = client.conversation().await?;
    assert_eq!(kept["presence"], presence(false, true, false));
    // It stands there once, as their own words, and the engine does not answer it.
    assert_eq!(said(&kept), [("client", "Talk to a person")]);
    let mut tx = app.db.read(account.creator_id).await?;
    let handling = conversations::handling(&mut tx, account.creator_id, client.conversation).await?;
    assert!(handling.is_some_and(|handling| handling.human_wanted_at == Some(app.clock.now())));
    Ok(())
}

async fn the_panel_sees_who_answers_as_it_changes(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    let mut events = client.listen(None).await?;
    assert_eq!(events.presence().await?, presence(false, false, false), "the stream begins with it");
    want(&client).await?;
    assert_eq!(events.presence().await?, presence(false, true, false));
    take_over(&app, &account, &client, "I am here.").await?;
    assert_eq!(events.presence().await?, presence(true, false, false));
    app.live.publish(client.conversation, ConversationEvent::Writing);
    assert_eq!(events.presence().await?, presence(true, false, true));

    let mut tx = app.db.write(account.creator_id).await?;
    conversations::hand_back(&mut tx, account.creator_id, client.conversation).await?;
    tx.commit().await?;
    app.live.touch(client.conversation);
    assert_eq!(events.presence().await?, presence(false, false, false));
    Ok(())
}

async fn while_a_person_answers_the_engine_is_silent(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    want(&client).await?;
    take_over(&app, &account, &client, "Ask me.").await?;
    let id = Uuid::new_v4();
    for status in [StatusCode::ACCEPTED, StatusCode::OK] {
        let sent = client.say("How are you?", id).await?;
        assert_eq!((sent.status, &sent.json()["reply_id"]), (status, &Value::Null));
    }
    let kept = client.conversation().await?;
    assert_eq!(
        said(&kept),
        [("client", "Talk to a person"), ("coach", "Ask me."), ("client", "How are you?")]
    );
    assert_eq!(kept["unread"], 1, "a person's words are unread like any answer");
    Ok(())
}

async fn a_widget_switched_off_brings_nobody(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    app.switch_off(&account).await?;
    let asked = want(&client).await?;
    assert_eq!((asked.status, asked.json()["code"].clone()), (StatusCode::FORBIDDEN, json!("switched_off")));
    Ok(())
}
