//! A real message to oneself, to see that a channel works.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{ChannelAccountId, ClientId, CreatorId};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx,
    conversations::{self, InboxFilter},
    identities,
    page::Page,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{find, note, refused};
use crate::{HubState, api::input::Id, auth::Admin, idempotency::Key};

/// Whom to write to.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestMessageRequest {
    /// A client who has written to this channel: messengers let nobody else be written to. Absent: who wrote last.
    client_id: Option<ClientId>,
}

/// A message that was taken by the messenger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestMessage {
    /// To whom.
    client_id: ClientId,
    /// The provider's id of the message.
    provider_message_id: String,
}

/// Sends a test message at once and waits for the messenger's answer.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test-messages", tag = "Channels",
    params(("id" = ChannelAccountId, Path)), request_body = TestMessageRequest,
    responses((status = 200, description = "The messenger took it", body = TestMessage)))]
pub(crate) async fn send(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
    key: Key,
    Json(form): Json<TestMessageRequest>,
) -> Result<Response> {
    let creator = caller.creator;
    let request = key.request(creator, "channels.test_messages", &(id, &form))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut tx = hub.db.read(creator).await?;
    let (account, connection) = find(&mut tx, creator, id).await?;
    let client = match form.client_id {
        Some(client) => Some(client),
        None => who_wrote_last(&mut tx, creator, id).await?,
    };
    let contact = match client {
        Some(client) => identities::reach(&mut tx, creator, client)
            .await?
            .into_iter()
            .find(|contact| contact.account == id),
        None => None,
    };
    drop(tx);
    let to = contact.ok_or_else(|| {
        Problem::conflict(
            "nobody_wrote_yet",
            "Write to this channel from your own phone first, then send the test message again.",
        )
    })?;
    let text = format!("This is a test message from \u{201c}{}\u{201d}. It works.", account.name);
    let sent = hub.messengers()?.send_test(&connection, &to.provider_user_id, &text).await;
    let provider_message_id = sent.map_err(refused)?;
    let mut tx = hub.db.write(creator).await?;
    note(&hub, &mut tx, &caller, "channel.tested", id, json!({ "client": to.client })).await?;
    let sent = TestMessage { client_id: to.client, provider_message_id };
    request.commit(tx, hub.clock.now(), StatusCode::OK, &sent).await
}

async fn who_wrote_last(
    tx: &mut Tx,
    creator: CreatorId,
    channel: ChannelAccountId,
) -> Result<Option<ClientId>> {
    let filter = InboxFilter { account: Some(channel), ..InboxFilter::default() };
    let latest = conversations::inbox(tx, creator, &filter, Page { limit: 1, after: None }).await?;
    Ok(latest.items.first().map(|entry| entry.client_id))
}
