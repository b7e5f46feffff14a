//! What webhooks are told of.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    // `tt`, not `literal`: a `literal` is handed on in a group, where the API's description does not see the name.
    ($($(#[$doc:meta])* $variant:ident = $text:tt,)*) => {
        /// Something that happened, by kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum EventKind { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl EventKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name used in the database and the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The kind with this stable name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A client wrote.
    MessageReceived = "message.received",
    /// An answer, a member's message or a check-in was written to a client.
    MessageSent = "message.sent",
    /// A client asked for a person.
    HumanWanted = "conversation.human_wanted",
    /// A member took over from the engine.
    TakenOver = "conversation.taken_over",
    /// A member gave the conversation back to the engine.
    HandedBack = "conversation.handed_back",
    /// A member closed the conversation.
    Closed = "conversation.closed",
    /// Somebody was met for the first time.
    ClientCreated = "client.created",
    /// A channel was linked to a client who has others.
    ClientLinked = "client.linked",
    /// A channel was given a client of its own again.
    ClientUnlinked = "client.unlinked",
    /// A client wants nothing unprompted on a channel.
    ClientOptedOut = "client.opted_out",
    /// A client takes that back.
    ClientOptedIn = "client.opted_in",
    /// A client agreed to check-ins.
    ClientConsented = "client.consented",
    /// A client withdrew that.
    ConsentWithdrawn = "client.consent_withdrawn",
    /// A messenger took a message.
    DeliveryAccepted = "delivery.accepted",
    /// A message is on the client's device.
    DeliveryDelivered = "delivery.delivered",
    /// The client saw a message.
    DeliveryRead = "delivery.read",
    /// A message did not arrive.
    DeliveryFailed = "delivery.failed",
    /// A check-in was sent.
    CheckInSent = "program.check_in_sent",
    /// A check-in was held back.
    CheckInHeldBack = "program.check_in_held_back",
    /// A client said what they think of an answer.
    FeedbackGiven = "feedback.given",
    /// The knowledge did not cover a question.
    GapRecorded = "gap.recorded",
    /// A member tries a webhook out.
    Test = "webhook.test",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_survives_its_name() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert_eq!(EventKind::from_name("nothing"), None);
    }
}
