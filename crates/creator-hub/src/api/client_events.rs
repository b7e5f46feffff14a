//! What integrators tell of clients: a workout finished, a booking made, a payment failed.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{ChannelAccountId, ClientEventId, ClientId, CreatorId};
use coxswain_http::{Json, PageOf, PageQuery, Problem, Result};
use coxswain_store::{Tx, client_events, clients};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::input::{Checks, Params};
use crate::{
    HubState,
    auth::{Historian, Reporter},
    idempotency::Key,
};

/// Bytes of JSON an event may carry.
const DATA: usize = 8 << 10;
/// Characters its name may have.
const NAME: usize = 100;
/// By so much another machine's clock may be ahead of ours.
const AHEAD: Duration = Duration::minutes(5);

/// Whom an event is about: by our id, or by the name a channel knows them by.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum ClientSelector {
    /// By our id.
    Id {
        /// The client.
        id: ClientId,
    },
    /// By the `sub` of the identity tokens a website signs for its widget.
    Sub {
        /// The website's own name for them.
        sub: String,
        /// On this widget; needed where several know different people by it.
        #[serde(default)]
        channel_account_id: Option<ChannelAccountId>,
    },
}

/// Something that happened to a client.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientEventRequest {
    /// Whom it is about.
    client: ClientSelector,
    /// What it is called, as in `workout.finished`: 1 to 100 of a–z, 0–9, `.`, `_` and `-`.
    name: String,
    /// When it happened; now when absent.
    occurred_at: Option<DateTime<Utc>>,
    /// What else there is to know; at most 8 KiB of JSON.
    #[serde(default)]
    data: Map<String, Value>,
}

/// Something that happened to a client, as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientEvent {
    /// Its id.
    id: ClientEventId,
    /// Whom it is about.
    client_id: ClientId,
    /// What it is called.
    name: String,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// When it was told.
    received_at: DateTime<Utc>,
    /// What else was told.
    data: Map<String, Value>,
}

impl From<client_events::ClientEvent> for ClientEvent {
    fn from(event: client_events::ClientEvent) -> Self {
        Self {
            id: event.id,
            client_id: event.client_id,
            name: event.name,
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            data: event.data,
        }
    }
}

/// Tells what happened to a client. It takes an `Idempotency-Key`: sent again under the same key, it is kept once.
#[utoipa::path(post, path = "/api/v1/events", tag = "Events", request_body = ClientEventRequest,
    params(("Idempotency-Key" = String, Header, description = "Your own id of the event")),
    responses((status = 201, description = "Kept", body = ClientEvent)))]
pub(crate) async fn tell(
    State(hub): State<HubState>,
    caller: Reporter,
    key: Key,
    Json(form): Json<ClientEventRequest>,
) -> Result<Response> {
    let (now, creator) = (hub.clock.now(), caller.creator);
    if key.as_uuid().is_none() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_required",
            "Send your own id of the event as Idempotency-Key, so that it is kept once however often you send it.",
        ));
    }
    let request = key.request(creator, "events.tell", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let occurred_at = form.check(now)?;
    let mut tx = hub.db.write(creator).await?;
    let event = client_events::ClientEvent {
        id: ClientEventId::new(now),
        client_id: meant(&mut tx, creator, &form.client).await?,
        name: form.name,
        data: form.data,
        occurred_at,
        received_at: now,
    };
    if !client_events::insert(&mut tx, creator, &event).await? {
        return Err(Problem::invalid("/client/id", "There is no such client."));
    }
    request.commit(tx, now, StatusCode::CREATED, &ClientEvent::from(event)).await
}

impl ClientEventRequest {
    /// Whether it can be kept; when it happened.
    fn check(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let mut checks = Checks::default();
        let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || ".-_".contains(char);
        let named = (1..=NAME).contains(&self.name.len()) && self.name.chars().all(plain);
        checks.that(named, "/name", format_args!("Use 1 to {NAME} of a–z, 0–9, dot, dash and underscore."));
        let bytes = serde_json::to_vec(&self.data).map_or(usize::MAX, |data| data.len());
        checks.that(bytes <= DATA, "/data", "Use at most 8 KiB of JSON.");
        // PostgreSQL's JSON cannot hold it.
        let nul = serde_json::to_string(&self.data).is_ok_and(|data| data.contains("\\u0000"));
        checks.that(!nul, "/data", "Leave out the character U+0000.");
        let at = self.occurred_at.unwrap_or(now);
        checks.that(at <= now + AHEAD, "/occurred_at", "This lies in the future.");
        checks.that(at.timestamp() >= 0, "/occurred_at", "Use a moment after 1970.");
        checks.done()?;
        // Both engines keep microseconds.
        Ok(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(now))
    }
}

/// Whom a selector means.
async fn meant(tx: &mut Tx, creator: CreatorId, selector: &ClientSelector) -> Result<ClientId> {
    match selector {
        ClientSelector::Id { id } => match clients::get(tx, creator, *id).await? {
            Some(client) => Ok(client.id),
            None => Err(Problem::invalid("/client/id", "There is no such client.")),
        },
        ClientSelector::Sub { sub, channel_account_id } => {
            // As the widget names those its website vouches for.
            let name = format!("sub:{sub}");
            let found = client_events::known_as(tx, creator, &name, *channel_account_id).await?;
            match found.as_slice() {
                [one] => Ok(*one),
                [] => Err(Problem::invalid("/client/sub", "No client is known by this name.")),
                _ => Err(Problem::invalid(
                    "/client/channel_account_id",
                    "Several clients are known by this name. Say on which widget.",
                )),
            }
        }
    }
}

/// Which events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClientEventsQuery {
    /// Only those of this client.
    client_id: Option<ClientId>,
}

/// What was told of clients, the newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "Events", params(PageQuery, ClientEventsQuery),
    responses((status = 200, description = "Events", body = PageOf<ClientEvent>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Historian,
    query: PageQuery,
    Params(filter): Params<ClientEventsQuery>,
) -> Result<Json<PageOf<ClientEvent>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let listed = client_events::list(&mut tx, caller.creator, filter.client_id, query.page()?).await?;
    Ok(Json(listed.map(ClientEvent::from).into()))
}
