use chrono::{DateTime, Utc};
use coxswain_domain::{
    MessageId,
    citation::Citation,
    conversation::{Author, Message, MessageProblem, MessageStatus},
};
use coxswain_store::attachments::Attachment;
use serde::Serialize;
use utoipa::ToSchema;

use super::attachments::WidgetAttachment;

/// A citation as a client sees it: the words and where they stand, nothing of our insides.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WidgetCitation {
    /// Its number in the answer, from 1.
    n: u32,
    /// The document's title.
    title: String,
    /// Page or slide, from 1.
    page: Option<u32>,
    /// The nearest heading.
    heading: Option<String>,
    /// Start in milliseconds, for transcripts.
    start_ms: Option<u64>,
    /// The verbatim quote.
    quote: String,
    /// Where the source can be read.
    url: Option<String>,
}

impl From<&Citation> for WidgetCitation {
    fn from(citation: &Citation) -> Self {
        Self {
            n: citation.n,
            title: citation.title.clone(),
            page: citation.page,
            heading: citation.heading.clone(),
            start_ms: citation.start_ms,
            quote: citation.quote.clone(),
            url: citation.url.clone(),
        }
    }
}

/// A message as a client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WidgetMessage {
    /// Its id.
    id: MessageId,
    /// Position in the conversation, from 1.
    seq: i64,
    /// Who wrote it.
    author: Author,
    /// What it says, so far.
    text: String,
    /// How far it has come.
    status: MessageStatus,
    /// The knowledge did not cover the question.
    abstained: bool,
    /// What its statements stand on.
    citations: Vec<WidgetCitation>,
    /// Why it failed, if it did.
    problem: Option<MessageProblem>,
    /// The files it carries. Absent in events: whoever hears of a message that is not their own looks at the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<Vec<WidgetAttachment>>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it became final.
    completed_at: Option<DateTime<Utc>>,
}

impl WidgetMessage {
    pub(super) fn of(message: &Message) -> Self {
        Self {
            id: message.id,
            seq: message.seq,
            author: message.author,
            text: message.text.clone(),
            status: message.status,
            abstained: message.abstained,
            citations: message.citations.iter().map(Into::into).collect(),
            problem: message.problem.clone(),
            attachments: None,
            created_at: message.created_at,
            completed_at: message.completed_at,
        }
    }

    /// With the files it carries.
    pub(super) fn carrying(message: &Message, attachments: &[Attachment]) -> Self {
        let carried = attachments.iter().filter(|attachment| attachment.message_id == Some(message.id));
        Self { attachments: Some(carried.map(Into::into).collect()), ..Self::of(message) }
    }
}
