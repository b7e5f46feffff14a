//! What is said over the socket, both ways.

use coxswain_domain::{ChannelAccountId, ConversationId, MemberId};
use coxswain_http::{
    Json, Problem, Result,
    events::{self, Event, Position},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::inbox::{InboxState, Part};

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// All conversations with clients: event `conversation`.
    Inbox,
    /// What is said in one conversation: events `message` and `delta`.
    Conversation,
}

/// What the client asks for: `subscribe` or `unsubscribe`. Subscribing again replaces the former subscription.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct LiveRequest {
    /// What to tell from now on.
    subscribe: Option<Subject>,
    /// What to tell no longer.
    unsubscribe: Option<Subject>,
    /// Which conversation.
    id: Option<ConversationId>,
    /// Id of the last event the client has: what happened since is told first. Without it, a conversation is told
    /// from its beginning, and the inbox from now on.
    after: Option<String>,
    /// Of the inbox, only conversations of this state. One that no longer fits is told once more, as it is then.
    state: Option<InboxState>,
    /// Of the inbox, only conversations on this channel.
    channel: Option<ChannelAccountId>,
    /// Of the inbox, only conversations this member looks after.
    assigned_to: Option<MemberId>,
}

/// A subscription, by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    Inbox,
    Conversation(ConversationId),
}

impl Topic {
    const fn names(self) -> (Subject, Option<ConversationId>) {
        match self {
            Self::Inbox => (Subject::Inbox, None),
            Self::Conversation(id) => (Subject::Conversation, Some(id)),
        }
    }
}

/// What a client wants, once it is understood.
#[derive(Debug)]
pub(super) enum Wish {
    Inbox { part: Part, after: Option<chrono::DateTime<chrono::Utc>> },
    Conversation { id: ConversationId, after: Position },
    No(Topic),
}

impl Wish {
    /// Reads a frame.
    pub(super) fn read(text: &str) -> Result<Self> {
        let asked: LiveRequest = Json::read(text)?;
        let of_inbox = asked.state.is_some() || asked.channel.is_some() || asked.assigned_to.is_some();
        let topic = match (asked.subscribe, asked.unsubscribe, asked.id) {
            (Some(_), Some(_), _) | (None, None, _) => {
                return Err(Problem::invalid("/subscribe", "Send either subscribe or unsubscribe."));
            }
            (Some(Subject::Inbox), ..) | (_, Some(Subject::Inbox), _) if asked.id.is_some() => {
                return Err(Problem::invalid("/id", "The inbox is one: it has no id."));
            }
            (Some(Subject::Conversation), _, None) | (_, Some(Subject::Conversation), None) => {
                return Err(Problem::invalid("/id", "Say which conversation."));
            }
            (Some(Subject::Conversation), _, Some(id)) | (_, Some(Subject::Conversation), Some(id)) => {
                if of_inbox {
                    return Err(Problem::invalid("/state", "Only the inbox is told in part."));
                }
                Topic::Conversation(id)
            }
            (Some(Subject::Inbox), ..) | (_, Some(Subject::Inbox), _) => Topic::Inbox,
        };
        if asked.unsubscribe.is_some() {
            return Ok(Self::No(topic));
        }
        let wrong = || Problem::invalid("/after", "Send the id of an event as you received it.");
        Ok(match topic {
            Topic::Inbox => {
                let after = asked.after.map(|id| events::moment(&id).ok_or_else(wrong)).transpose()?;
                let part =
                    Part { state: asked.state, channel: asked.channel, assigned_to: asked.assigned_to };
                Self::Inbox { part, after }
            }
            Topic::Conversation(id) => {
                let after = asked.after.map(|id| id.parse().map_err(|_| wrong())).transpose()?;
                Self::Conversation { id, after: after.unwrap_or_default() }
            }
        })
    }
}

/// That a request was done: either field says to what.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveNote {
    /// Its events come from now on.
    subscribed: Option<Subject>,
    /// No more of its events come.
    unsubscribed: Option<Subject>,
    /// Which conversation; null for the inbox.
    conversation_id: Option<ConversationId>,
}

impl LiveNote {
    pub(super) const fn subscribed(topic: Topic) -> Self {
        let (subject, conversation_id) = topic.names();
        Self { subscribed: Some(subject), unsubscribed: None, conversation_id }
    }

    pub(super) const fn unsubscribed(topic: Topic) -> Self {
        let (subject, conversation_id) = topic.names();
        Self { subscribed: None, unsubscribed: Some(subject), conversation_id }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveEvent {
    /// What it was subscribed by.
    on: Subject,
    /// In which conversation; null for the inbox.
    conversation_id: Option<ConversationId>,
    /// `conversation`, `message` or `delta`.
    event: &'static str,
    /// Where to go on after it.
    id: Option<String>,
    /// As the event stream sends it: an `InboxConversation`, a `Message`, or what it grew by.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl LiveEvent {
    pub(super) fn new(topic: Topic, event: Event) -> Self {
        let (on, conversation_id) = topic.names();
        Self { on, conversation_id, event: event.name, id: event.id, data: event.data }
    }
}

/// That something was not done, or that a subscription ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveProblem {
    /// Why.
    error: Problem,
    /// The subscription that ended by it: subscribe again with `after`. Null for a request that was not done.
    on: Option<Subject>,
    /// Which conversation; null for the inbox, and for a request that was not done.
    conversation_id: Option<ConversationId>,
}

impl LiveProblem {
    /// A request was not done.
    pub(super) const fn refused(error: Problem) -> Self {
        Self { error, on: None, conversation_id: None }
    }

    /// A subscription ended.
    pub(super) const fn ended(topic: Topic, error: Problem) -> Self {
        let (on, conversation_id) = topic.names();
        Self { error, on: Some(on), conversation_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn refused(frame: &str) -> String {
        let problem = Wish::read(frame).unwrap_err();
        problem.errors.first().map_or(problem.code, |error| error.pointer.clone())
    }

    #[test]
    fn a_request_is_understood_or_its_fault_is_named() {
        assert!(matches!(
            Wish::read(r#"{"subscribe":"inbox","state":"waiting","after":"1700000000000000"}"#),
            Ok(Wish::Inbox { part: Part { state: Some(InboxState::Waiting), .. }, after: Some(_) })
        ));
        let frame = format!(r#"{{"subscribe":"conversation","id":"{ID}","after":"7.12"}}"#);
        let Ok(Wish::Conversation { after, .. }) = Wish::read(&frame) else { panic!("{frame}") };
        assert_eq!(after, Position { place: 7, offset: 12 });
        let frame = format!(r#"{{"unsubscribe":"conversation","id":"{ID}"}}"#);
        assert!(matches!(Wish::read(&frame), Ok(Wish::No(Topic::Conversation(_)))));
        assert_eq!(refused("{"), "malformed_json");
        assert_eq!(refused("{}"), "/subscribe");
        assert_eq!(refused(r#"{"subscribe":"inbox","unsubscribe":"inbox"}"#), "/subscribe");
        assert_eq!(refused(r#"{"subscribe":"everything"}"#), "/subscribe");
        assert_eq!(refused(r#"{"subscribe":"inbox","since":"4"}"#), "/since");
        assert_eq!(refused(r#"{"subscribe":"inbox","after":"yesterday"}"#), "/after");
        assert_eq!(refused(&format!(r#"{{"subscribe":"inbox","id":"{ID}"}}"#)), "/id");
        assert_eq!(refused(r#"{"subscribe":"conversation"}"#), "/id");
        assert_eq!(refused(&format!(r#"{{"subscribe":"conversation","id":"{ID}","after":"x"}}"#)), "/after");
        assert_eq!(
            refused(&format!(r#"{{"subscribe":"conversation","id":"{ID}","state":"open"}}"#)),
            "/state"
        );
    }
}
