//! Frames on their way to a peer that may be slow.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::{SinkExt, stream::SplitSink};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::SocketLimits;

/// How long saying goodbye may take.
pub(super) const GOODBYE: Duration = Duration::from_secs(5);

/// The end of the queue where frames go in.
#[derive(Clone)]
pub(super) struct Queue {
    frames: mpsc::Sender<Message>,
    patience: Duration,
    /// Cancelled once the peer was too slow.
    cut: CancellationToken,
}

/// The peer is cut off: nothing reaches it any more.
#[derive(Debug)]
pub(super) struct Cut;

impl Queue {
    /// A queue, and its other end for [`write`].
    pub(super) fn new(limits: SocketLimits) -> (Self, mpsc::Receiver<Message>) {
        let (frames, waiting) = mpsc::channel(limits.queue.max(1));
        (Self { frames, patience: limits.patience, cut: CancellationToken::new() }, waiting)
    }

    /// Sends a frame. Waits for the peer, and where that takes too long, cuts it off.
    pub(super) async fn send(&self, frame: &impl Serialize) -> Result<(), Cut> {
        // Our own types always serialise.
        let text = serde_json::to_string(frame).unwrap_or_default();
        let sent = self.frames.send_timeout(Message::Text(text.into()), self.patience).await;
        sent.map_err(|_| {
            self.cut.cancel();
            Cut
        })
    }

    /// Asks whether the peer is there. One that has not read what came before is asked by that.
    pub(super) fn ping(&self) {
        let _ = self.frames.try_send(Message::Ping(axum::body::Bytes::new()));
    }

    /// Waits until the peer is cut off.
    pub(super) async fn cut_off(&self) {
        self.cut.cancelled().await;
    }
}

/// Writes what is queued until it is time to close, and says goodbye.
pub(super) async fn write(
    mut socket: SplitSink<WebSocket, Message>,
    mut waiting: mpsc::Receiver<Message>,
    mut closing: oneshot::Receiver<Option<CloseFrame>>,
) {
    let goodbye = loop {
        let frame = tokio::select! {
            biased;
            goodbye = &mut closing => break goodbye,
            frame = waiting.recv() => frame,
        };
        let Some(frame) = frame else { break closing.await };
        let sent = tokio::select! {
            biased;
            goodbye = &mut closing => break goodbye,
            sent = socket.send(frame) => sent,
        };
        if sent.is_err() {
            // Gone: whoever reads the socket notices.
            return;
        }
    };
    if let Ok(Some(goodbye)) = goodbye {
        // What of a frame has left already is followed by its rest: the socket keeps it.
        let _ = tokio::time::timeout(GOODBYE, socket.send(Message::Close(Some(goodbye)))).await;
    }
}
