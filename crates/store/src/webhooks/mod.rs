//! Webhooks: where creators want to hear of what happens, what each is to be told, and what became of it.
//!
//! A delivery waits until its webhook's job ([`WEBHOOK_JOB`]) tries it. A webhook has one job at most that is
//! ready, and jobs of a webhook share its lane: one worker at a time works off one webhook, whatever waits there,
//! and holds up no other.

mod deliveries;
mod tries;

use std::fmt;

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, WebhookId, event::EventKind};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

pub use deliveries::{
    Attempt, Delivery, DeliveryState, NewEvent, attempts, deliveries, delivery, prune, replay, replay_failed,
    tell, tell_one,
};
pub(crate) use deliveries::{after_all, tell_at};
pub use tries::{Due, Outcome, Target, Tried, due, next_due, noted, target, wake};

use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// The kind of the job that works off one webhook's deliveries.
pub const WEBHOOK_JOB: &str = "webhook.v1";

/// What that job needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPayload {
    /// The webhook.
    pub webhook_id: WebhookId,
}

/// A webhook, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where events are posted.
    pub url: String,
    /// What the team calls it.
    pub description: String,
    /// The kinds it wants; empty for all.
    pub kinds: Vec<EventKind>,
    /// Whether events are posted now. What happens meanwhile waits.
    pub on: bool,
    /// Why they are not.
    pub state_reason: Option<String>,
    /// Since when every try failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Grows with each change by a person, and each pause; for `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Webhook {
    /// Whether it is to be told of this.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// What deliveries are signed with. Kept readable, since signing takes the secret itself.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Secret {
    /// The secret.
    pub secret: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it signs beside its successor.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: WebhookId,
    url: String,
    description: String,
    kinds: Json<Vec<String>>,
    state: String,
    state_reason: Option<String>,
    failing_since: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Webhook {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let kinds = row.kinds.0.iter().map(|kind| known(EventKind::from_name(kind), "event kind", kind));
        Ok(Self {
            id: row.id,
            url: row.url,
            description: row.description,
            kinds: kinds.collect::<Result<_>>()?,
            on: row.state == ON,
            state_reason: row.state_reason,
            failing_since: row.failing_since,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

const ON: &str = "on";
const PAUSED: &str = "paused";

const fn state(on: bool) -> &'static str {
    if on { ON } else { PAUSED }
}

/// Adds a webhook.
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Webhook) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO webhooks (id, creator_id, url, description, kinds, state, state_reason, failing_since, held_until,
           version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, $9)",
        new.id,
        creator,
        &new.url,
        &new.description,
        Json(&new.kinds),
        state(new.on),
        new.state_reason.as_deref(),
        new.version,
        new.created_at,
    )?;
    Ok(())
}

/// One webhook of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: WebhookId) -> Result<Option<Webhook>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, url, description, kinds, state, state_reason, failing_since, version, created_at
         FROM webhooks WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's webhooks, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<Webhook>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, url, description, kinds, state, state_reason, failing_since, version, created_at FROM webhooks
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Webhook>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// All webhooks of a creator.
pub(crate) async fn all(tx: &mut Tx, creator: CreatorId) -> Result<Vec<Webhook>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, url, description, kinds, state, state_reason, failing_since, version, created_at
         FROM webhooks WHERE creator_id = $1 ORDER BY created_at, id",
        creator,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many webhooks a creator has.
pub async fn count(tx: &mut Tx, creator: CreatorId) -> Result<i64> {
    let (count,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM webhooks WHERE creator_id = $1", creator)?;
    Ok(count)
}

/// Changes a webhook of which `changed.version` was read; how it is now. Switched on, it begins anew: whatever made
/// it pause is forgotten. `None`: somebody else was faster, or it is not this creator's.
pub async fn update(tx: &mut Tx, creator: CreatorId, changed: &Webhook) -> Result<Option<Webhook>> {
    let row = fetch_optional!(
        tx,
        Row,
        "UPDATE webhooks SET url = $1, description = $2, kinds = $3, state = $4, state_reason = $5, version = version + 1,
           failing_since = CASE WHEN state <> $4 THEN NULL ELSE failing_since END,
           held_until = CASE WHEN state <> $4 THEN NULL ELSE held_until END
         WHERE creator_id = $6 AND id = $7 AND version = $8
         RETURNING id, url, description, kinds, state, state_reason, failing_since, version, created_at",
        &changed.url,
        &changed.description,
        Json(&changed.kinds),
        state(changed.on),
        changed.state_reason.as_deref(),
        creator,
        changed.id,
        changed.version,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Stops posting to a webhook for a reason. False: it is paused already, or not this creator's.
pub async fn pause(tx: &mut Tx, creator: CreatorId, id: WebhookId, reason: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE webhooks SET state = 'paused', state_reason = $1, version = version + 1
         WHERE creator_id = $2 AND id = $3 AND state = 'on'",
        reason,
        creator,
        id,
    )?;
    Ok(touched == 1)
}

/// Removes a webhook with its deliveries, and the events no other webhook is told of. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: WebhookId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM webhooks WHERE creator_id = $1 AND id = $2", creator, id)?;
    execute!(
        tx,
        "DELETE FROM webhook_events WHERE creator_id = $1
           AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE webhook_deliveries.event_id = webhook_events.id)",
        creator,
    )?;
    Ok(touched == 1)
}

/// Gives a webhook a secret; the ones before sign beside it until `overlap_ends`, if they have not ended by then.
pub async fn add_secret(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: WebhookId,
    secret: &str,
    overlap_ends: DateTime<Utc>,
) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM webhook_secrets WHERE creator_id = $1 AND webhook_id = $2 AND expires_at <= $3",
        creator,
        id,
        now,
    )?;
    execute!(
        tx,
        "UPDATE webhook_secrets SET expires_at = $1
         WHERE creator_id = $2 AND webhook_id = $3 AND (expires_at IS NULL OR expires_at > $1)",
        overlap_ends,
        creator,
        id,
    )?;
    execute!(
        tx,
        "INSERT INTO webhook_secrets (id, creator_id, webhook_id, secret, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, NULL)",
        Uuid::new_v4(),
        creator,
        id,
        secret,
        now,
    )?;
    Ok(())
}

/// The secrets a webhook's deliveries are signed with now: the one that lasts first.
pub async fn secrets(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: WebhookId,
) -> Result<Vec<Secret>> {
    fetch_all!(
        tx,
        Secret,
        "SELECT secret, created_at, expires_at FROM webhook_secrets
         WHERE creator_id = $1 AND webhook_id = $2 AND (expires_at IS NULL OR expires_at > $3)
         ORDER BY CASE WHEN expires_at IS NULL THEN 0 ELSE 1 END, created_at DESC",
        creator,
        id,
        now,
    )
}

/// Whoever has webhooks. System transaction.
pub async fn creators(tx: &mut Tx) -> Result<Vec<CreatorId>> {
    let rows = fetch_all!(tx, (CreatorId,), "SELECT DISTINCT creator_id FROM webhooks")?;
    Ok(rows.into_iter().map(|(creator,)| creator).collect())
}
