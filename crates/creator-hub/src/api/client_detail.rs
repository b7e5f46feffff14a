//! One client: where they can be met, what they prefer, what they talked about.

use axum::extract::State;
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConversationId, CreatorId, IdentityId, channel::ChannelKind,
};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx, channel_accounts, client_events, clients, consents, conversations,
    identities::{self, Contact},
    page::Page,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{channels::ChannelRef, client_events::ClientEvent, input::Id};
use crate::{HubState, auth::Reader};

/// How long after their last message free text may be sent to somebody on `WhatsApp`.
const WINDOW: Duration = Duration::hours(24);
/// Told things that are shown with the client.
const TOLD: u32 = 20;

/// A client on one channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// Its id.
    id: IdentityId,
    /// Where.
    channel: ChannelRef,
    /// The channel's own name for them.
    provider_user_id: String,
    /// Other names they go by there: a phone number, a former id.
    aliases: Vec<String>,
    /// Whether the channel or a signed token vouches for it.
    verified: bool,
    /// Since when they want nothing unprompted there.
    opted_out_at: Option<DateTime<Utc>>,
    /// Why nothing reaches them there, if nothing does.
    unreachable_reason: Option<String>,
    /// When they last wrote there.
    last_inbound_at: Option<DateTime<Utc>>,
    /// `WhatsApp`: until when free text may be sent to them.
    window_closes_at: Option<DateTime<Utc>>,
}

/// A conversation of a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientConversation {
    /// Its id.
    id: ConversationId,
    /// Where; null once the channel is gone.
    channel: Option<ChannelRef>,
    /// The first question, cut short.
    title: String,
    /// When something was last said.
    updated_at: DateTime<Utc>,
}

/// A client with everything that is known about how to reach them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientDetail {
    /// Their id.
    id: ClientId,
    /// What the team sees; not necessarily a name.
    display_name: String,
    /// IANA zone, as their device last said.
    time_zone: Option<String>,
    /// BCP 47 tag, as their device said.
    locale: Option<String>,
    /// Whether they agreed to check-ins.
    consented: bool,
    /// When they first wrote.
    created_at: DateTime<Utc>,
    /// When they last did something.
    last_seen_at: DateTime<Utc>,
    /// The channel they are reached on first; null for where they wrote last.
    preferred_account_id: Option<ChannelAccountId>,
    /// Where they can be met, where they last wrote first.
    identities: Vec<Identity>,
    /// What they talked about on all channels, the latest first.
    conversations: Vec<ClientConversation>,
    /// The latest 20 things integrators told of them, the newest first; all are under events.
    events: Vec<ClientEvent>,
}

/// One client, with their channels and conversations.
#[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "Clients", params(("id" = ClientId, Path)),
    responses((status = 200, description = "The client", body = ClientDetail)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ClientId>,
) -> Result<Json<ClientDetail>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let found = detail(&mut tx, caller.creator, id).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("client"))?))
}

/// A client of a creator.
pub(super) async fn detail(tx: &mut Tx, creator: CreatorId, id: ClientId) -> Result<Option<ClientDetail>> {
    let Some(client) = clients::get(tx, creator, id).await? else {
        return Ok(None);
    };
    let mut known = Vec::new();
    for contact in identities::reach(tx, creator, id).await? {
        if let Some(channel) = channel(tx, creator, contact.account).await? {
            known.push(Identity::new(contact, channel));
        }
    }
    let mut talks = Vec::new();
    for talk in conversations::of_client(tx, creator, id).await? {
        let channel = match talk.channel_account_id {
            Some(account) => channel(tx, creator, account).await?,
            None => None,
        };
        talks.push(ClientConversation {
            id: talk.id,
            channel,
            title: talk.title,
            updated_at: talk.updated_at,
        });
    }
    let latest = Page { limit: TOLD, after: None };
    let told = client_events::list(tx, creator, Some(id), latest).await?;
    Ok(Some(ClientDetail {
        id,
        display_name: client.display_name,
        time_zone: client.time_zone,
        locale: client.locale,
        consented: consents::open(tx, creator, id, consents::CHECK_INS).await?.is_some(),
        created_at: client.created_at,
        last_seen_at: client.last_seen_at,
        preferred_account_id: clients::preferred(tx, creator, id).await?,
        identities: known,
        conversations: talks,
        events: told.items.into_iter().map(Into::into).collect(),
    }))
}

async fn channel(tx: &mut Tx, creator: CreatorId, id: ChannelAccountId) -> Result<Option<ChannelRef>> {
    Ok(channel_accounts::get(tx, creator, id).await?.as_ref().map(ChannelRef::from))
}

/// Until when free text may be sent to somebody; `None` where it always may, and where they never wrote.
pub(super) fn window_closes_at(contact: &Contact) -> Option<DateTime<Utc>> {
    let limited = contact.kind == ChannelKind::Whatsapp;
    contact.last_inbound_at.filter(|_| limited).map(|at| at + WINDOW)
}

impl Identity {
    fn new(contact: Contact, channel: ChannelRef) -> Self {
        Self {
            window_closes_at: window_closes_at(&contact),
            id: contact.identity,
            channel,
            provider_user_id: contact.provider_user_id,
            aliases: contact.aliases,
            verified: contact.verified,
            opted_out_at: contact.opted_out_at,
            unreachable_reason: contact.unreachable_reason,
            last_inbound_at: contact.last_inbound_at,
        }
    }
}
