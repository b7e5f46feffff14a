//! Who answers a conversation: the creator's material, or a person.

use axum::extract::State;
use coxswain_domain::{
    ConversationId, CreatorId, TurnId,
    conversation::{Author, MessageStatus},
};
use coxswain_http::{Json, Problem, Result, events};
use coxswain_store::{
    StoreError, Tx, channel_accounts,
    conversations::{self, Handler, NewMessage},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::switched_off, messages::ensure_conversation, session::ClientSession, state::WidgetState,
};

/// The longest way to ask for a person, in characters.
const LONGEST: usize = 200;

/// Who answers now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Presence {
    /// A person of the coach's side has taken over.
    pub(super) human: bool,
    /// The client waits for a person.
    pub(super) human_wanted: bool,
    /// A person of the coach's side is writing at this moment.
    pub(super) writing: bool,
}

impl Presence {
    /// As it is in the database; nobody writes there.
    pub(super) async fn read(
        tx: &mut Tx,
        creator: CreatorId,
        conversation: ConversationId,
    ) -> Result<Self, StoreError> {
        let handling = conversations::handling(tx, creator, conversation).await?;
        Ok(handling.map_or_else(Self::default, |handling| Self {
            human: handling.handler == Handler::Human,
            human_wanted: handling.human_wanted_at.is_some(),
            writing: false,
        }))
    }
}

/// How a client asks for a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantHuman {
    /// What they pressed, in their language: it stands in the conversation as their own words. 1 to 200 characters.
    text: String,
}

/// Asks for a person. Asking again, or when one has taken over, changes nothing.
#[utoipa::path(
    post, path = "/w/human", tag = "widget", request_body = WantHuman, security(("widget_session" = [])),
    responses(
        (status = 200, body = Presence),
        (status = 401, body = Problem),
        (status = 403, description = "Not asked by the panel, or the widget is switched off.", body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem),
    )
)]
pub(super) async fn want_human(
    State(state): State<WidgetState>,
    client: ClientSession,
    Json(body): Json<WantHuman>,
) -> Result<Json<Presence>> {
    let text = body.text.replace('\0', "").trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Problem::invalid("/text", format!("Use 1 to {LONGEST} characters.")));
    }
    let (now, creator, session) = (state.clock.now(), client.creator(), &client.session);
    let conversation = session.conversation_id;
    let mut tx = state.db.write(creator).await?;
    let account = channel_accounts::get(&mut tx, creator, session.channel_account_id)
        .await?
        .filter(|account| account.enabled)
        .ok_or_else(switched_off)?;
    ensure_conversation(&mut tx, &state, &client, &account, &text).await?;
    client.touch(&mut tx, now).await?;
    let mut asked = None;
    if conversations::want_human(&mut tx, now, creator, conversation).await? {
        let words = NewMessage {
            conversation,
            turn: TurnId::new(now),
            author: Author::Client,
            text: &text,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        asked = Some(conversations::add_message(&mut tx, now, creator, words).await?);
    }
    let presence = Presence::read(&mut tx, creator, conversation).await?;
    tx.commit().await?;
    if let Some(message) = asked {
        events::announce(&state.live, conversation, message);
        state.live.touch(conversation);
    }
    Ok(Json(presence))
}
