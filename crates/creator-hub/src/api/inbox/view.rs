//! How conversations look in the inbox.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, MemberId, conversation::Author};
use coxswain_store::{
    Result, Tx, channel_accounts,
    conversations::{self, InboxEntry, Shelf},
    members,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{channels::ChannelRef, views::ClientRef};

/// Who answers a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Handler {
    /// The answer engine, by itself.
    Engine,
    /// A member who has taken over; the engine is silent.
    Human,
}

/// Which conversations are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InboxState {
    /// All that are not closed.
    Open,
    /// Those whose client waits for a person.
    Waiting,
    /// Those a member has taken over.
    Human,
    /// Those the engine answers.
    Engine,
    /// Those that are closed.
    Closed,
}

/// A member as other things name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MemberRef {
    /// Their id.
    pub(super) id: MemberId,
    /// What they are called; null once they left the team.
    pub(super) name: Option<String>,
}

/// What was said last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LastMessage {
    /// Who wrote it.
    pub(super) author: Author,
    /// What it says, cut short.
    pub(super) text: String,
    /// When it was begun.
    pub(super) created_at: DateTime<Utc>,
}

/// A client's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct InboxConversation {
    /// Its id.
    pub(super) id: ConversationId,
    /// Whose.
    pub(super) client: ClientRef,
    /// Where; null once the channel is gone.
    pub(super) channel: Option<ChannelRef>,
    /// Who answers.
    pub(super) handler: Handler,
    /// The member who looks after it.
    pub(super) assigned_to: Option<MemberRef>,
    /// Since when the client waits for a person.
    pub(super) human_wanted_at: Option<DateTime<Utc>>,
    /// Since when it is closed. It opens by itself when the client writes.
    pub(super) closed_at: Option<DateTime<Utc>>,
    /// What was said last.
    pub(super) last_message: Option<LastMessage>,
    /// When it was begun.
    pub(super) created_at: DateTime<Utc>,
    /// When something last happened.
    pub(super) updated_at: DateTime<Utc>,
}

impl From<InboxState> for Shelf {
    fn from(state: InboxState) -> Self {
        match state {
            InboxState::Open => Self::Open,
            InboxState::Waiting => Self::Waiting,
            InboxState::Human => Self::Human,
            InboxState::Engine => Self::Engine,
            InboxState::Closed => Self::Closed,
        }
    }
}

/// Conversations with the names of what they refer to.
pub(super) async fn view(
    tx: &mut Tx,
    creator: CreatorId,
    entries: Vec<InboxEntry>,
) -> Result<Vec<InboxConversation>> {
    let mut names = Names::default();
    let mut shown = Vec::with_capacity(entries.len());
    for entry in entries {
        let channel = match entry.channel_account_id {
            Some(id) => names.channel(tx, creator, id).await?,
            None => None,
        };
        let assigned_to = match entry.handling.assigned_to {
            Some(id) => Some(MemberRef { id, name: names.member(tx, creator, id).await? }),
            None => None,
        };
        shown.push(InboxConversation::new(entry, channel, assigned_to));
    }
    Ok(shown)
}

/// What things are called, each looked up once.
#[derive(Default)]
struct Names {
    channels: HashMap<ChannelAccountId, Option<ChannelRef>>,
    members: HashMap<MemberId, Option<String>>,
}

impl Names {
    async fn channel(
        &mut self,
        tx: &mut Tx,
        creator: CreatorId,
        id: ChannelAccountId,
    ) -> Result<Option<ChannelRef>> {
        if let Some(known) = self.channels.get(&id) {
            return Ok(known.clone());
        }
        let found = channel_accounts::get(tx, creator, id).await?.as_ref().map(ChannelRef::from);
        self.channels.insert(id, found.clone());
        Ok(found)
    }

    async fn member(&mut self, tx: &mut Tx, creator: CreatorId, id: MemberId) -> Result<Option<String>> {
        if let Some(known) = self.members.get(&id) {
            return Ok(known.clone());
        }
        let found = members::get(tx, creator, id).await?.map(|member| member.name);
        self.members.insert(id, found.clone());
        Ok(found)
    }
}

impl InboxConversation {
    /// Whether the list of this state shows it.
    pub(super) fn is(&self, state: InboxState) -> bool {
        let now = match self.handler {
            _ if self.closed_at.is_some() => InboxState::Closed,
            Handler::Human => InboxState::Human,
            Handler::Engine if self.human_wanted_at.is_some() => InboxState::Waiting,
            Handler::Engine => InboxState::Engine,
        };
        now == state || (state == InboxState::Open && now != InboxState::Closed)
    }

    fn new(entry: InboxEntry, channel: Option<ChannelRef>, assigned_to: Option<MemberRef>) -> Self {
        let last_message = entry.last_author.zip(entry.excerpt).zip(entry.last_at);
        Self {
            id: entry.id,
            client: ClientRef { id: entry.client_id, display_name: entry.client_name },
            channel,
            handler: match entry.handling.handler {
                conversations::Handler::Engine => Handler::Engine,
                conversations::Handler::Human => Handler::Human,
            },
            assigned_to,
            human_wanted_at: entry.handling.human_wanted_at,
            closed_at: entry.handling.closed_at,
            last_message: last_message.map(|((author, text), created_at)| LastMessage {
                author,
                text,
                created_at,
            }),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}
