//! Live events of conversations within this process, beside the durable log in the database.

mod others;

use std::{
    collections::HashMap,
    sync::{Arc, Weak, atomic::AtomicBool},
};

use coxswain_domain::{ConversationId, CreatorId, MessageId, conversation::ConversationEvent};
use parking_lot::Mutex;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::conversations::Sight;

/// Events a slow reader may lag behind before it has to read the database again: more than a model of no size at all
/// says at once.
const BACKLOG: usize = 256;

/// The process-wide hub of live events. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    rooms: Arc<Mutex<HashMap<ConversationId, Room>>>,
    /// Which conversations something happened in, for those who watch many.
    touched: broadcast::Sender<ConversationId>,
    /// Whether a task looks out for what other nodes do. Changed only while `rooms` is locked.
    looking: Arc<AtomicBool>,
    /// Wakes whoever works off the schedule of check-ins.
    rescheduled: Arc<Notify>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            rooms: Arc::default(),
            touched: broadcast::channel(BACKLOG).0,
            looking: Arc::default(),
            rescheduled: Arc::default(),
        }
    }
}

struct Room {
    sender: broadcast::Sender<ConversationEvent>,
    growing: Option<Growing>,
    /// Place of the latest event that was told here.
    told: i64,
    /// Whose it is, once somebody reads it whom other nodes' work concerns.
    creator: Option<CreatorId>,
    /// What the database last showed of it.
    seen: Option<Sight>,
}

/// A message that is being written right now in this process.
#[derive(Clone, Debug)]
pub struct Growing {
    /// The message.
    pub message_id: MessageId,
    /// Event-log place of the message.
    pub seq: i64,
    /// Its text so far: ahead of the database's.
    pub text: String,
    /// Stops the writer.
    cancel: CancellationToken,
}

/// What a reader gets when it joins: nothing is lost between the two.
pub struct Joined {
    /// The message being written at the moment of joining.
    pub growing: Option<Growing>,
    /// Everything after that moment. Keep it alive as long as events are wanted.
    pub events: broadcast::Receiver<ConversationEvent>,
}

/// The writer's end of one growing message. Dropping it ends the growth.
pub struct Writer {
    live: Weak<Mutex<HashMap<ConversationId, Room>>>,
    conversation: ConversationId,
    message_id: MessageId,
    seq: i64,
    /// UTF-16 length of what was written.
    offset: u32,
    cancel: CancellationToken,
}

impl Live {
    /// Joins a conversation.
    pub fn join(&self, conversation: ConversationId) -> Joined {
        let mut rooms = self.rooms.lock();
        let room = rooms.entry(conversation).or_insert_with(Room::new);
        Joined { growing: room.growing.clone(), events: room.sender.subscribe() }
    }

    /// Tells which conversations something happens in from now on, whosever they are: a hint to look at
    /// those one may see. Growing text is no news.
    pub fn watch(&self) -> broadcast::Receiver<ConversationId> {
        self.touched.subscribe()
    }

    /// Says that the schedule of check-ins changed, once the change is committed.
    pub fn reschedule(&self) {
        self.rescheduled.notify_one();
    }

    /// Waits until the schedule of check-ins changes, or has since the last wait. For the one who works it off.
    pub async fn rescheduled(&self) {
        self.rescheduled.notified().await;
    }

    /// Says that something about a conversation changed, once the change is committed.
    pub fn touch(&self, conversation: ConversationId) {
        self.publish(conversation, ConversationEvent::Changed);
    }

    /// Tells the conversation's readers.
    pub fn publish(&self, conversation: ConversationId, event: ConversationEvent) {
        if matches!(event, ConversationEvent::Message { .. } | ConversationEvent::Changed) {
            // Nobody watching is no error.
            let _ = self.touched.send(conversation);
        }
        let mut rooms = self.rooms.lock();
        if let Some(room) = rooms.get_mut(&conversation) {
            if let ConversationEvent::Message { seq, .. } = &event {
                room.told = room.told.max(*seq);
            }
            // No receiver is no error: the database has it.
            let _ = room.sender.send(event);
            if room.idle() {
                rooms.remove(&conversation);
            }
        }
    }

    /// Begins to write a message whose `message` event has the place `seq`.
    pub fn write(&self, conversation: ConversationId, message_id: MessageId, seq: i64) -> Writer {
        let cancel = CancellationToken::new();
        let growing = Growing { message_id, seq, text: String::new(), cancel: cancel.clone() };
        self.rooms.lock().entry(conversation).or_insert_with(Room::new).growing = Some(growing);
        Writer { live: Arc::downgrade(&self.rooms), conversation, message_id, seq, offset: 0, cancel }
    }

    /// Stops the message being written in a conversation, if this process writes it.
    pub fn cancel(&self, conversation: ConversationId) {
        if let Some(growing) = self.rooms.lock().get(&conversation).and_then(|room| room.growing.as_ref()) {
            growing.cancel.cancel();
        }
    }

    /// Conversations with a reader or a writer, for the metrics.
    pub fn rooms(&self) -> usize {
        let mut rooms = self.rooms.lock();
        rooms.retain(|_, room| !room.idle());
        rooms.len()
    }
}

impl Room {
    fn new() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, growing: None, told: 0, creator: None, seen: None }
    }

    fn idle(&self) -> bool {
        self.growing.is_none() && self.sender.receiver_count() == 0
    }
}

impl Writer {
    /// Adds text and tells the readers.
    pub fn push(&mut self, text: &str) {
        let Some(live) = self.live.upgrade() else {
            return;
        };
        let units = text.encode_utf16().count();
        self.offset = self.offset.saturating_add(u32::try_from(units).unwrap_or(u32::MAX));
        let mut rooms = live.lock();
        let Some(room) = rooms.get_mut(&self.conversation) else {
            return;
        };
        if let Some(growing) = room.growing.as_mut().filter(|growing| growing.message_id == self.message_id) {
            growing.text.push_str(text);
        }
        let _ = room.sender.send(ConversationEvent::Delta {
            seq: self.seq,
            message_id: self.message_id,
            offset: self.offset,
            text: text.to_owned(),
        });
    }

    /// Cancelled when a reader asks to stop.
    pub fn cancelled(&self) -> CancellationToken {
        self.cancel.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(live) = self.live.upgrade() else {
            return;
        };
        let mut rooms = live.lock();
        if let Some(room) = rooms.get_mut(&self.conversation) {
            if room.growing.as_ref().is_some_and(|growing| growing.message_id == self.message_id) {
                room.growing = None;
            }
            if room.idle() {
                rooms.remove(&self.conversation);
            }
        }
    }
}
