//! A message that carries files: what stands in the conversation for them, and what is honestly said about them.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{
    AttachmentId, ConversationId, CreatorId, TurnId,
    attachment::AttachmentKind,
    conversation::{Author, Message, MessageStatus},
};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    StoreError, Tx,
    attachments::{self, Attachment},
    clients,
    conversations::{self, Handler, NewMessage},
};
use uuid::Uuid;

use super::{session::ClientSession, view::WidgetMessage};
use crate::{
    files::sign,
    road::phrases::{Language, Phrase, say},
};

/// For so long the same thing is not said again: ten pictures in a row get one answer.
const ONCE_IN: TimeDelta = TimeDelta::minutes(10);
/// Latest messages among which it would stand.
const LOOK_BACK: u32 = 20;

/// Files that are sent.
pub(super) struct Files<'a> {
    pub(super) ids: &'a [AttachmentId],
    /// By which a repeat is known.
    pub(super) client_message_id: Uuid,
}

/// Files that were sent.
pub(super) struct Carried {
    /// The message that carries them, and the place of its event.
    pub(super) message: (i64, Message),
    pub(super) attachments: Vec<Attachment>,
    /// What was said about them.
    pub(super) said: Vec<(i64, Message)>,
    /// Whether they were sent before: the sender's second try.
    pub(super) repeated: bool,
}

impl Carried {
    /// As the client sees it.
    pub(super) fn shown(&self) -> WidgetMessage {
        WidgetMessage::carrying(&self.message.1, &self.attachments)
    }
}

/// Puts the files into the conversation, as those of messengers stand there, and says what the engine cannot do with
/// them, unless a person answers. `None`: another request does it at this moment.
pub(super) async fn take_in(
    tx: &mut Tx,
    now: DateTime<Utc>,
    client: &ClientSession,
    files: &Files<'_>,
) -> Result<Option<Carried>> {
    let (creator, conversation) = (client.creator(), client.session.conversation_id);
    if let Some(known) = repeat(tx, creator, conversation, files.client_message_id).await? {
        return Ok(Some(known));
    }
    let mut found = Vec::with_capacity(files.ids.len());
    for (place, id) in files.ids.iter().enumerate() {
        let waits = attachments::get(tx, creator, *id)
            .await?
            .filter(|file| file.conversation_id == conversation && file.message_id.is_none());
        found.push(waits.ok_or_else(|| unknown(place))?);
    }
    let text = mention(&found);
    let new = NewMessage {
        conversation,
        turn: TurnId::new(now),
        author: Author::Client,
        text: &text,
        status: MessageStatus::Done,
        client_message_id: Some(files.client_message_id),
    };
    let message = match conversations::add_message(tx, now, creator, new).await {
        Ok(message) => message,
        Err(StoreError::Conflict { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut sent = Vec::with_capacity(found.len());
    for (place, file) in found.iter().enumerate() {
        let to = (conversation, message.1.id);
        let at = i64::try_from(place).unwrap_or_default();
        sent.push(attachments::send(tx, creator, to, file.id, at).await?.ok_or_else(|| unknown(place))?);
    }
    let said = answer(tx, now, client, &sent).await?;
    Ok(Some(Carried { message, attachments: sent, said, repeated: false }))
}

async fn repeat(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    id: Uuid,
) -> Result<Option<Carried>> {
    let Some(known) = attachments::sent_as(tx, creator, conversation, id).await? else { return Ok(None) };
    let Some(message) = conversations::message(tx, creator, known).await? else { return Ok(None) };
    let seq = message.1.seq;
    let attachments = attachments::of_messages(tx, creator, conversation, (seq, seq)).await?;
    Ok(Some(Carried { message, attachments, said: Vec::new(), repeated: true }))
}

/// Says what the engine cannot do with these files, each thing once in a while.
async fn answer(
    tx: &mut Tx,
    now: DateTime<Utc>,
    client: &ClientSession,
    files: &[Attachment],
) -> Result<Vec<(i64, Message)>> {
    let (creator, conversation) = (client.creator(), client.session.conversation_id);
    // Looked at after the message took its place, which whoever takes over waits for.
    let handling = conversations::handling(tx, creator, conversation).await?;
    if handling.is_some_and(|handling| handling.handler == Handler::Human) {
        return Ok(Vec::new());
    }
    let person = clients::get(tx, creator, client.session.client_id).await?;
    let language = Language::of_tag(person.and_then(|person| person.locale).as_deref().unwrap_or_default());
    let latest = conversations::list_messages(tx, creator, conversation, i64::MAX, LOOK_BACK).await?;
    let mut said: Vec<(i64, Message)> = Vec::new();
    for file in files {
        let text = say(about(file.kind), language);
        let known = |message: &Message| {
            message.author == Author::Engine && message.text == text && now - message.created_at < ONCE_IN
        };
        if latest.iter().chain(&said).any(|(_, message)| known(message)) {
            continue;
        }
        let new = NewMessage {
            conversation,
            turn: TurnId::new(now),
            author: Author::Engine,
            text,
            status: MessageStatus::Done,
            client_message_id: None,
        };
        said.push(conversations::add_message(tx, now, creator, new).await?);
    }
    Ok(said)
}

/// What a client is told who sent such a file.
const fn about(kind: AttachmentKind) -> Phrase {
    match kind {
        AttachmentKind::Audio => Phrase::CannotListen,
        AttachmentKind::Image | AttachmentKind::Video => Phrase::CannotSee,
        AttachmentKind::Pdf | AttachmentKind::Text | AttachmentKind::Other => Phrase::CannotOpen,
    }
}

/// What stands in the conversation for files: a line for each.
fn mention(files: &[Attachment]) -> String {
    files.iter().map(|file| format!("{} {}", sign(file.kind), file.name)).collect::<Vec<_>>().join("\n")
}

fn unknown(place: usize) -> Problem {
    Problem::invalid(
        &format!("/attachments/{place}"),
        "No such file waits to be sent here. Send the file itself first.",
    )
}
