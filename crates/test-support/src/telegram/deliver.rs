//! Delivery by webhook: one after the other in a chat, again and again until it is taken.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;

use super::{
    Shared,
    state::{Lane, Pending, State},
};

/// Telegram's longest wait between two tries.
const LONGEST: Duration = Duration::from_mins(1);

/// Makes every lane of a bot that has something to deliver have somebody who delivers it.
pub(super) fn start(shared: &Arc<Shared>, state: &mut State, bot: i64) {
    let Some(it) = state.bots.get_mut(&bot).filter(|it| it.webhook.is_some()) else { return };
    for pending in &it.queue {
        if it.working.insert(pending.lane) {
            tokio::spawn(work(Arc::clone(shared), bot, pending.lane));
        }
    }
}

struct Post {
    url: String,
    secret: Option<String>,
    pending: Pending,
}

async fn work(shared: Arc<Shared>, bot: i64, lane: Lane) {
    let mut failures = 0;
    while let Some(post) = next(&shared, bot, lane) {
        if !post.pending.wait.is_zero() && failures == 0 {
            tokio::time::sleep(post.pending.wait).await;
        }
        match deliver(&shared, &post).await {
            Ok(()) => {
                failures = 0;
                taken(&shared, bot, post.pending.update_id);
            }
            Err((why, wish)) => {
                failures += 1;
                failed(&shared, bot, why);
                tokio::time::sleep(wish.unwrap_or_else(|| pause(&shared, failures))).await;
            }
        }
        shared.touch();
        if shared.closed.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// What is next in a lane. When nothing is, the lane is given up in the same moment.
fn next(shared: &Shared, bot: i64, lane: Lane) -> Option<Post> {
    let mut state = shared.state.lock();
    let it = state.bots.get_mut(&bot)?;
    let first = it.queue.iter().find(|pending| pending.lane == lane);
    if let (Some(webhook), Some(pending)) = (&it.webhook, first) {
        let (url, secret) = (webhook.url.clone(), webhook.secret_token.clone());
        return Some(Post { url, secret, pending: pending.clone() });
    }
    it.working.remove(&lane);
    None
}

type Failure = (String, Option<Duration>);

async fn deliver(shared: &Shared, post: &Post) -> Result<(), Failure> {
    let mut request = shared.http.post(&post.url).timeout(LONGEST).json::<Value>(&post.pending.body);
    if let Some(secret) = &post.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let answer = request.send().await.map_err(|error| (format!("Connection failed: {error}"), None))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let wish = answer.headers().get("Retry-After").and_then(|wish| wish.to_str().ok()?.parse::<u64>().ok());
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or_default();
    Err((
        format!("Wrong response from the webhook: {} {reason}", status.as_u16()),
        wish.map(|seconds| Duration::from_secs(seconds.min(3600))),
    ))
}

fn taken(shared: &Shared, bot: i64, update_id: i64) {
    let mut state = shared.state.lock();
    let Some(it) = state.bots.get_mut(&bot) else { return };
    if let Some(place) = it.queue.iter().position(|pending| pending.update_id == update_id) {
        let again = std::mem::take(&mut it.queue[place].again);
        if !again {
            it.queue.remove(place);
        }
    }
}

fn failed(shared: &Shared, bot: i64, why: String) {
    let now = shared.clock.now().timestamp();
    let mut state = shared.state.lock();
    if let Some(webhook) = state.bots.get_mut(&bot).and_then(|it| it.webhook.as_mut()) {
        (webhook.last_error_message, webhook.last_error_date) = (Some(why), Some(now));
    }
}

/// The first retry comes at once, then twice as late each time.
fn pause(shared: &Shared, failures: u32) -> Duration {
    let first = *shared.retry.lock();
    match failures {
        0 | 1 => Duration::ZERO,
        more => first.saturating_mul(1 << (more - 2).min(16)).min(LONGEST),
    }
}
