use axum::{extract::State, http::StatusCode};
use chrono::TimeDelta;
use coxswain_domain::{
    AttachmentId, ConversationId, MessageId,
    conversation::{ConversationKind, Message},
};
use coxswain_http::{Json, Problem, Result, events};
use coxswain_store::{
    StoreError, Tx,
    attachments::{self as store, Attachment},
    channel_accounts::{self, ChannelAccount},
    conversations::{self, AcceptedBurst, Burst, Conversation},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    account::switched_off,
    attachments,
    carried::{self, Carried, Files},
    session::ClientSession,
    state::WidgetState,
    view::WidgetMessage,
};

/// The longest message, in UTF-16 units, as the panel counts them.
const LONGEST: usize = 4_000;
/// How much of the first message names the conversation, in characters.
const TITLE: usize = 80;

/// A message of the client.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWidgetMessage {
    /// What they say, at most 4,000 UTF-16 units. Empty only beside files.
    #[serde(default)]
    text: String,
    /// The panel's own id for it: sending it again makes no second message.
    client_message_id: Uuid,
    /// At most three files, received before. They stand in a message of their own, before the words.
    #[serde(default)]
    attachments: Vec<AttachmentId>,
}

/// A message that is durable now.
#[derive(Serialize, ToSchema)]
pub(super) struct WidgetMessageSent {
    /// The client's message; of files without words, the one that carries them.
    message: WidgetMessage,
    /// The message that carries the files, where there are words too.
    files: Option<WidgetMessage>,
    /// The message that will hold the answer; null: a person has taken over, and will answer, or there are no words.
    reply_id: Option<MessageId>,
}

/// Takes a message in. It is durable, and will be answered, before this answers.
#[utoipa::path(
    post, path = "/w/messages", tag = "widget", request_body = NewWidgetMessage, security(("widget_session" = [])),
    responses(
        (status = 202, description = "Taken in.", body = WidgetMessageSent),
        (status = 200, description = "It was taken in before, under the same client_message_id.", body = WidgetMessageSent),
        (status = 401, body = Problem),
        (status = 403, description = "Not asked by the panel, or the widget is switched off.", body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem),
    )
)]
pub(super) async fn send(
    State(state): State<WidgetState>,
    client: ClientSession,
    Json(mut body): Json<NewWidgetMessage>,
) -> Result<(StatusCode, Json<WidgetMessageSent>)> {
    if body.attachments.len() > attachments::MOST {
        return Err(Problem::invalid("/attachments", format!("Send at most {} files.", attachments::MOST)));
    }
    body.text = usable(&body.text, !body.attachments.is_empty())?;
    state.limits.message(client.session.id, client.address, client.session.channel_account_id)?;
    let accepted = match accept(&state, &client, &body).await? {
        Some(accepted) => accepted,
        // Its twin was committed while this one was under way: now it can be read.
        None => accept(&state, &client, &body)
            .await?
            .ok_or_else(|| Problem::conflict("conflict", "This message is being taken in right now."))?,
    };
    let sent = WidgetMessageSent {
        message: WidgetMessage::carrying(accepted.last()?, accepted.attachments()),
        files: accepted.words.as_ref().and(accepted.files.as_ref()).map(Carried::shown),
        reply_id: accepted.words.as_ref().and_then(|words| words.reply.as_ref()).map(|(_, reply)| reply.id),
    };
    let status = if accepted.repeated() { StatusCode::OK } else { StatusCode::ACCEPTED };
    accepted.announce(&state, client.session.conversation_id);
    Ok((status, Json(sent)))
}

/// What a client sent: files, words, or both.
struct Accepted {
    files: Option<Carried>,
    words: Option<AcceptedBurst>,
}

impl Accepted {
    /// The message that says most: the words, or the files where there are none.
    fn last(&self) -> Result<&Message> {
        let words = self.words.as_ref().map(|words| &words.message.1);
        let files = self.files.as_ref().map(|files| &files.message.1);
        words.or(files).ok_or_else(|| Problem::invalid("/text", "Write something."))
    }

    fn attachments(&self) -> &[Attachment] {
        self.files.as_ref().map_or(&[], |files| &files.attachments)
    }

    fn repeated(&self) -> bool {
        let (files, words) = (self.files.as_ref(), self.words.as_ref());
        files.is_none_or(|files| files.repeated) && words.is_none_or(|words| words.repeated)
    }

    /// Tells those who read the conversation, and has the answer begun.
    fn announce(self, state: &WidgetState, conversation: ConversationId) {
        let mut told = Vec::new();
        if let Some(files) = self.files.filter(|files| !files.repeated) {
            told.push(files.message);
            told.extend(files.said);
        }
        let words = self.words.filter(|words| !words.repeated);
        let mut job = None;
        if let Some(words) = words {
            let dropped = words.dropped;
            if !dropped.gone.is_empty() || !dropped.cancelled.is_empty() {
                // What was being answered is not all that is asked now.
                state.live.cancel(conversation);
            }
            told.extend(dropped.cancelled.into_iter().chain([words.message]).chain(words.reply));
            job = words.job;
        }
        if told.is_empty() {
            return;
        }
        for event in told {
            events::announce(&state.live, conversation, event);
        }
        match job {
            Some(job) => state.work.take(job),
            None => state.work.wake(),
        }
    }
}

/// The message in one transaction with the job that answers it. `None`: another request took it in meanwhile.
async fn accept(
    state: &WidgetState,
    client: &ClientSession,
    new: &NewWidgetMessage,
) -> Result<Option<Accepted>> {
    let (now, creator) = (state.clock.now(), client.creator());
    let mut tx = state.db.write(creator).await?;
    let account = channel_accounts::get(&mut tx, creator, client.session.channel_account_id)
        .await?
        .ok_or_else(switched_off)?;
    if !account.enabled {
        return Err(switched_off());
    }
    let first = match new.attachments.first() {
        Some(first) if new.text.is_empty() => store::get(&mut tx, creator, *first).await?,
        _ => None,
    };
    let title = title(first.as_ref().map_or(&new.text, |first| &first.name));
    ensure_conversation(&mut tx, state, client, &account, &title).await?;
    client.touch(&mut tx, now).await?;
    let mut accepted = Accepted { files: None, words: None };
    if !new.attachments.is_empty() {
        let files = Files { ids: &new.attachments, client_message_id: files_id(new) };
        let Some(carried) = carried::take_in(&mut tx, now, client, &files).await? else { return Ok(None) };
        accepted.files = Some(carried);
    }
    if !new.text.is_empty() {
        let written = Burst {
            conversation: client.session.conversation_id,
            text: &new.text,
            client_message_id: Some(new.client_message_id),
            // Here the answer is watched as it grows: it begins at once, and anew when more is written.
            window: TimeDelta::zero(),
            longest: TimeDelta::zero(),
        };
        match conversations::accept_burst(&mut tx, now, creator, written, Some(state.work.lease())).await {
            Ok(words) => accepted.words = Some(words),
            Err(StoreError::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    tx.commit().await?;
    Ok(Some(accepted))
}

/// The id of the message that carries the files: one of its own where there are words too, always the same.
const fn files_id(new: &NewWidgetMessage) -> Uuid {
    if new.text.is_empty() {
        return new.client_message_id;
    }
    Uuid::from_u128(new.client_message_id.as_u128() ^ 1)
}

/// Makes the client's conversation on the first occasion.
pub(super) async fn ensure_conversation(
    tx: &mut Tx,
    state: &WidgetState,
    client: &ClientSession,
    account: &ChannelAccount,
    title: &str,
) -> Result<()> {
    let now = state.clock.now();
    let conversation = Conversation {
        id: client.session.conversation_id,
        kind: ConversationKind::Client,
        client_id: Some(client.session.client_id),
        channel_account_id: Some(account.id),
        member_id: None,
        title: title.to_owned(),
        knowledge_base_ids: account.settings.knowledge_base_ids.clone(),
        created_at: now,
        updated_at: now,
    };
    conversations::create(tx, client.creator(), &conversation).await?;
    Ok(())
}

/// The text without what no database keeps and nobody can see. Only beside files it may say nothing.
fn usable(text: &str, beside_files: bool) -> Result<String> {
    let text = text.replace('\0', "");
    let text = text.trim();
    if text.is_empty() && !beside_files {
        return Err(Problem::invalid("/text", "Write something."));
    }
    if text.encode_utf16().count() > LONGEST {
        return Err(Problem::invalid("/text", format!("Use at most {LONGEST} characters.")));
    }
    Ok(text.to_owned())
}

fn title(text: &str) -> String {
    let line = text.lines().next().unwrap_or(text);
    if line.chars().count() <= TITLE {
        return line.to_owned();
    }
    line.chars().take(TITLE - 1).chain(['…']).collect()
}

/// Stops the answer that is being written; what has come of it stays.
#[utoipa::path(
    post, path = "/w/cancel", tag = "widget", security(("widget_session" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem))
)]
pub(super) async fn cancel(State(state): State<WidgetState>, client: ClientSession) -> Result<StatusCode> {
    let conversation = client.session.conversation_id;
    let written_here = state.live.join(conversation).growing.is_some();
    if written_here {
        // The writer knows the newest words; it settles the message.
        state.live.cancel(conversation);
        return Ok(StatusCode::NO_CONTENT);
    }
    // It waits for its turn, or another node writes it and notices when it next saves.
    let mut tx = state.db.write(client.creator()).await?;
    let stopped =
        conversations::cancel_streaming(&mut tx, state.clock.now(), client.creator(), conversation).await?;
    tx.commit().await?;
    for event in stopped {
        events::announce(&state.live, conversation, event);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_short_line() {
        assert_eq!(title("How?\nTell me"), "How?");
        let long = title(&"é".repeat(200));
        assert_eq!(long.chars().count(), TITLE);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_message_says_something_and_not_too_much() {
        assert_eq!(usable(" a\0b \n", false).unwrap(), "ab");
        for text in ["", " \n\t", "\0"] {
            assert_eq!(usable(text, false).unwrap_err().errors[0].pointer, "/text");
            assert_eq!(usable(text, true).unwrap(), "");
        }
        assert!(usable(&"🚣".repeat(LONGEST / 2), false).is_ok());
        assert!(usable(&"🚣".repeat(LONGEST / 2 + 1), true).is_err());
    }
}
