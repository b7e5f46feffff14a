//! Trying: what is due at a webhook, and what each try came to.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, JobId, WebhookAttemptId, WebhookDeliveryId, WebhookEventId, WebhookId};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Secret, WEBHOOK_JOB, WebhookPayload, secrets};
use crate::{Result, Tx};

/// A job of a webhook has little to fail at but the database: it is tried as long as that takes.
const TRIES: i64 = 1_000;

/// A webhook as whoever posts to it needs it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to.
    pub url: String,
    /// Since when every try failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// What to sign with, each of them.
    pub secrets: Vec<Secret>,
}

/// A delivery that is due.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    /// The delivery.
    pub id: WebhookDeliveryId,
    /// The event, by which a receiver knows a repeat.
    pub event_id: WebhookEventId,
    /// The body, byte for byte.
    pub payload: String,
    /// What is told in order among itself.
    pub lane: Uuid,
    /// Tries before this one.
    pub attempts: i64,
}

/// What became of a delivery with a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// It is tried again then.
    Again(DateTime<Utc>),
    /// It was tried often enough.
    Failed,
}

/// What one try came to, to be noted.
#[derive(Clone, Debug)]
pub struct Tried {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The endpoint's HTTP status, if it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub milliseconds: i64,
    /// The beginning of what the endpoint said.
    pub answer: Option<String>,
    /// Why it does not count as delivered.
    pub error: Option<String>,
    /// What became of the delivery.
    pub outcome: Outcome,
    /// Until when the endpoint wants quiet.
    pub held_until: Option<DateTime<Utc>>,
}

/// Where to post and what to sign with. `None`: the webhook is paused, asked for quiet, or is gone.
pub async fn target(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: WebhookId,
) -> Result<Option<Target>> {
    let row = fetch_optional!(
        tx,
        (String, Option<DateTime<Utc>>),
        "SELECT url, failing_since FROM webhooks
         WHERE creator_id = $1 AND id = $2 AND state = 'on' AND (held_until IS NULL OR held_until <= $3)",
        creator,
        id,
        now,
    )?;
    let Some((url, failing_since)) = row else {
        return Ok(None);
    };
    Ok(Some(Target { url, failing_since, secrets: secrets(tx, now, creator, id).await? }))
}

/// What is due at a webhook, in the order in which it happened.
pub async fn due(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    limit: u32,
) -> Result<Vec<Due>> {
    fetch_all!(
        tx,
        Due,
        "SELECT one.id, event_id, event.payload, event.lane, one.attempts
         FROM webhook_deliveries one JOIN webhook_events event ON event.id = one.event_id
         WHERE one.creator_id = $1 AND one.webhook_id = $2 AND one.state = 'waiting' AND one.next_attempt_at <= $3
         ORDER BY event_id LIMIT $4",
        creator,
        webhook,
        now,
        i64::from(limit),
    )
}

/// When the next delivery of a webhook is due, and not before the endpoint wants to hear again.
/// `None`: nothing waits, or the webhook is paused.
pub async fn next_due(tx: &mut Tx, creator: CreatorId, id: WebhookId) -> Result<Option<DateTime<Utc>>> {
    let row = fetch_optional!(
        tx,
        (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        "SELECT held_until, (SELECT MIN(next_attempt_at) FROM webhook_deliveries
           WHERE webhook_deliveries.webhook_id = webhooks.id AND webhook_deliveries.state = 'waiting') AS next
         FROM webhooks WHERE creator_id = $1 AND id = $2 AND state = 'on'",
        creator,
        id,
    )?;
    Ok(row.and_then(|(held, next)| next.map(|next| held.map_or(next, |held| held.max(next)))))
}

/// Notes what a try came to. False: the delivery is gone.
pub async fn noted(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    id: WebhookDeliveryId,
    tried: &Tried,
) -> Result<bool> {
    let (state, next, settled) = match tried.outcome {
        Outcome::Delivered => ("delivered", None, Some(now)),
        Outcome::Again(at) => ("waiting", Some(at), None),
        Outcome::Failed => ("failed", None, Some(now)),
    };
    let touched = execute!(
        tx,
        "UPDATE webhook_deliveries SET state = $1, attempts = attempts + 1, next_attempt_at = $2, settled_at = $3
         WHERE creator_id = $4 AND webhook_id = $5 AND id = $6",
        state,
        next,
        settled,
        creator,
        webhook,
        id,
    )?;
    if touched == 0 {
        return Ok(false);
    }
    execute!(
        tx,
        "INSERT INTO webhook_attempts (id, creator_id, delivery_id, at, status, milliseconds, answer, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        WebhookAttemptId::new(now),
        creator,
        id,
        tried.at,
        tried.status.map(i64::from),
        tried.milliseconds,
        tried.answer.as_deref(),
        tried.error.as_deref(),
    )?;
    execute!(
        tx,
        "UPDATE webhooks SET failing_since = CASE WHEN $1 THEN NULL ELSE COALESCE(failing_since, $2) END,
           held_until = COALESCE($3, held_until)
         WHERE creator_id = $4 AND id = $5",
        tried.outcome == Outcome::Delivered,
        now,
        tried.held_until,
        creator,
        webhook,
    )?;
    Ok(true)
}

/// Sees to it that a webhook's job runs at `at` or before.
pub async fn wake(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    at: DateTime<Utc>,
) -> Result<()> {
    // Whoever wakes it holds the row: of two ready jobs, the later one could keep the earlier one waiting.
    execute!(
        tx,
        "UPDATE webhooks SET held_until = held_until WHERE creator_id = $1 AND id = $2",
        creator,
        webhook
    )?;
    execute!(
        tx,
        "UPDATE jobs SET run_at = $1 WHERE creator_id = $2 AND lane = $3 AND state = 'ready' AND run_at > $1",
        at,
        creator,
        webhook.0,
    )?;
    execute!(
        tx,
        "INSERT INTO jobs (id, creator_id, kind, payload, lane, state, run_at, attempts, max_attempts, created_at)
         SELECT $1, $2, $3, $4, $5, 'ready', $6, 0, $7, $8
         WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE creator_id = $2 AND lane = $5 AND state = 'ready')",
        JobId::new(now),
        creator,
        WEBHOOK_JOB,
        Json(WebhookPayload { webhook_id: webhook }),
        webhook.0,
        at,
        TRIES,
        now,
    )?;
    Ok(())
}
