//! One person, several channels: codes that lead from the widget to a messenger and back.

use anyhow::{Context, Result};
use axum::http::{Method, StatusCode};
use chrono::Duration;
use coxswain_domain::{ChannelAccountId, Clock, channel::ChannelKind};
use coxswain_store::{
    channel_accounts::{self, ChannelAccount},
    clients,
    connections::{self, Connection, ConnectionSettings, ConnectionState, Credentials},
    identities, link_codes,
};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::{App, Client, HOST_PAGE};

coxswain_test_support::contract!(
    a_code_leads_to_every_messenger_that_works,
    a_code_makes_two_chats_one_person,
    a_code_works_once_and_not_for_long,
    a_code_of_another_creator_is_unknown,
);

/// Connects a messenger.
async fn connect(
    app: &App,
    widget: &ChannelAccount,
    kind: ChannelKind,
    handle: &str,
    state: ConnectionState,
) -> Result<()> {
    let now = app.clock.now();
    let account = ChannelAccount {
        id: ChannelAccountId::new(now),
        kind,
        public_key: format!("cxc_{}", Uuid::new_v4().simple()),
        ..widget.clone()
    };
    let credentials = match kind {
        ChannelKind::Telegram => Credentials::Telegram { token: "1:a".into(), webhook_secret: "b".into() },
        _ => Credentials::Whatsapp { access_token: "a".into(), business_account_id: "b".into() },
    };
    let connection = Connection {
        channel_account_id: account.id,
        creator_id: account.creator_id,
        kind,
        provider_id: Uuid::new_v4().to_string(),
        handle: handle.into(),
        credentials,
        settings: ConnectionSettings::default(),
        state,
        state_reason: None,
        next_update: 0,
        checked_at: now,
    };
    let mut tx = app.db.write(account.creator_id).await?;
    channel_accounts::insert(&mut tx, &account).await?;
    connections::insert(&mut tx, &connection).await?;
    tx.commit().await?;
    Ok(())
}

async fn code(client: &Client<'_>) -> Result<Value> {
    let made = client.call(Method::POST, "/w/link-codes", None).await?;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    Ok(made.json())
}

async fn redeem(client: &Client<'_>, code: &str) -> Result<StatusCode> {
    Ok(client.call(Method::POST, "/w/link", Some(json!({"code": code}))).await?.status)
}

fn text(made: &Value) -> Result<&str> {
    made["code"].as_str().context("a code")
}

async fn a_code_leads_to_every_messenger_that_works(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let path = format!("/w/{}/config", widget.public_key);
    let config = async || app.get(&path, &[("origin", HOST_PAGE), ("sec-fetch-site", "cross-site")]).await;
    assert_eq!(config().await?.json()["elsewhere"], json!([]));
    connect(&app, &widget, ChannelKind::Telegram, "MiraBot", ConnectionState::Connected).await?;
    connect(&app, &widget, ChannelKind::Telegram, "GoneBot", ConnectionState::Revoked).await?;
    connect(&app, &widget, ChannelKind::Whatsapp, "+49 30 123-456", ConnectionState::Connected).await?;
    let mut elsewhere = config().await?.json()["elsewhere"].as_array().cloned().unwrap_or_default();
    elsewhere.sort_by_key(Value::to_string);
    assert_eq!(elsewhere, ["telegram", "whatsapp"]);

    let client = app.session(&widget).await?;
    let made = code(&client).await?;
    let code = text(&made)?;
    // What a deep link may carry: at most 64 of these.
    assert!(
        code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    let mut links: Vec<_> = made["links"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|link| (link["kind"].as_str().unwrap_or_default(), link["url"].as_str().unwrap_or_default()))
        .collect();
    links.sort_unstable();
    let telegram = format!("https://t.me/MiraBot?start={code}");
    let whatsapp = format!("https://wa.me/4930123456?text=LINK%20{code}");
    assert_eq!(links, [("telegram", telegram.as_str()), ("whatsapp", whatsapp.as_str())]);
    // What a messenger is told binds to this very client.
    let mut tx = app.db.write(widget.creator_id).await?;
    let hash = Sha256::digest(code.as_bytes());
    let bound = link_codes::redeem(&mut tx, app.clock.now(), widget.creator_id, &hash).await?;
    assert_eq!(bound, Some(client.id));
    Ok(())
}

async fn a_code_makes_two_chats_one_person(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let (laptop, phone) = (app.session(&widget).await?, app.session(&widget).await?);
    phone.say("From the phone", Uuid::new_v4()).await?;
    let made = code(&laptop).await?;
    assert_eq!(redeem(&phone, &format!(" {} ", text(&made)?)).await?, StatusCode::NO_CONTENT);
    let mut tx = app.db.read(widget.creator_id).await?;
    let met = identities::of_client(&mut tx, widget.creator_id, laptop.id).await?;
    assert_eq!(met.len(), 2);
    assert_eq!(
        clients::get(&mut tx, widget.creator_id, phone.id).await?,
        None,
        "nothing of theirs is left there"
    );
    drop(tx);
    // Both chats go on where they were.
    assert_eq!(phone.conversation().await?["messages"][0]["text"], "From the phone");
    assert_eq!(phone.say("Still me", Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    assert_eq!(laptop.conversation().await?["messages"], json!([]));
    Ok(())
}

async fn a_code_works_once_and_not_for_long(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let (one, other, third) =
        (app.session(&widget).await?, app.session(&widget).await?, app.session(&widget).await?);
    let made = code(&one).await?;
    assert_eq!(redeem(&other, text(&made)?).await?, StatusCode::NO_CONTENT);
    assert_eq!(redeem(&third, text(&made)?).await?, StatusCode::UNPROCESSABLE_ENTITY, "it was used");
    let late = code(&one).await?;
    app.clock.advance(Duration::minutes(15));
    assert_eq!(redeem(&third, text(&late)?).await?, StatusCode::UNPROCESSABLE_ENTITY, "it is too old");
    for wrong in ["", " ", "link-", "link-AAAA", &"x".repeat(10_000)] {
        assert_eq!(redeem(&third, wrong).await?, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    Ok(())
}

async fn a_code_of_another_creator_is_unknown(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let (mine, theirs) = (app.widget().await?, app.widget().await?);
    let (ours, foreign) = (app.session(&mine).await?, app.session(&theirs).await?);
    let made = code(&ours).await?;
    assert_eq!(redeem(&foreign, text(&made)?).await?, StatusCode::UNPROCESSABLE_ENTITY);
    // It was not used up by that.
    let again = app.session(&mine).await?;
    assert_eq!(redeem(&again, text(&made)?).await?, StatusCode::NO_CONTENT);
    Ok(())
}
