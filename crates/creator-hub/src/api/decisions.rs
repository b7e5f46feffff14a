//! What the gate decided about each unprompted message, and why.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::{CheckInId, DecisionId, MessageId, decision::Reason};
use coxswain_http::{Json, PageOf, PageQuery, Result};
use coxswain_store::decisions::{self, Filter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{input::Params, views::ClientRef};
use crate::{HubState, auth::Reader};

/// Whether a message went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It went out.
    Sent,
    /// It was held back.
    Held,
}

/// A decision on one due moment of one client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decision {
    /// Its id.
    id: DecisionId,
    /// The check-in; null once that is deleted.
    check_in_id: Option<CheckInId>,
    /// For whom.
    client: ClientRef,
    /// The moment that was due.
    due_at: DateTime<Utc>,
    /// When the gate decided.
    decided_at: DateTime<Utc>,
    /// Whether it went out.
    outcome: Outcome,
    /// Why.
    reason: Reason,
    /// Why, in a sentence.
    sentence: String,
    /// The message, if it was sent.
    message_id: Option<MessageId>,
    /// The zone by which it was decided.
    client_time_zone: String,
}

impl From<decisions::Decision> for Decision {
    fn from(decision: decisions::Decision) -> Self {
        Self {
            id: decision.id,
            check_in_id: decision.check_in_id,
            client: ClientRef { id: decision.client_id, display_name: decision.client_name },
            due_at: decision.due_at,
            decided_at: decision.decided_at,
            outcome: if decision.reason.sent() { Outcome::Sent } else { Outcome::Held },
            reason: decision.reason,
            sentence: sentence(decision.reason).into(),
            message_id: decision.message_id,
            client_time_zone: decision.time_zone,
        }
    }
}

const fn sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::Sent => "Sent: every rule allowed it.",
        Reason::NoConsent => "Held back: the client has not agreed to check-ins, or has withdrawn.",
        Reason::QuietHours => "Held back: it fell into the client's quiet hours.",
        Reason::DailyCap => "Held back: the client already got as many messages as you allow in a day.",
        Reason::Duplicate => "Held back: the client already got this check-in that day.",
        Reason::Expired => "Held back: its moment had passed before it could be sent.",
        Reason::Disabled => "Held back: the check-in was switched off.",
        Reason::ChannelOff => "Held back: the channel it would have used is switched off, or does not work.",
        Reason::OptedOut => {
            "Held back: the client wants no messages on this channel unless they write first."
        }
        Reason::Unreachable => "Held back: the channel cannot reach the client.",
        Reason::WindowClosed => {
            "Held back: the client has not written for 24 hours, and no template is chosen for check-ins."
        }
        Reason::TemplateHeld => {
            "Held back: the client has not written for 24 hours, and Meta does not let your template for check-ins pass."
        }
        Reason::LimitSpent => {
            "Held back: the client has not written for 24 hours, and as many people as Meta allows were written to first today."
        }
    }
}

/// Which decisions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DecisionsQuery {
    /// About this check-in only.
    check_in_id: Option<CheckInId>,
    /// Only those sent, or those held back.
    outcome: Option<Outcome>,
}

/// The decisions, the latest first.
#[utoipa::path(get, path = "/api/v1/decisions", tag = "Check-ins", params(PageQuery, DecisionsQuery),
    responses((status = 200, description = "Decisions", body = PageOf<Decision>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Reader,
    query: PageQuery,
    Params(wanted): Params<DecisionsQuery>,
) -> Result<Json<PageOf<Decision>>> {
    let filter =
        Filter { check_in: wanted.check_in_id, sent: wanted.outcome.map(|outcome| outcome == Outcome::Sent) };
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = decisions::list(&mut tx, caller.creator, filter, query.page()?).await?;
    Ok(Json(listed.map(Decision::from).into()))
}
