//! One socket from its opening to its end.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use coxswain_http::Problem;
use futures::{StreamExt, stream::SplitStream};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval_at, timeout},
};

use super::{
    feeds::Feeds,
    frames::LiveProblem,
    queue::{self, GOODBYE, Queue},
};
use crate::{HubState, auth::Listener};

/// Pings in a row a peer may leave unanswered.
const SILENCE: u8 = 2;

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The peer closed it, or is not there.
    Gone,
    /// The server stops.
    GoingAway,
    /// The log-in ended, or lost its rights.
    LoggedOut,
    /// The peer reads too slowly.
    TooSlow,
}

impl End {
    /// What the peer is told. Codes from 4000 on are ours.
    fn goodbye(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::GoingAway => (1001, "The server goes away: come back in a moment."),
            Self::LoggedOut => (4401, "Your log-in or key no longer allows this."),
            Self::TooSlow => (4429, "Events came faster than you read: come back with after."),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

/// Serves a socket until it ends.
pub(super) async fn serve(socket: WebSocket, hub: HubState, caller: Listener) {
    let (sink, mut incoming) = socket.split();
    let (queue, waiting) = Queue::new(hub.limits.sockets);
    let (close, closing) = oneshot::channel();
    let writer = tokio::spawn(queue::write(sink, waiting, closing));
    let mut feeds = Feeds::new(hub.clone(), caller.creator, queue.clone());
    let end = listen(&mut incoming, &mut feeds, &queue, &hub, &caller).await;
    tracing::debug!(?end, "a socket ended");
    drop(feeds);
    let _ = close.send(end.goodbye());
    let _ = writer.await;
    if end != End::Gone {
        // The peer closes its side, too: what is on its way to it would be lost if we were first.
        let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = incoming.next().await {} }).await;
    }
}

async fn listen(
    incoming: &mut SplitStream<WebSocket>,
    feeds: &mut Feeds,
    queue: &Queue,
    hub: &HubState,
    caller: &Listener,
) -> End {
    let every = hub.limits.sockets.ping;
    let mut ping = interval_at(tokio::time::Instant::now() + every, every);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unanswered = 0;
    loop {
        tokio::select! {
            () = hub.sockets.stop.cancelled() => return End::GoingAway,
            () = queue.cut_off() => return End::TooSlow,
            _ = ping.tick() => {
                if unanswered == SILENCE {
                    return End::Gone;
                }
                unanswered += 1;
                // A database that cannot be asked has logged nobody out.
                if matches!(caller.still(hub).await, Ok(false)) {
                    return End::LoggedOut;
                }
                queue.ping();
            }
            frame = incoming.next() => {
                unanswered = 0;
                let taken = match frame {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return End::Gone,
                    Some(Ok(Message::Text(text))) => feeds.take(&text).await,
                    Some(Ok(Message::Binary(_))) => {
                        let problem = Problem::invalid("", "Send JSON as text.");
                        queue.send(&LiveProblem::refused(problem)).await
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                };
                if taken.is_err() {
                    return End::TooSlow;
                }
            }
        }
    }
}
