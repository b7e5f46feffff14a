//! Webhooks and long polling.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Shared,
    answer::{Refused, bad, conflict},
    deliver,
    params::Params,
    state::{Bot, WebhookInfo},
};

/// `setWebhook`. Unlike Telegram's, it also takes plain HTTP, any port and private addresses.
pub(super) fn set_webhook(shared: &Arc<Shared>, bot: i64, params: &Params) -> Result<Value, Refused> {
    let url = params.text("url");
    if url.is_empty() {
        return Ok(delete_webhook(shared, bot, params));
    }
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token");
    if secret.len() > 256 {
        return Err(bad("secret token is too long"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Err(bad("secret token contains unallowed characters"));
    }
    let max_connections = params.int("max_connections").unwrap_or(40);
    if !(1..=100).contains(&max_connections) {
        return Err(bad("max_connections must be from 1 to 100"));
    }
    let mut state = shared.state.lock();
    let it = state.bot(bot)?;
    allow(it, params)?;
    if params.flag("drop_pending_updates") {
        it.queue.clear();
    }
    it.webhook = Some(WebhookInfo {
        url,
        secret_token: (!secret.is_empty()).then_some(secret),
        max_connections,
        last_error_message: None,
        last_error_date: None,
    });
    // Whoever polls is told that it is over.
    it.poller += 1;
    deliver::start(shared, &mut state, bot);
    Ok(json!(true))
}

/// `deleteWebhook`.
pub(super) fn delete_webhook(shared: &Shared, bot: i64, params: &Params) -> Value {
    if let Ok(bot) = shared.state.lock().bot(bot) {
        bot.webhook = None;
        if params.flag("drop_pending_updates") {
            bot.queue.clear();
        }
    }
    json!(true)
}

/// `getWebhookInfo`.
pub(super) fn webhook_info(shared: &Shared, bot: i64) -> Value {
    let mut state = shared.state.lock();
    let Ok(bot) = state.bot(bot) else { return Value::Null };
    let mut info =
        json!({ "url": "", "has_custom_certificate": false, "pending_update_count": bot.queue.len() });
    if let Some(webhook) = &bot.webhook {
        info["url"] = json!(webhook.url);
        info["max_connections"] = json!(webhook.max_connections);
        info["allowed_updates"] = json!(bot.allowed);
        if let Some(message) = &webhook.last_error_message {
            info["last_error_message"] = json!(message);
            info["last_error_date"] = json!(webhook.last_error_date);
        }
    }
    info
}

/// `allowed_updates` stays as it was when it is not given.
fn allow(bot: &mut Bot, params: &Params) -> Result<(), Refused> {
    match params.value("allowed_updates")? {
        Value::Null => {}
        Value::Array(kinds) => {
            bot.allowed = kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
        }
        _ => return Err(bad("can't parse allowed_updates JSON object")),
    }
    Ok(())
}

/// `getUpdates`: gives what is not confirmed, waiting for it up to `timeout`. An offset confirms all before it.
pub(super) async fn get_updates(shared: &Arc<Shared>, bot: i64, params: &Params) -> Result<Value, Refused> {
    let limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let wait = u64::try_from(params.int("timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
    let until = Instant::now() + Duration::from_secs(wait);
    let mut changed = shared.changed.subscribe();
    let turn = {
        let mut state = shared.state.lock();
        let it = state.bot(bot)?;
        if it.webhook.is_some() {
            return Err(conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ));
        }
        allow(it, params)?;
        confirm(it, params.int("offset").unwrap_or(0));
        it.poller += 1;
        it.poller
    };
    shared.touch();
    loop {
        changed.mark_unchanged();
        {
            let mut state = shared.state.lock();
            let it = state.bot(bot)?;
            if it.webhook.is_some() {
                return Err(conflict("terminated by setWebhook request"));
            }
            if it.poller != turn {
                return Err(conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                ));
            }
            let batch = batch(it, limit);
            if !batch.is_empty() || Instant::now() >= until {
                return Ok(Value::Array(batch));
            }
        }
        // Whether something came or the time is over, the loop looks again.
        let _ = tokio::time::timeout_at(until, changed.changed()).await;
    }
}

fn confirm(bot: &mut Bot, offset: i64) {
    if offset > 0 {
        bot.queue.retain(|pending| pending.update_id >= offset);
    } else if offset < 0 {
        let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
        let gone = bot.queue.len().saturating_sub(keep);
        bot.queue.drain(..gone);
    }
}

fn batch(bot: &mut Bot, limit: usize) -> Vec<Value> {
    let mut batch = Vec::new();
    for pending in bot.queue.iter_mut().take(limit) {
        batch.push(pending.body.clone());
        // Telegram gives again what is not confirmed; here the same batch has it twice.
        if std::mem::take(&mut pending.again) {
            batch.push(pending.body.clone());
        }
    }
    batch
}
