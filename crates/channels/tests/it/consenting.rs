//! Consent to check-ins: what was agreed to, when, and what was shown.

use anyhow::{Context, Result};
use axum::http::{Method, StatusCode};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{channel::WidgetSettings, schedule::Weekday};
use coxswain_store::{
    check_ins::{self, NewCheckIn},
    clients, consents, conversations,
    page::Page,
    schedule,
};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::App;

coxswain_test_support::contract!(
    consent_is_kept_with_its_evidence,
    consent_is_given_once_and_ends_when_withdrawn,
    check_ins_follow_consent_and_zone,
    an_unknown_zone_is_named,
    what_is_not_offered_cannot_be_agreed_to,
);

fn body(check_ins: bool) -> Value {
    json!({"check_ins": check_ins, "time_zone": "America/Sao_Paulo", "shown": "Mira may write first."})
}

async fn consent_is_kept_with_its_evidence(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let client = app.session(&widget).await?;
    let answer = client.call(Method::PUT, "/w/consent", Some(body(true))).await?;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.json()["check_ins"], true);

    let mut tx = db.read(widget.creator_id).await?;
    let kept = consents::open(&mut tx, widget.creator_id, client.id, consents::CHECK_INS).await?;
    let kept = kept.context("the consent is open")?;
    assert_eq!(kept.evidence.shown.as_deref(), Some("Mira may write first."));
    assert_eq!((kept.evidence.channel.as_str(), kept.channel_account_id), ("widget", widget.id));
    let person = clients::get(&mut tx, widget.creator_id, client.id).await?.context("the client")?;
    assert_eq!(person.time_zone.as_deref(), Some("America/Sao_Paulo"));
    // The check-in will find a conversation to appear in.
    let page = Page { limit: 10, after: None };
    let listed = conversations::list(&mut tx, widget.creator_id, None, page).await?;
    assert_eq!(listed.items.iter().map(|one| one.client_id).collect::<Vec<_>>(), [Some(client.id)]);
    let listed = clients::list(&mut tx, widget.creator_id, page).await?;
    assert!(listed.items.iter().all(|row| row.consented));
    Ok(())
}

async fn consent_is_given_once_and_ends_when_withdrawn(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let widget = app.widget().await?;
    let client = app.session(&widget).await?;
    let first = client.call(Method::PUT, "/w/consent", Some(body(true))).await?.json();
    app.clock.advance(Duration::hours(1));
    let second = client.call(Method::PUT, "/w/consent", Some(body(true))).await?.json();
    assert_eq!(first["granted_at"], second["granted_at"]);
    assert_eq!(client.conversation().await?["consent"]["check_ins"], true);

    for _ in 0..2 {
        let stopped = client.call(Method::PUT, "/w/consent", Some(body(false))).await?;
        assert_eq!((stopped.status, stopped.json()["check_ins"].clone()), (StatusCode::OK, json!(false)));
    }
    assert_eq!(client.conversation().await?["consent"]["check_ins"], false);
    client.call(Method::PUT, "/w/consent", Some(body(true))).await?;
    let mut tx = db.read(widget.creator_id).await?;
    let all = consents::of_client(&mut tx, widget.creator_id, client.id).await?;
    assert_eq!(all.iter().map(|one| one.withdrawn_at.is_none()).collect::<Vec<_>>(), [true, false]);
    Ok(())
}

async fn check_ins_follow_consent_and_zone(db: &TestDb) -> Result<()> {
    use coxswain_domain::Clock;
    let app = App::new(db);
    let widget = app.widget().await?;
    let daily = NewCheckIn {
        text: "How is it going?".into(),
        weekdays: Weekday::ALL.into_iter().collect(),
        local_time: "09:00".parse()?,
        enabled: true,
    };
    let mut tx = db.write(widget.creator_id).await?;
    check_ins::insert(&mut tx, app.clock.now(), widget.creator_id, &daily).await?;
    tx.commit().await?;
    let next = async || -> Result<Option<DateTime<Utc>>> {
        Ok(schedule::next_moment(&mut db.system_read().await?).await?)
    };

    // It is 18 November 2026, 11:06 in UTC.
    let client = app.session(&widget).await?;
    assert_eq!(next().await?, None);
    client.call(Method::PUT, "/w/consent", Some(body(true))).await?;
    assert_eq!(next().await?, Some("2026-11-18T12:00:00Z".parse()?), "nine in Sao Paulo, today");
    let travelled = json!({"check_ins": true, "time_zone": "Europe/Berlin"});
    client.call(Method::PUT, "/w/consent", Some(travelled)).await?;
    assert_eq!(next().await?, Some("2026-11-19T08:00:00Z".parse()?), "nine in Berlin, tomorrow");
    client.call(Method::PUT, "/w/consent", Some(body(false))).await?;
    assert_eq!(next().await?, None);
    Ok(())
}

async fn an_unknown_zone_is_named(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let body = json!({"check_ins": true, "time_zone": "Mars/Olympus"});
    let answer = client.call(Method::PUT, "/w/consent", Some(body)).await?;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["errors"][0]["pointer"], "/time_zone");
    Ok(())
}

async fn what_is_not_offered_cannot_be_agreed_to(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let quiet = WidgetSettings { check_ins_offered: false, ..WidgetSettings::default() };
    let client = app.session(&app.widget_with(quiet).await?).await?;
    assert_eq!(client.call(Method::PUT, "/w/consent", Some(body(true))).await?.status, StatusCode::FORBIDDEN);
    // Ending is always possible.
    assert_eq!(client.call(Method::PUT, "/w/consent", Some(body(false))).await?.status, StatusCode::OK);
    Ok(())
}
