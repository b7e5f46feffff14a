//! How webhooks and their deliveries look.

use chrono::{DateTime, Utc};
use coxswain_domain::{WebhookDeliveryId, WebhookEventId, WebhookId, event::EventKind};
use coxswain_store::webhooks::{self, Attempt, Delivery, DeliveryState as Stored};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whether events are posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookState {
    /// As they happen.
    On,
    /// Not now: what happens meanwhile waits for 30 days.
    Paused,
}

/// Where events are posted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Its id.
    id: WebhookId,
    /// The endpoint.
    url: String,
    /// What the team calls it.
    description: String,
    /// The kinds of events it is told of; empty for all.
    events: Vec<EventKind>,
    /// Whether events are posted.
    state: WebhookState,
    /// Why they are not.
    state_reason: Option<String>,
    /// Since when every try failed; null where the last one did not.
    failing_since: Option<DateTime<Utc>>,
    /// For `If-Match`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<webhooks::Webhook> for Webhook {
    fn from(webhook: webhooks::Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            description: webhook.description,
            events: webhook.kinds,
            state: if webhook.on { WebhookState::On } else { WebhookState::Paused },
            state_reason: webhook.state_reason,
            failing_since: webhook.failing_since,
            version: webhook.version,
            created_at: webhook.created_at,
        }
    }
}

/// A new webhook with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewWebhook {
    /// The webhook.
    pub(super) webhook: Webhook,
    /// What its deliveries are signed with. It cannot be shown again.
    pub(super) secret: String,
}

/// A webhook's new secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    /// What its deliveries are signed with from now on. It cannot be shown again.
    pub(super) secret: String,
    /// Until when the one before signs them too.
    pub(super) previous_until: DateTime<Utc>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookDeliveryState {
    /// It waits for its first or next try.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was tried often enough.
    Failed,
}

impl From<Stored> for WebhookDeliveryState {
    fn from(state: Stored) -> Self {
        match state {
            Stored::Waiting => Self::Waiting,
            Stored::Delivered => Self::Delivered,
            Stored::Failed => Self::Failed,
        }
    }
}

impl From<WebhookDeliveryState> for Stored {
    fn from(state: WebhookDeliveryState) -> Self {
        match state {
            WebhookDeliveryState::Waiting => Self::Waiting,
            WebhookDeliveryState::Delivered => Self::Delivered,
            WebhookDeliveryState::Failed => Self::Failed,
        }
    }
}

/// One event for one webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDelivery {
    /// Its id.
    id: WebhookDeliveryId,
    /// The event's id: the same at every try, and for every webhook. Sent as `webhook-id`.
    event_id: WebhookEventId,
    /// What happened.
    r#type: EventKind,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// How far it has come.
    state: WebhookDeliveryState,
    /// Tries since it last began to wait.
    attempts: i64,
    /// When it is tried next.
    next_attempt_at: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it arrived or was given up.
    settled_at: Option<DateTime<Utc>>,
}

impl From<&Delivery> for WebhookDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            event_id: delivery.event_id,
            r#type: delivery.kind,
            occurred_at: delivery.occurred_at,
            state: delivery.state.into(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
            settled_at: delivery.settled_at,
        }
    }
}

/// What one try came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookAttempt {
    /// When it began.
    at: DateTime<Utc>,
    /// The endpoint's HTTP status; null where it did not answer.
    status: Option<i64>,
    /// How long it took, in milliseconds.
    milliseconds: i64,
    /// The first 1024 bytes of what the endpoint said.
    answer: Option<String>,
    /// Why it does not count as delivered.
    error: Option<String>,
}

impl From<Attempt> for WebhookAttempt {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            status: attempt.status,
            milliseconds: attempt.milliseconds,
            answer: attempt.answer,
            error: attempt.error,
        }
    }
}

/// A delivery with what was sent and what each try came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDeliveryDetail {
    /// The delivery.
    pub(super) delivery: WebhookDelivery,
    /// The body, byte for byte: a `WebhookEvent`.
    pub(super) payload: String,
    /// The latest 50 tries, the newest first.
    pub(super) tries: Vec<WebhookAttempt>,
}

/// What is posted to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEvent {
    /// The event's id: the same at every try. Whoever remembers it handles nothing twice.
    id: WebhookEventId,
    /// What happened.
    r#type: EventKind,
    /// When it happened.
    created_at: DateTime<Utc>,
    /// The version of what events look like: `1`.
    api_version: String,
    /// What it happened to, by kind; see the description of webhooks.
    data: Map<String, Value>,
}
