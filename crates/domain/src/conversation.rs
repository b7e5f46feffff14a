//! Conversations, their messages and the events that carry them to readers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ConversationId, MessageId, TurnId, citation::Citation, named};

named! {
    /// Who wrote a message.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    Author {
        /// The client, or a member in the test chat.
        Client = "client",
        /// A human member of the creator's team.
        Coach = "coach",
        /// The answer engine.
        Engine = "engine",
        /// A check-in that reached out first.
        CheckIn = "check_in",
    }
}

named! {
    /// How far a message has come.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    MessageStatus {
        /// Its text is still growing.
        Streaming = "streaming",
        /// Final.
        Done = "done",
        /// Stopped by the client; what had come stays.
        Cancelled = "cancelled",
        /// Broke off; `problem` says why.
        Failed = "failed",
    }
}

named! {
    /// What a conversation is for.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    ConversationKind {
        /// A client and the coach.
        Client = "client",
        /// A member trying out what a client would hear.
        Test = "test",
    }
}

/// Why a message failed, in a sentence for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageProblem {
    /// Stable code.
    pub code: String,
    /// What happened, what is safe, what to do.
    pub sentence: String,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// The turn it belongs to.
    pub turn_id: TurnId,
    /// Position in the conversation, from 1.
    pub seq: i64,
    /// Who wrote it.
    pub author: Author,
    /// What it says, so far.
    pub text: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// The knowledge did not cover the question.
    pub abstained: bool,
    /// What its statements stand on.
    pub citations: Vec<Citation>,
    /// Why it failed, if it did.
    pub problem: Option<MessageProblem>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it became final.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What readers of a conversation are told, live.
#[derive(Clone, Debug, PartialEq)]
pub enum ConversationEvent {
    /// A message was added or became final. Durable; `seq` is its place in the event log.
    Message {
        /// Place in the conversation's event log.
        seq: i64,
        /// The message as it is now.
        message: Box<Message>,
    },
    /// A streaming message grew. Not logged: the message's text is.
    Delta {
        /// Event-log place of the message that grows.
        seq: i64,
        /// The message that grows.
        message_id: MessageId,
        /// UTF-16 length of the message's text after this delta.
        offset: u32,
        /// What was added.
        text: String,
    },
    /// Something else about the conversation is different now, as who answers: look at it again.
    Changed,
    /// A member is writing to the client at this moment. Said again while they go on.
    Writing,
}
