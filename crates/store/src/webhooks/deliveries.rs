//! Events, and what each webhook is to be told of them.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{
    CreatorId, WebhookAttemptId, WebhookDeliveryId, WebhookEventId, WebhookId, event::EventKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Webhook, wake};
use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// The version of what events look like, said in each of them.
const API_VERSION: &str = "1";

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It waits for its first or next try.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was tried often enough.
    Failed,
}

impl DeliveryState {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|state| state.name() == name)
    }
}

/// Something to tell.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// What is told of it.
    pub data: Value,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What is told in order among itself: a conversation, a client.
    pub lane: Uuid,
}

/// One event for one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// The event, the same for all webhooks and all tries.
    pub event_id: WebhookEventId,
    /// What happened.
    pub kind: EventKind,
    /// The body as it is sent.
    pub payload: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// How far it has come.
    pub state: DeliveryState,
    /// Tries since it last began to wait.
    pub attempts: i64,
    /// When it is tried next.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it arrived or was given up.
    pub settled_at: Option<DateTime<Utc>>,
}

/// What one try came to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Its id.
    pub id: WebhookAttemptId,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The endpoint's HTTP status, if it answered.
    pub status: Option<i64>,
    /// How long it took.
    pub milliseconds: i64,
    /// The beginning of what the endpoint said.
    pub answer: Option<String>,
    /// Why it does not count as delivered.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: WebhookDeliveryId,
    event_id: WebhookEventId,
    kind: String,
    payload: String,
    occurred_at: DateTime<Utc>,
    state: String,
    attempts: i64,
    next_attempt_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Delivery {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            event_id: row.event_id,
            kind: known(EventKind::from_name(&row.kind), "event kind", &row.kind)?,
            payload: row.payload,
            occurred_at: row.occurred_at,
            state: known(DeliveryState::from_name(&row.state), "delivery state", &row.state)?,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            created_at: row.created_at,
            settled_at: row.settled_at,
        })
    }
}

/// A moment after which no event was made: ids made of it sort after those of other nodes, whose clocks may be ahead.
pub(crate) async fn after_all(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId) -> Result<DateTime<Utc>> {
    let (last,) = fetch_one!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT MAX(created_at) FROM webhook_events WHERE creator_id = $1",
        creator,
    )?;
    // Ids of one millisecond sort by chance where two nodes made them.
    Ok(last.map_or(now, |last| now.max(last + TimeDelta::milliseconds(1))))
}

/// Tells every webhook that wants it; how many do. Nothing is kept when none does.
pub async fn tell(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhooks: &[Webhook],
    new: &NewEvent,
) -> Result<usize> {
    tell_at(tx, (now, now), creator, webhooks, new).await
}

/// As [`tell`], with ids made of the second moment.
pub(crate) async fn tell_at(
    tx: &mut Tx,
    (now, made): (DateTime<Utc>, DateTime<Utc>),
    creator: CreatorId,
    webhooks: &[Webhook],
    new: &NewEvent,
) -> Result<usize> {
    let wanting: Vec<_> = webhooks.iter().filter(|webhook| webhook.wants(new.kind)).collect();
    if wanting.is_empty() {
        return Ok(0);
    }
    let event = keep(tx, made, creator, new).await?;
    for webhook in &wanting {
        deliver(tx, now, creator, webhook.id, event).await?;
    }
    Ok(wanting.len())
}

/// Tells one webhook, whatever it wants; the delivery.
pub async fn tell_one(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    new: &NewEvent,
) -> Result<WebhookDeliveryId> {
    let event = keep(tx, now, creator, new).await?;
    deliver(tx, now, creator, webhook, event).await
}

async fn keep(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, new: &NewEvent) -> Result<WebhookEventId> {
    let id = WebhookEventId::new(now);
    let payload = json!({
        "id": id,
        "type": new.kind,
        "created_at": new.occurred_at,
        "api_version": API_VERSION,
        "data": new.data,
    });
    execute!(
        tx,
        "INSERT INTO webhook_events (id, creator_id, kind, payload, lane, occurred_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        creator,
        new.kind.name(),
        payload.to_string(),
        new.lane,
        new.occurred_at,
        now,
    )?;
    Ok(id)
}

async fn deliver(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    event: WebhookEventId,
) -> Result<WebhookDeliveryId> {
    let id = WebhookDeliveryId::new(now);
    execute!(
        tx,
        "INSERT INTO webhook_deliveries (id, creator_id, webhook_id, event_id, state, attempts, next_attempt_at, created_at)
         VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5)",
        id,
        creator,
        webhook,
        event,
        now,
    )?;
    wake(tx, now, creator, webhook, now).await?;
    Ok(id)
}

/// A webhook's deliveries, the newest first; in one state, or of one kind.
pub async fn deliveries(
    tx: &mut Tx,
    creator: CreatorId,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    kind: Option<EventKind>,
    page: Page,
) -> Result<Listed<Delivery>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT one.id, event_id, event.kind, event.payload, event.occurred_at, one.state, one.attempts,
           one.next_attempt_at, one.created_at, one.settled_at
         FROM webhook_deliveries one JOIN webhook_events event ON event.id = one.event_id
         WHERE one.creator_id = $1 AND one.webhook_id = $2 AND ($3 IS NULL OR one.state = $3)
           AND ($4 IS NULL OR event.kind = $4)
           AND (one.created_at < $5 OR (one.created_at = $5 AND one.id < $6))
         ORDER BY one.created_at DESC, one.id DESC LIMIT $7",
        creator,
        webhook,
        state.map(DeliveryState::name),
        kind.map(EventKind::name),
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Delivery>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// One delivery of a webhook.
pub async fn delivery(
    tx: &mut Tx,
    creator: CreatorId,
    webhook: WebhookId,
    id: WebhookDeliveryId,
) -> Result<Option<Delivery>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT one.id, event_id, event.kind, event.payload, event.occurred_at, one.state, one.attempts,
           one.next_attempt_at, one.created_at, one.settled_at
         FROM webhook_deliveries one JOIN webhook_events event ON event.id = one.event_id
         WHERE one.creator_id = $1 AND one.webhook_id = $2 AND one.id = $3",
        creator,
        webhook,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// What the latest `limit` tries of a delivery came to, the newest first.
pub async fn attempts(
    tx: &mut Tx,
    creator: CreatorId,
    id: WebhookDeliveryId,
    limit: u32,
) -> Result<Vec<Attempt>> {
    fetch_all!(
        tx,
        Attempt,
        "SELECT id, at, status, milliseconds, answer, error FROM webhook_attempts
         WHERE creator_id = $1 AND delivery_id = $2 ORDER BY at DESC, id DESC LIMIT $3",
        creator,
        id,
        i64::from(limit),
    )
}

/// Has a delivery tried again from the beginning, whatever became of it. False: it is not this webhook's.
pub async fn replay(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    id: WebhookDeliveryId,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = $1, settled_at = NULL
         WHERE creator_id = $2 AND webhook_id = $3 AND id = $4",
        now,
        creator,
        webhook,
        id,
    )?;
    if touched == 1 {
        wake(tx, now, creator, webhook, now).await?;
    }
    Ok(touched == 1)
}

/// Has everything tried again that failed and happened since then; how many.
pub async fn replay_failed(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    webhook: WebhookId,
    since: DateTime<Utc>,
) -> Result<u64> {
    let touched = execute!(
        tx,
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = $1, settled_at = NULL
         WHERE creator_id = $2 AND webhook_id = $3 AND state = 'failed'
           AND event_id IN (SELECT id FROM webhook_events WHERE creator_id = $2 AND occurred_at >= $4)",
        now,
        creator,
        webhook,
        since,
    )?;
    if touched > 0 {
        wake(tx, now, creator, webhook, now).await?;
    }
    Ok(touched)
}

/// Forgets events kept since before `before`, with their deliveries; how many.
pub async fn prune(tx: &mut Tx, creator: CreatorId, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM webhook_events WHERE creator_id = $1 AND created_at < $2", creator, before)
}
