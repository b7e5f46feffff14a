//! Shows a client that an answer is being written, for as long as it is.

use std::{sync::Arc, time::Duration};

use coxswain_domain::{
    ConversationId, MessageId,
    channel::ChannelKind,
    conversation::{ConversationEvent, MessageStatus},
};
use coxswain_store::{connections::Connection, conversations};
use tokio::time::{Instant, sleep_until};

use super::{
    Road,
    messenger::{Address, Draft, Messenger},
};

/// How often the mark is shown again: Telegram's fades after five seconds, `WhatsApp`'s after twenty-five.
const fn again(kind: ChannelKind) -> Duration {
    Duration::from_secs(if matches!(kind, ChannelKind::Whatsapp) { 20 } else { 4 })
}
/// How often a growing answer is shown at most.
const FRAME: Duration = Duration::from_secs(1);
/// After this the mark would be a promise nobody can keep.
const LONGEST: Duration = Duration::from_mins(3);

/// Shows the mark, and the growing answer where the messenger can, until the reply is final or gone. Runs beside
/// everything else: nothing waits for it, and nothing is lost with it.
pub(super) fn show(
    road: &Road,
    connection: Connection,
    messenger: Arc<dyn Messenger>,
    address: Address,
    reply: (ConversationId, MessageId),
) {
    let road = road.clone();
    tokio::spawn(async move {
        let marks = run(&road, &connection, &*messenger, &address, reply);
        let _ = tokio::time::timeout(LONGEST, marks).await;
    });
}

async fn run(
    road: &Road,
    connection: &Connection,
    messenger: &dyn Messenger,
    address: &Address,
    (conversation, reply): (ConversationId, MessageId),
) {
    let mut joined = road.live.join(conversation);
    let mut text = joined
        .growing
        .filter(|growing| growing.message_id == reply)
        .map(|growing| growing.text)
        .unwrap_or_default();
    let (mut mark, mut frame) = (Instant::now(), None);
    loop {
        let drawn = frame.unwrap_or_else(|| Instant::now() + LONGEST);
        tokio::select! {
            () = sleep_until(mark) => {
                // Another node may write it: the database knows.
                if !written(road, connection, reply).await {
                    return;
                }
                messenger.typing(connection, address).await;
                mark = Instant::now() + again(connection.kind);
            }
            () = sleep_until(drawn), if frame.is_some() => {
                messenger.draft(connection, address, &Draft { id: draft_id(reply), text: text.clone() }).await;
                frame = None;
            }
            event = joined.events.recv() => match event {
                Ok(ConversationEvent::Message { message, .. }) if message.id == reply => {
                    if message.status != MessageStatus::Streaming {
                        return;
                    }
                    text = message.text;
                }
                Ok(ConversationEvent::Delta { message_id, text: more, .. }) if message_id == reply => {
                    text.push_str(&more);
                    frame.get_or_insert_with(|| Instant::now() + FRAME);
                }
                Ok(_) => {}
                // What was missed is shown with the next frame, or by the answer itself.
                Err(_) => joined = road.live.join(conversation),
            }
        }
    }
}

/// Whether the reply is still being written.
async fn written(road: &Road, connection: &Connection, reply: MessageId) -> bool {
    let found = async {
        let mut tx = road.db.read(connection.creator_id).await?;
        conversations::message(&mut tx, connection.creator_id, reply).await
    };
    matches!(found.await, Ok(Some((_, message))) if message.status == MessageStatus::Streaming)
}

/// Not zero, and the same for one reply.
fn draft_id(reply: MessageId) -> i64 {
    let [.., a, b, c, d] = *reply.0.as_bytes();
    i64::from(u32::from_be_bytes([a, b, c, d])).max(1)
}
