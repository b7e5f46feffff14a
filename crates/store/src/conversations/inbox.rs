//! The inbox people work in: clients' conversations over all channels, filtered and searched.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConversationId, CreatorId, MemberId, channel::ChannelKind,
    conversation::Author,
};

use super::handling::{Handler, Handling};
use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
    sql::like,
};

/// Which conversations are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Not closed.
    Open,
    /// The client asked for a person, and none has taken over.
    Waiting,
    /// A member has taken over.
    Human,
    /// The engine answers, and nobody waits for a person.
    Engine,
    /// Closed.
    Closed,
}

impl Shelf {
    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Human => "human",
            Self::Engine => "engine",
            Self::Closed => "closed",
        }
    }
}

/// What conversations must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Who has to do something.
    pub shelf: Option<Shelf>,
    /// On which kind of channel.
    pub kind: Option<ChannelKind>,
    /// On this account.
    pub account: Option<ChannelAccountId>,
    /// This one only.
    pub conversation: Option<ConversationId>,
    /// Given to this member.
    pub assigned_to: Option<MemberId>,
    /// Words that a message or the client's name contains.
    pub search: Option<String>,
}

/// A conversation as a line of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEntry {
    /// The conversation.
    pub id: ConversationId,
    /// Whose.
    pub client_id: ClientId,
    /// What the team calls them.
    pub client_name: String,
    /// The channel account; `None` once it is deleted.
    pub channel_account_id: Option<ChannelAccountId>,
    /// Its kind.
    pub kind: Option<ChannelKind>,
    /// Who answers.
    pub handling: Handling,
    /// Who wrote last.
    pub last_author: Option<Author>,
    /// The beginning of what they wrote.
    pub excerpt: Option<String>,
    /// When they began to write it.
    pub last_at: Option<DateTime<Utc>>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When something was last said.
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConversationId,
    client_id: ClientId,
    display_name: String,
    channel_account_id: Option<ChannelAccountId>,
    kind: Option<String>,
    handler: String,
    assigned_to: Option<MemberId>,
    human_wanted_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    last_author: Option<String>,
    excerpt: Option<String>,
    last_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for InboxEntry {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let kind = row.kind.map(|kind| known(ChannelKind::from_name(&kind), "channel kind", &kind));
        let author = row.last_author.map(|author| known(Author::from_name(&author), "author", &author));
        let handling = Handling {
            handler: known(Handler::from_name(&row.handler), "handler", &row.handler)?,
            assigned_to: row.assigned_to,
            human_wanted_at: row.human_wanted_at,
            closed_at: row.closed_at,
        };
        Ok(Self {
            id: row.id,
            client_id: row.client_id,
            client_name: row.display_name,
            channel_account_id: row.channel_account_id,
            kind: kind.transpose()?,
            handling,
            last_author: author.transpose()?,
            excerpt: row.excerpt,
            last_at: row.last_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Clients' conversations in which something was said, the latest first.
pub async fn inbox(
    tx: &mut Tx,
    creator: CreatorId,
    filter: &InboxFilter,
    page: Page,
) -> Result<Listed<InboxEntry>> {
    let after = page.cursor();
    let search = filter.search.as_deref().map(|text| format!("%{}%", like(&text.to_lowercase())));
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT talk.id, talk.client_id, clients.display_name, talk.channel_account_id, channel_accounts.kind, talk.handler,
           talk.assigned_to, talk.human_wanted_at, talk.closed_at, latest.author AS last_author,
           SUBSTR(latest.text, 1, 200) AS excerpt, latest.created_at AS last_at, talk.created_at, talk.updated_at
         FROM conversations talk
         JOIN clients ON clients.id = talk.client_id
         LEFT JOIN channel_accounts ON channel_accounts.id = talk.channel_account_id
         JOIN messages latest ON latest.conversation_id = talk.id AND latest.seq = (
           SELECT MAX(said.seq) FROM messages said WHERE said.conversation_id = talk.id AND said.status <> 'streaming')
         WHERE talk.creator_id = $1 AND talk.kind = 'client'
           AND ($2 IS NULL OR ($2 = 'open' AND talk.closed_at IS NULL) OR $2 = CASE WHEN talk.closed_at IS NOT NULL THEN 'closed'
                                        WHEN talk.handler = 'human' THEN 'human'
                                        WHEN talk.human_wanted_at IS NOT NULL THEN 'waiting'
                                        ELSE 'engine' END)
           AND ($3 IS NULL OR channel_accounts.kind = $3)
           AND ($4 IS NULL OR talk.assigned_to = $4)
           AND ($5 IS NULL OR LOWER(clients.display_name) LIKE $5 ESCAPE '!'
             OR EXISTS (SELECT 1 FROM messages said
                        WHERE said.conversation_id = talk.id AND LOWER(said.text) LIKE $5 ESCAPE '!'))
           AND ($6 IS NULL OR talk.channel_account_id = $6)
           AND ($7 IS NULL OR talk.id = $7)
           AND (talk.updated_at < $8 OR (talk.updated_at = $8 AND talk.id < $9))
         ORDER BY talk.updated_at DESC, talk.id DESC LIMIT $10",
        creator,
        filter.shelf.map(Shelf::name),
        filter.kind.map(ChannelKind::name),
        filter.assigned_to,
        search.as_deref(),
        filter.account,
        filter.conversation,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<InboxEntry>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.updated_at, id: row.id.0 }))
}
