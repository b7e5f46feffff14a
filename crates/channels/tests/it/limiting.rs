//! Rate limits by address, by session and by widget.

use std::{num::NonZeroU32, time::Duration};

use anyhow::Result;
use axum::http::{Method, StatusCode};
use coxswain_channels::web::{Quota, Quotas};
use coxswain_test_support::db::TestDb;
use serde_json::json;
use uuid::Uuid;

use crate::app::{Answer, App};

coxswain_test_support::contract!(
    one_session_cannot_write_without_end,
    one_address_cannot_open_sessions_without_end,
    one_widget_cannot_be_flooded_from_many_addresses,
);

/// Two at once, then one in an hour.
fn two() -> Quota {
    Quota { every: Duration::from_hours(1), burst: NonZeroU32::MIN.saturating_add(1) }
}

fn assert_limited(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let wait = answer.header("retry-after").and_then(|text| text.parse::<u64>().ok());
    assert!(wait.is_some_and(|seconds| (1..=3601).contains(&seconds)), "{wait:?}");
}

async fn open(app: &App, key: &str, address: &str) -> Result<Answer> {
    let body = json!({"time_zone": "UTC", "locale": "en"});
    app.call(Method::POST, &format!("/w/{key}/sessions"), &[("x-forwarded-for", address)], Some(body)).await
}

async fn one_session_cannot_write_without_end(db: &TestDb) -> Result<()> {
    let app = App::limited(db, &Quotas { messages_per_session: two(), ..Quotas::default() });
    let widget = app.widget().await?;
    let (loud, quiet) = (app.session(&widget).await?, app.session(&widget).await?);
    for _ in 0..2 {
        assert_eq!(loud.say("Hello", Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    }
    assert_limited(&loud.say("Hello", Uuid::new_v4()).await?);
    assert_eq!(quiet.say("Hello", Uuid::new_v4()).await?.status, StatusCode::ACCEPTED);
    Ok(())
}

async fn one_address_cannot_open_sessions_without_end(db: &TestDb) -> Result<()> {
    let app = App::limited(db, &Quotas { sessions_per_address: two(), ..Quotas::default() });
    let key = app.widget().await?.public_key;
    for _ in 0..2 {
        assert_eq!(open(&app, &key, "198.51.100.1").await?.status, StatusCode::CREATED);
    }
    assert_limited(&open(&app, &key, "198.51.100.1").await?);
    assert_eq!(open(&app, &key, "198.51.100.2").await?.status, StatusCode::CREATED);
    Ok(())
}

async fn one_widget_cannot_be_flooded_from_many_addresses(db: &TestDb) -> Result<()> {
    let app = App::limited(db, &Quotas { sessions_per_key: two(), ..Quotas::default() });
    let (flooded, spared) = (app.widget().await?.public_key, app.widget().await?.public_key);
    for address in ["198.51.100.1", "198.51.100.2"] {
        assert_eq!(open(&app, &flooded, address).await?.status, StatusCode::CREATED);
    }
    assert_limited(&open(&app, &flooded, "198.51.100.3").await?);
    assert_eq!(open(&app, &spared, "198.51.100.3").await?.status, StatusCode::CREATED);
    Ok(())
}
