//! How events look on the wire, and which of them a reader still needs.

use std::{fmt::Write as _, str::FromStr};

use axum::body::Bytes;
use coxswain_domain::{
    MessageId,
    conversation::{ConversationEvent, Message, MessageStatus},
};
use serde::Serialize;

/// How far a reader has come: the place of the last event, and how much of a growing message it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Place of the last `message` event.
    pub place: i64,
    /// UTF-16 length of what it has of the message announced there.
    pub offset: u32,
}

impl FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, offset) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { place: place.parse()?, offset: offset.parse()? })
    }
}

/// Collects the bytes of the next packet.
pub(super) struct Frames<V> {
    buffer: String,
    /// Place of the last event written.
    place: i64,
    /// The growing message the reader follows: where it was announced, and how much of it was written.
    grown: Position,
    until: Option<MessageId>,
    ended: bool,
    view: fn(&Message) -> V,
}

impl<V: Serialize> Frames<V> {
    pub(super) fn new(after: Position, until: Option<MessageId>, view: fn(&Message) -> V) -> Self {
        Self { buffer: String::new(), place: after.place, grown: after, until, ended: false, view }
    }

    /// Place of the last event written.
    pub(super) const fn place(&self) -> i64 {
        self.place
    }

    /// Whether the message the stream was to end with is final.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// The packet so far, if it holds anything.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        (!self.buffer.is_empty()).then(|| Bytes::from(std::mem::take(&mut self.buffer)))
    }

    pub(super) fn keep_alive(&mut self) {
        self.buffer.push_str(": still here\n\n");
    }

    /// Writes a message as it is at a place in the log.
    pub(super) fn message(&mut self, place: i64, message: &Message) {
        self.place = self.place.max(place);
        if message.status == MessageStatus::Streaming {
            self.grown = Position { place, offset: utf16(&message.text) };
        }
        self.event("message", format_args!("{place}"), &(self.view)(message));
        if message.status != MessageStatus::Streaming && self.until == Some(message.id) {
            self.buffer.push_str("event: end\ndata: {}\n\n");
            self.ended = true;
        }
    }

    /// Writes what the reader lacks of a message that is growing.
    pub(super) fn catch_up(&mut self, place: i64, id: MessageId, text: &str) {
        let offset = utf16(text);
        if place != self.grown.place || offset <= self.grown.offset {
            return;
        }
        let rest: Vec<u16> = text.encode_utf16().skip(self.grown.offset as usize).collect();
        self.delta(place, id, offset, &String::from_utf16_lossy(&rest));
    }

    /// Writes a live event the reader lacks. False: something before it was missed.
    pub(super) fn live(&mut self, event: &ConversationEvent) -> bool {
        match event {
            ConversationEvent::Message { seq, message } => {
                if *seq > self.place {
                    self.message(*seq, message);
                }
                true
            }
            ConversationEvent::Delta { seq, message_id, offset, text } => {
                if *seq != self.grown.place {
                    // Of a message this reader has not been told of yet, or has seen the end of.
                    return *seq <= self.place;
                }
                let begins = offset.saturating_sub(utf16(text));
                if begins > self.grown.offset {
                    return false;
                }
                if begins == self.grown.offset {
                    self.delta(*seq, *message_id, *offset, text);
                }
                true
            }
            // Not about what is said.
            ConversationEvent::Changed | ConversationEvent::Writing => true,
        }
    }

    fn delta(&mut self, place: i64, message_id: MessageId, offset: u32, text: &str) {
        #[derive(Serialize)]
        struct Delta<'a> {
            message_id: MessageId,
            text: &'a str,
        }
        self.grown = Position { place, offset };
        self.event("delta", format_args!("{place}.{offset}"), &Delta { message_id, text });
    }

    fn event(&mut self, name: &str, id: std::fmt::Arguments<'_>, data: &impl Serialize) {
        // JSON on one line holds no line break, so one data field is enough. Writing to a String cannot fail,
        // and our own types always serialise.
        let data = serde_json::to_string(data).unwrap_or_default();
        let _ = write!(self.buffer, "event: {name}\nid: {id}\ndata: {data}\n\n");
    }
}

fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use coxswain_domain::{ConversationId, TurnId, conversation::Author};
    use proptest::prelude::*;

    use super::*;

    const PLACE: i64 = 4;

    fn message(id: MessageId, text: &str, status: MessageStatus) -> Message {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        Message {
            id,
            conversation_id: ConversationId::new(at),
            turn_id: TurnId::new(at),
            seq: 2,
            author: Author::Engine,
            text: text.to_owned(),
            status,
            abstained: false,
            citations: Vec::new(),
            problem: None,
            created_at: at,
            completed_at: None,
        }
    }

    fn id() -> MessageId {
        MessageId::new(DateTime::from_timestamp(1_700_000_000, 0).unwrap())
    }

    /// What a reader that applies every event has of the message's text, and its last event id.
    fn read(packet: &str, mut text: String) -> (String, Option<Position>) {
        let mut position = None;
        for event in packet.split("\n\n").filter(|event| event.contains("data: ")) {
            let field =
                |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
            let data: serde_json::Value = serde_json::from_str(&field("data: ")).unwrap();
            let said = data["text"].as_str().unwrap();
            if field("event: ") == "delta" {
                text.push_str(said);
            } else {
                said.clone_into(&mut text);
            }
            position = Some(field("id: ").parse().unwrap());
        }
        (text, position)
    }

    fn deltas(id: MessageId, pieces: &[String]) -> Vec<ConversationEvent> {
        let mut offset = 0;
        let delta = |piece: &String| {
            offset += utf16(piece);
            ConversationEvent::Delta { seq: PLACE, message_id: id, offset, text: piece.clone() }
        };
        pieces.iter().map(delta).collect()
    }

    proptest! {
        /// A reader that leaves after any delta and comes back at any later one ends with the whole text,
        /// whatever of the live events reaches it twice.
        #[test]
        fn a_reader_that_comes_back_misses_nothing(
            pieces in prop::collection::vec("[a-zé🚣 ]{1,5}", 1..20),
            leaves in any::<prop::sample::Index>(),
            returns in any::<prop::sample::Index>(),
            repeated in 0usize..4,
        ) {
            let id = id();
            let live = deltas(id, &pieces);
            let leaves = leaves.index(live.len() + 1);
            let returns = leaves + returns.index(live.len() + 1 - leaves);

            let mut first = Frames::new(Position::default(), None, Message::clone);
            first.message(PLACE, &message(id, "", MessageStatus::Streaming));
            for event in &live[..leaves] {
                prop_assert!(first.live(event));
            }
            let (text, last) = read(std::str::from_utf8(&first.take().unwrap()).unwrap(), String::new());

            let mut second = Frames::new(last.unwrap(), None, Message::clone);
            second.catch_up(PLACE, id, &pieces[..returns].concat());
            for event in &live[returns.saturating_sub(repeated)..] {
                prop_assert!(second.live(event));
            }
            let rest = second.take().unwrap_or_default();
            let (text, _) = read(std::str::from_utf8(&rest).unwrap(), text);
            prop_assert_eq!(text, pieces.concat());
        }
    }

    #[test]
    fn a_gap_sends_the_reader_to_the_database() {
        let id = id();
        let live = deltas(id, &["one ".into(), "two ".into()]);
        let mut frames = Frames::new(Position::default(), None, Message::clone);
        frames.message(PLACE, &message(id, "", MessageStatus::Streaming));
        assert!(!frames.live(&live[1]), "the first delta was missed");
    }

    #[test]
    fn the_stream_of_a_turn_ends_with_its_answer() {
        let id = id();
        let mut frames = Frames::new(Position::default(), Some(id), Message::clone);
        frames.message(PLACE, &message(id, "", MessageStatus::Streaming));
        assert!(!frames.ended());
        frames.message(PLACE + 1, &message(id, "Row.", MessageStatus::Done));
        assert!(frames.ended());
        let packet = frames.take().unwrap();
        assert!(packet.ends_with(b"event: end\ndata: {}\n\n"));
    }
}
