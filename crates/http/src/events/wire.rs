//! Which events of a conversation a reader still needs.

use std::str::FromStr;

use coxswain_domain::{
    MessageId,
    conversation::{ConversationEvent, Message, MessageStatus},
};
use serde::Serialize;

use super::Event;

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

/// Collects the events of the next packet.
pub(super) struct Frames<V> {
    events: Vec<Event>,
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
        Self { events: Vec::new(), place: after.place, grown: after, until, ended: false, view }
    }

    /// Place of the last event written.
    pub(super) const fn place(&self) -> i64 {
        self.place
    }

    /// Whether the message the stream was to end with is final.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// The packet so far.
    pub(super) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Writes a message as it is at a place in the log.
    pub(super) fn message(&mut self, place: i64, message: &Message) {
        self.place = self.place.max(place);
        if message.status == MessageStatus::Streaming {
            self.grown = Position { place, offset: utf16(&message.text) };
        }
        self.events.push(Event::new("message", Some(place.to_string()), &(self.view)(message)));
        if message.status != MessageStatus::Streaming && self.until == Some(message.id) {
            self.events.push(Event::new("end", None, &serde_json::Map::new()));
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
                if *seq > self.place + 1 {
                    // Another node wrote what is between, or what is told second happened first.
                    return false;
                }
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
            // Another node may have changed it, and what it says too.
            ConversationEvent::Changed => false,
            // Not about what is said.
            ConversationEvent::Writing => true,
        }
    }

    fn delta(&mut self, place: i64, message_id: MessageId, offset: u32, text: &str) {
        #[derive(Serialize)]
        struct Delta<'a> {
            message_id: MessageId,
            text: &'a str,
        }
        self.grown = Position { place, offset };
        let id = format!("{place}.{offset}");
        self.events.push(Event::new("delta", Some(id), &Delta { message_id, text }));
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
    fn read(packet: &[Event], mut text: String) -> (String, Option<Position>) {
        let mut position = None;
        for event in packet {
            let data: serde_json::Value = serde_json::from_str(event.data.get()).unwrap();
            let said = data["text"].as_str().unwrap();
            if event.name == "delta" {
                text.push_str(said);
            } else {
                said.clone_into(&mut text);
            }
            position = event.id.as_ref().map(|id| id.parse().unwrap());
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
            let (text, last) = read(&first.take(), String::new());

            let mut second = Frames::new(last.unwrap(), None, Message::clone);
            second.catch_up(PLACE, id, &pieces[..returns].concat());
            for event in &live[returns.saturating_sub(repeated)..] {
                prop_assert!(second.live(event));
            }
            let (text, _) = read(&second.take(), text);
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
        assert_eq!(frames.take().last().map(|event| event.name), Some("end"));
    }

    #[test]
    fn what_another_node_wrote_in_between_is_not_jumped_over() {
        let said = |seq, text| ConversationEvent::Message {
            seq,
            message: Box::new(message(id(), text, MessageStatus::Done)),
        };
        let mut frames = Frames::new(Position { place: 1, offset: 0 }, None, Message::clone);
        assert!(frames.live(&said(2, "Next.")), "in order");
        assert!(!frames.live(&said(4, "Later.")), "the third was not told here");
        assert!(frames.live(&said(2, "Next.")), "what is known is no gap");
        assert!(!frames.live(&ConversationEvent::Changed), "another node may have written");
        assert_eq!((frames.take().len(), frames.place()), (1, 2));
    }
}
