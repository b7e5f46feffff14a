//! What happens, over one socket: what the event streams tell, for as many of them as the caller wants.

mod feeds;
mod frames;
mod queue;
mod socket;

use std::time::Duration;

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    response::Response,
};
use coxswain_http::{Problem, Result};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use frames::{LiveEvent, LiveNote, LiveProblem, LiveRequest};

use crate::{
    HubState,
    auth::{Listener, caller, cookies},
};

/// The longest frame a client may send, in bytes.
const LONGEST: usize = 16 << 10;

/// What one socket may take.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// Subscriptions.
    pub subscriptions: usize,
    /// Frames that wait for a slow reader.
    pub queue: usize,
    /// How long a full queue may stay full before its reader is cut off.
    pub patience: Duration,
    /// How often the peer is asked whether it is there, and whether its log-in still lasts.
    pub ping: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            subscriptions: 50,
            queue: 256,
            patience: Duration::from_secs(10),
            ping: Duration::from_secs(20),
        }
    }
}

/// The sockets that are open.
#[derive(Clone, Debug, Default)]
pub struct Sockets {
    stop: CancellationToken,
    open: TaskTracker,
}

impl Sockets {
    /// Ends them, telling each peer that the server goes away, and waits until they know or do not listen.
    pub async fn close(&self) {
        self.stop.cancel();
        self.open.close();
        self.open.wait().await;
    }
}

/// Opens a WebSocket that tells what happens in the inbox and in conversations.
///
/// Frames are JSON texts. The client sends a `LiveRequest`, which the server answers with a `LiveNote`, or with a
/// `LiveProblem` where it cannot be done; the socket stays open. From then on `LiveEvent` frames come: the same
/// events with the same ids as those of `/api/v1/inbox/events` and `/api/v1/conversations/{id}/events`. To go on
/// where a socket ended, subscribe with `after`, the id of the last event.
///
/// A browser's cookie opens it only from the portal's own origin; programs send a bearer token. The server pings
/// every 20 seconds and ends a socket whose peer is silent for a minute. Close codes: 1001, the server goes away:
/// come back; 4401, the log-in ended or lost its rights; 4429, the reader was too slow: come back with `after`.
#[utoipa::path(get, path = "/api/v1/live", tag = "Live",
    responses((status = 101, description = "The socket is open"),
        (status = 403, description = "Another site opened it", body = Problem),
        (status = 426, description = "This is no WebSocket request", body = Problem)))]
pub(super) async fn open(
    State(hub): State<HubState>,
    caller: Listener,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    if caller::bearer(&headers).is_none() {
        cookies::check_origin(&headers, hub.public_url.as_deref())?;
    }
    let upgrade = upgrade.map_err(|rejection| {
        let detail = format!("Open this address as a WebSocket. {rejection}");
        Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail)
    })?;
    let open = hub.sockets.open.clone();
    Ok(upgrade
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .on_upgrade(move |socket| open.track_future(socket::serve(socket, hub, caller))))
}
