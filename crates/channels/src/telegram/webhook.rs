//! `POST /hooks/telegram/{account}`: an update is durable before Telegram hears 200.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use coxswain_domain::{ChannelAccountId, SharedClock, channel::ChannelKind};
use coxswain_store::{
    Db, StoreError,
    connections::{self, Connection, Credentials},
    inbox,
    work::Work,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::read;

/// Most bytes of an update. Telegram's are a few thousand.
const BODY: usize = 1 << 20;
/// Seconds after which Telegram may try again while the database is down; it honours this.
const RETRY_AFTER: &str = "5";
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// What the webhook's handler needs. Cheap to clone.
#[derive(Clone)]
pub struct HookState {
    db: Db,
    clock: SharedClock,
    work: Work,
}

impl HookState {
    /// Keeps updates in `db` and wakes `work` for them.
    pub const fn new(db: Db, clock: SharedClock, work: Work) -> Self {
        Self { db, clock, work }
    }
}

/// The webhook of every bot.
pub fn router(state: HookState) -> Router {
    Router::new()
        .route("/hooks/telegram/{account}", post(receive))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(state)
}

async fn receive(
    State(state): State<HookState>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(account) = account.parse::<ChannelAccountId>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match keep(&state, account, &headers, &body).await {
        Ok(status) => status.into_response(),
        Err(error) => {
            tracing::error!(%account, %error, "an update could not be kept; Telegram will bring it again");
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", RETRY_AFTER)]).into_response()
        }
    }
}

async fn keep(
    state: &HookState,
    account: ChannelAccountId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<StatusCode, StoreError> {
    // Strangers are turned away before anything is written, and wait for no writer.
    let mut tx = state.db.system_read().await?;
    let Some(connection) = connections::by_account(&mut tx, account).await? else {
        return Ok(StatusCode::NOT_FOUND);
    };
    if connection.kind != ChannelKind::Telegram {
        return Ok(StatusCode::NOT_FOUND);
    }
    if !is_secret_of(&connection, headers) {
        tracing::warn!(%account, "an update came with a wrong secret and was refused");
        return Ok(StatusCode::UNAUTHORIZED);
    }
    drop(tx);
    let now = state.clock.now();
    let mut tx = state.db.system().await?;
    let new = store(&mut tx, now, &connection, body).await?;
    tx.commit().await?;
    if new {
        state.work.wake();
    }
    Ok(StatusCode::OK)
}

/// The secret of this very bot: another's is worth nothing here.
fn is_secret_of(connection: &Connection, headers: &HeaderMap) -> bool {
    let Credentials::Telegram { webhook_secret, .. } = &connection.credentials else { return false };
    let given = headers.get(SECRET_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    // Digests, so that not even the length can be found out by the time it takes.
    let same = Sha256::digest(given).ct_eq(&Sha256::digest(webhook_secret.as_bytes()));
    !webhook_secret.is_empty() && bool::from(same)
}

/// Keeps one update of a bot; false: it came before. What has no id of its own is named by its digest.
pub(super) async fn store(
    tx: &mut coxswain_store::Tx,
    now: chrono::DateTime<chrono::Utc>,
    connection: &Connection,
    raw: &[u8],
) -> Result<bool, StoreError> {
    let envelope = read::envelope(raw, &connection.handle);
    let id = envelope.as_ref().map_or_else(|| digest(raw), |envelope| envelope.update_id.to_string());
    let new = inbox::New {
        creator: connection.creator_id,
        account: connection.channel_account_id,
        provider_message_id: &id,
        sender: envelope.as_ref().map_or("", |envelope| envelope.sender.as_str()),
        sent_at: envelope.as_ref().and_then(|envelope| envelope.sent_at),
        raw,
    };
    let kept = match envelope {
        Some(_) => inbox::receive(tx, now, new).await?,
        None => inbox::receive_unreadable(tx, now, new, "it is no update of Telegram's").await?,
    };
    Ok(kept.is_some())
}

fn digest(raw: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(raw)))
}
