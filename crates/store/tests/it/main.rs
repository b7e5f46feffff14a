//! The contract suite: every function of the store, on both engines.

mod answers;
mod api_keys;
mod attachments;
mod audit;
mod buckets;
mod bursts;
mod channel_accounts;
mod check_ins;
mod clients;
mod connections;
mod consents;
mod conversations;
mod coverage;
mod creators;
mod desk;
mod documents;
mod erasure;
mod handling;
mod happenings;
mod idempotency;
mod inbox;
mod indexes;
mod ingestion;
mod integrators;
mod isolation;
mod jobs;
mod knowledge;
mod linking;
mod live;
mod meeting;
mod members;
mod messenger;
mod opening;
mod outbox;
mod portfolios;
mod schema;
mod sessions;
mod throttle;
mod transactions;
mod webhooks;
mod widget_secrets;
mod widget_sessions;

use anyhow::Result;
use chrono::{DateTime, Utc};
use coxswain_domain::account::CreatorSettings;
use coxswain_store::{Db, page::Page};
use coxswain_test_support::seed::{Coach, at};

/// When most of this happens.
fn now() -> DateTime<Utc> {
    at("2026-11-20T12:00:00.123456Z")
}

/// `minutes` later.
fn later(minutes: i64) -> DateTime<Utc> {
    now() + chrono::TimeDelta::minutes(minutes)
}

/// Two creators who must never see each other's.
async fn two(db: &Db) -> Result<(Coach, Coach)> {
    let settings = CreatorSettings::default();
    Ok((Coach::new(db, now(), settings.clone()).await?, Coach::new(db, now(), settings).await?))
}

/// Everything, as far as a test goes.
const ALL: Page = Page { limit: 100, after: None };

/// Reads a list page by page, two rows at a time: the same rows as at once, none twice.
macro_rules! paged {
    (|$page:ident| $list:expr) => {{
        let mut all = Vec::new();
        let mut $page = coxswain_store::page::Page { limit: 2, after: None };
        loop {
            let listed = $list.await?;
            anyhow::ensure!(listed.items.len() <= 2, "a page is as long as asked");
            all.extend(listed.items);
            match listed.next {
                Some(next) => $page.after = Some(next),
                None => break all,
            }
        }
    }};
}
pub(crate) use paged;
