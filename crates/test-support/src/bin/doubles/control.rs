//! `/control`: what goes wrong, and what the page shows.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::{get, post},
};
use coxswain_test_support::faults::{Fault, Plan};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Desk;

/// An answer, or what was wrong with the request.
pub(crate) type Answer = Result<Json<Value>, (StatusCode, String)>;

pub(crate) fn router() -> Router<Arc<Desk>> {
    Router::new().route("/control", post(faults)).route("/control/state", get(state))
}

pub(crate) fn missing(what: &str) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, format!("no such {what}"))
}

/// What is to go wrong, by double.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wishes {
    telegram: Option<Wish>,
    whatsapp: Option<Wish>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// By chance, from now on.
    plan: Option<Plan>,
    /// With the next calls that send.
    #[serde(default)]
    next: Vec<Fault>,
}

async fn faults(State(desk): State<Arc<Desk>>, Json(wishes): Json<Wishes>) -> Answer {
    for (wish, faults) in
        [(wishes.telegram, desk.telegram.faults()), (wishes.whatsapp, desk.whatsapp.faults())]
    {
        let Some(wish) = wish else { continue };
        if let Some(plan) = wish.plan {
            faults.set(plan);
        }
        for fault in wish.next {
            faults.next(fault);
        }
    }
    Ok(Json(json!({ "telegram": desk.telegram.faults().plan(), "whatsapp": desk.whatsapp.faults().plan() })))
}

#[derive(Deserialize)]
struct Seen {
    /// The version that is shown already; the answer waits for another one.
    #[serde(default)]
    since: u64,
}

async fn state(State(desk): State<Arc<Desk>>, Query(seen): Query<Seen>) -> Json<Value> {
    let (mut telegram, mut whatsapp) = (desk.telegram.changes(), desk.whatsapp.changes());
    // Each grows, so their sum does.
    let version = *telegram.borrow_and_update() + *whatsapp.borrow_and_update();
    if version == seen.since {
        let _ = tokio::time::timeout(Duration::from_secs(20), async {
            tokio::select! {
                _ = telegram.changed() => {}
                _ = whatsapp.changed() => {}
            }
        })
        .await;
    }
    let version = *telegram.borrow() + *whatsapp.borrow();
    Json(json!({
        "version": version,
        "start_with": desk.start_with,
        "telegram": {
            "api_url": desk.telegram.url(),
            "bots": desk.telegram.bots(),
            "people": desk.telegram.people(),
            "chats": desk.telegram.chats(),
        },
        "whatsapp": {
            "graph_url": desk.whatsapp.url(),
            "callback": desk.whatsapp.callback_url(),
            "pending": desk.whatsapp.pending(),
            "numbers": desk.whatsapp.numbers(),
            "customers": desk.whatsapp.customers(),
            "chats": desk.whatsapp.chats(),
        },
    }))
}
