//! Signed webhooks, in batches, again and again until they are taken.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    Callback, Shared,
    state::{Due, State},
};

/// Webhooks under way at the same time, at most.
const AT_ONCE: usize = 16;
const LONGEST: Duration = Duration::from_mins(1);

/// Notes a change that is to be reported, twice or late where the plan of faults has it.
pub(super) fn queue(
    shared: &Shared,
    state: &mut State,
    number: &str,
    customer: &str,
    field: &str,
    value: &Value,
) {
    let copies = if shared.faults.happens(|plan| plan.duplicate) { 2 } else { 1 };
    let business = state.numbers.get(number).map(|it| it.business.clone()).unwrap_or_default();
    for _ in 0..copies {
        state.next_due += 1;
        let wait = shared.faults.lateness();
        // What comes late must not hold back what comes after it.
        let lane =
            if wait.is_zero() { format!("{number}/{customer}") } else { format!("late {}", state.next_due) };
        state.due.push(Due {
            at: Instant::now() + wait,
            tries: 0,
            lane,
            business: business.clone(),
            field: field.to_owned(),
            value: value.clone(),
        });
    }
}

/// Delivers until the double ends.
pub(super) async fn work(shared: Arc<Shared>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut changed = shared.changed.subscribe();
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        changed.mark_unchanged();
        let (batch, callback, wake) = take(&shared);
        if let (Some(callback), false) = (callback, batch.is_empty()) {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                let taken = post(&shared, &callback, &batch).await;
                settle(&shared, batch, taken);
                shared.touch();
                drop(slot);
            });
            continue;
        }
        drop(slot);
        let wake = wake.unwrap_or_else(|| Instant::now() + LONGEST);
        let _ = tokio::time::timeout_at(wake, changed.changed()).await;
    }
}

/// What is due, at most one batch, and when the next is.
fn take(shared: &Shared) -> (Vec<Due>, Option<Callback>, Option<Instant>) {
    let now = Instant::now();
    let most = usize::try_from(shared.batch.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
    let mut state = shared.state.lock();
    let callback = state.callback.clone();
    let mut batch: Vec<Due> = Vec::new();
    if callback.is_some() {
        // Of one lane only one webhook is under way; within it the order holds.
        let mut held = state.in_flight.clone();
        for due in std::mem::take(&mut state.due) {
            if due.at <= now && batch.len() < most && !held.contains(&due.lane) {
                batch.push(due);
            } else {
                if due.tries == 0 {
                    held.insert(due.lane.clone());
                }
                state.due.push(due);
            }
        }
        state.in_flight.extend(batch.iter().map(|due| due.lane.clone()));
    }
    let wake = state.due.iter().map(|due| due.at).filter(|&at| at > now).min();
    (batch, callback, wake)
}

fn settle(shared: &Shared, batch: Vec<Due>, taken: bool) {
    let wait = *shared.retry.lock();
    let mut state = shared.state.lock();
    for due in &batch {
        state.in_flight.remove(&due.lane);
    }
    if !taken {
        let again = batch.into_iter().map(|due| Due {
            at: Instant::now() + wait.saturating_mul(1 << due.tries.min(16)).min(LONGEST),
            tries: due.tries + 1,
            ..due
        });
        state.due.extend(again);
    }
}

/// Puts a batch into one webhook, on every level that Meta batches on.
fn envelope(batch: &[Due]) -> Value {
    let mut entries: Vec<(String, Vec<(String, Value)>)> = Vec::new();
    for due in batch {
        let place = entries.iter().position(|(business, _)| *business == due.business);
        let place = place.unwrap_or_else(|| {
            entries.push((due.business.clone(), Vec::new()));
            entries.len() - 1
        });
        let changes = &mut entries[place].1;
        match changes.last_mut().filter(|(field, last)| *field == due.field && joins(last, &due.value)) {
            Some((_, last)) => join(last, &due.value),
            None => changes.push((due.field.clone(), due.value.clone())),
        }
    }
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|(business, changes)| {
            let changes: Vec<Value> =
                changes.into_iter().map(|(field, value)| json!({ "value": value, "field": field })).collect();
            json!({ "id": business, "changes": changes })
        })
        .collect();
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

/// Whether two changes may share a value: messages to one number, or statuses of one.
fn joins(one: &Value, other: &Value) -> bool {
    let same_list = |name: &str| one[name].is_array() && other[name].is_array();
    one["metadata"] == other["metadata"]
        && !one["metadata"].is_null()
        && (same_list("messages") || same_list("statuses"))
}

fn join(into: &mut Value, from: &Value) {
    for name in ["contacts", "messages", "statuses"] {
        let Some(more) = from[name].as_array() else { continue };
        let Some(list) = into[name].as_array_mut() else { continue };
        for item in more {
            if name != "contacts" || !list.contains(item) {
                list.push(item.clone());
            }
        }
    }
}

async fn post(shared: &Shared, callback: &Callback, batch: &[Due]) -> bool {
    let body = envelope(batch).to_string();
    let request = shared
        .http
        .post(&callback.url)
        .timeout(Duration::from_secs(20))
        .header("Content-Type", "application/json")
        .header("X-Hub-Signature-256", sign(&callback.app_secret, body.as_bytes()))
        .body(body);
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}

/// The signature of a body as Meta writes it into `X-Hub-Signature-256`.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    // Any length of key will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
