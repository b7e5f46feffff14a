//! Typed identifiers: UUIDv7, so they sort by the time they were made.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Timestamp, Uuid};

/// Counts within a millisecond, so that ids made one after the other by one process sort in that order.
static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A fresh UUIDv7 for the given moment.
fn v7(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(&CONTEXT, seconds, at.timestamp_subsec_nanos()))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id whose time part is `at`.
            pub fn new(at: DateTime<Utc>) -> Self {
                Self(v7(at))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A creator: one tenant.
    CreatorId;
    /// A person on a creator's team.
    MemberId;
    /// One signed-in device of a member.
    SessionId;
    /// An API key of a creator.
    ApiKeyId;
    /// One line of the audit log.
    AuditId;
    /// An end user of a creator.
    ClientId;
    /// A client on one channel account.
    IdentityId;
    /// One bot, one phone number or one widget.
    ChannelAccountId;
    /// A client's anonymous session in one widget.
    WidgetSessionId;
    /// A knowledge base.
    KnowledgeBaseId;
    /// A folder in a knowledge base.
    FolderId;
    /// A document, over all its versions.
    DocumentId;
    /// One uploaded version of a document.
    VersionId;
    /// A retrievable passage of one version.
    ChunkId;
    /// An embedding index: one model and dimension over a creator's chunks.
    IndexId;
    /// A conversation.
    ConversationId;
    /// One message in a conversation.
    MessageId;
    /// A client's message and all that answers it.
    TurnId;
    /// A durable job.
    JobId;
    /// A question the knowledge did not cover.
    GapId;
    /// A check-in a creator wrote.
    CheckInId;
    /// The gate's decision on one unprompted message.
    DecisionId;
    /// A client's consent to one purpose.
    ConsentId;
    /// One call of a model, as recorded for cost.
    UsageId;
    /// A row that waits to be handled.
    InboxId;
    /// A message part that waits to be delivered.
    OutboxId;
    /// A member's note on a conversation.
    NoteId;
    /// A reply kept ready for use.
    CannedReplyId;
    /// A `WhatsApp` template, as last synchronised.
    TemplateId;
    /// A webhook that belongs to nobody we know.
    StrayId;
    /// A file that a client sent.
    AttachmentId;
    /// Where a creator wants to hear of what happens.
    WebhookId;
    /// Something that happened, as webhooks are told of it.
    WebhookEventId;
    /// One event for one webhook.
    WebhookDeliveryId;
    /// One try of a delivery.
    WebhookAttemptId;
    /// Something an integrator told of a client.
    ClientEventId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_sort_as_they_were_made() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ids: Vec<_> = (0..1000).map(|_| JobId::new(at)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }
}
