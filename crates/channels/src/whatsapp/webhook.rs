//! `/hooks/whatsapp`: durable first, then 200. Whatever cannot be read or placed is kept all the same.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use coxswain_domain::{SharedClock, channel::ChannelKind};
use coxswain_http::Problem;
use coxswain_store::{
    Db, StoreError, Tx,
    connections::{self, Connection},
    inbox, strays,
    work::Work,
};
use serde::Deserialize;

use super::{
    settings::WhatsappSettings,
    signature,
    split::{Item, split},
};

/// Meta's payloads reach 3 MB.
const BODY_AT_MOST: usize = 4 << 20;

/// What the webhook needs. Cheap to clone.
#[derive(Clone)]
pub struct WebhookState {
    db: Db,
    clock: SharedClock,
    work: Work,
    settings: Arc<WhatsappSettings>,
}

impl WebhookState {
    /// Takes webhooks signed under the settings' app secret, and wakes `work` for them.
    pub fn new(db: Db, clock: SharedClock, work: Work, settings: WhatsappSettings) -> Self {
        Self { db, clock, work, settings: Arc::new(settings) }
    }
}

/// The webhook of the whole installation: the secret belongs to the app, and the number in a webhook says whose it is.
pub fn router(state: WebhookState) -> Router {
    Router::new()
        .route("/hooks/whatsapp", get(verify).post(receive))
        .layer(DefaultBodyLimit::max(BODY_AT_MOST))
        .with_state(state)
}

#[derive(Deserialize)]
struct Verification {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.verify_token", default)]
    token: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

/// Meta asks once, unsigned, whether the address is ours, and wants its challenge back.
async fn verify(
    State(state): State<WebhookState>,
    Query(asked): Query<Verification>,
) -> Result<String, Problem> {
    if asked.mode == "subscribe" && signature::is_token(&state.settings.verify_token, &asked.token) {
        Ok(asked.challenge)
    } else {
        Err(Problem::forbidden("The verify token is another one."))
    }
}

async fn receive(
    State(state): State<WebhookState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let signed = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    if !signature::is_valid(&state.settings.app_secret, signed, &body) {
        tracing::warn!("a WhatsApp webhook was not signed under our app secret");
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "signature",
            "The signature is not that of the body.",
        ));
    }
    keep(&state, &body).await.map_err(|error| unavailable(&error))?;
    state.work.wake();
    Ok(StatusCode::OK)
}

/// Meta sends it again for a week: whatever is wrong with the store is a reason to come back.
fn unavailable(error: &StoreError) -> Problem {
    tracing::error!(%error, "a WhatsApp webhook could not be kept; Meta will send it again");
    let mut problem =
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Send it again in a moment.");
    problem.retry_after = Some(2);
    problem
}

/// Keeps everything in a webhook, in one transaction.
async fn keep(state: &WebhookState, body: &[u8]) -> Result<(), StoreError> {
    let now = state.clock.now();
    let mut split = split(body, now);
    // One order everywhere: a person's messages as they were written, and no two copies of a batch that wait
    // for each other.
    split.items.sort_by_key(|item| item.sent_at);
    let mut tx = state.db.system().await?;
    let mut known = HashMap::new();
    let mut stray = Vec::new();
    for item in &split.items {
        let owners = owners(&mut tx, &mut known, item).await?;
        if owners.is_empty() {
            stray.push(("no creator has this number", item.raw.as_slice()));
        }
        for owner in owners {
            let new = inbox::New {
                creator: owner.creator_id,
                account: owner.channel_account_id,
                provider_message_id: &item.provider_message_id,
                sender: &item.sender,
                sent_at: item.sent_at,
                raw: &item.raw,
            };
            inbox::receive(&mut tx, now, new).await?;
        }
    }
    stray.extend(split.strays.iter().map(|stray| (stray.reason, stray.raw.as_slice())));
    for (reason, raw) in stray {
        metrics::counter!("coxswain_stray_webhooks_total", "channel" => "whatsapp").increment(1);
        tracing::warn!(reason, bytes = raw.len(), "a WhatsApp webhook belongs to nobody we know");
        strays::add(&mut tx, now, ChannelKind::Whatsapp, reason, raw).await?;
    }
    tx.commit().await
}

/// Whose an item is: the account with its number; news without one reach every number of their business account.
async fn owners<'a>(
    tx: &mut Tx,
    known: &'a mut HashMap<String, Vec<Connection>>,
    item: &Item,
) -> Result<&'a [Connection], StoreError> {
    let key = match (&item.phone_number_id, &item.business_account_id) {
        (Some(number), _) => format!("number {number}"),
        (None, Some(business)) => format!("business {business}"),
        (None, None) => return Ok(&[]),
    };
    if !known.contains_key(&key) {
        let found = match (&item.phone_number_id, &item.business_account_id) {
            (Some(number), _) => {
                connections::by_provider(tx, ChannelKind::Whatsapp, number).await?.into_iter().collect()
            }
            (None, business) => {
                connections::by_business_account(tx, business.as_deref().unwrap_or_default()).await?
            }
        };
        known.insert(key.clone(), found);
    }
    Ok(known.get(&key).map_or(&[], Vec::as_slice))
}
