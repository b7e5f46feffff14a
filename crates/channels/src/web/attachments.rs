//! Files that clients send in the widget: received one by one, then sent along with a message.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use coxswain_domain::{AttachmentId, VersionId, attachment::AttachmentKind, channel::WidgetSettings};
use coxswain_http::{Json, Problem, Result, download};
use coxswain_store::{
    StoreError,
    attachments::{self, Attachment},
    channel_accounts,
    files::{FileError, Kept},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{account::switched_off, session::ClientSession, state::WidgetState};
use crate::files::{self, Format, HEAD, Plain};

/// The largest file, in bytes.
pub(super) const LARGEST: u64 = 10 << 20;
/// Files in one message.
pub(super) const MOST: usize = 3;
/// Files that may wait to be sent in one conversation: more are somebody filling our disk.
const MOST_UNSENT: i64 = 6;
/// A sender this slow does not want to arrive.
const PATIENCE: Duration = Duration::from_mins(5);

/// A file as a client sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WidgetAttachment {
    /// Its id.
    id: AttachmentId,
    /// Its name.
    name: String,
    /// What its content is.
    kind: AttachmentKind,
    /// Its media type, by its content.
    mime: String,
    /// Its size in bytes.
    bytes: i64,
}

impl From<&Attachment> for WidgetAttachment {
    fn from(found: &Attachment) -> Self {
        Self {
            id: found.id,
            name: found.name.clone(),
            kind: found.kind,
            mime: found.mime.clone(),
            bytes: found.bytes,
        }
    }
}

/// What is said of a file that comes.
#[derive(Deserialize, IntoParams)]
pub(super) struct AttachmentQuery {
    /// What the client's device calls it.
    name: String,
}

/// Receives a file, to be sent along with a message within a day. The body is the file itself.
#[utoipa::path(
    put, path = "/w/attachments/{id}", tag = "widget",
    params(("id" = AttachmentId, Path, description = "The panel's own id for it: receiving it again makes no second one."), AttachmentQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), security(("widget_session" = [])),
    responses(
        (status = 201, description = "Received.", body = WidgetAttachment),
        (status = 200, description = "It was received before.", body = WidgetAttachment),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 408, description = "It came too slowly.", body = Problem),
        (status = 409, description = "The id is taken, or too many files wait to be sent.", body = Problem),
        (status = 413, description = "It is larger than 10 MB.", body = Problem),
        (status = 415, description = "Its content is of a kind that this widget does not take.", body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn receive(
    State(state): State<WidgetState>,
    client: ClientSession,
    Path(id): Path<String>,
    Query(query): Query<AttachmentQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let id: AttachmentId = id.parse().map_err(|_| Problem::invalid("/id", "Use a UUID."))?;
    state.limits.upload(client.session.id, client.address)?;
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > LARGEST) {
        return Err(too_large());
    }
    let creator = client.creator();
    let mut tx = state.db.read(creator).await?;
    if let Some(known) = attachments::get(&mut tx, creator, id).await? {
        return again(&client, &known);
    }
    let account = channel_accounts::get(&mut tx, creator, client.session.channel_account_id).await?;
    let settings = account.filter(|account| account.enabled).ok_or_else(switched_off)?.settings;
    if settings.sendable().is_empty() {
        return Err(Problem::forbidden("This chat takes no files."));
    }
    if attachments::unsent(&mut tx, creator, client.session.conversation_id).await? >= MOST_UNSENT {
        return Err(crowded());
    }
    drop(tx);
    let (kept, format) = tokio::time::timeout(PATIENCE, store(&state, &client, &settings, body))
        .await
        .map_err(|_| too_slow())??;
    keep(&state, &client, (id, &query.name), kept, format).await
}

/// Reads the body onto the disk, and what it is.
async fn store(
    state: &WidgetState,
    client: &ClientSession,
    settings: &WidgetSettings,
    body: Body,
) -> Result<(Kept, Format)> {
    // Under a name of our own: the panel's id must not lead to somebody's file.
    let place = VersionId::new(state.clock.now());
    let mut incoming =
        state.media.receive(client.creator(), place, LARGEST).await.map_err(|error| unkept(&error))?;
    let (mut head, mut plain) = (Vec::with_capacity(HEAD), Plain::default());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| broke_off())?;
        head.extend(chunk.iter().take(HEAD - head.len()));
        plain.feed(&chunk);
        incoming.write(&chunk).await.map_err(|error| unkept(&error))?;
    }
    if head.is_empty() {
        return Err(Problem::invalid("", "The file is empty."));
    }
    let format = files::marked(&head).or_else(|| plain.format(&head)).unwrap_or(files::UNKNOWN);
    if !settings.sendable().contains(&format.kind) {
        return Err(wrong_kind(settings.sendable()));
    }
    Ok((incoming.keep().await.map_err(|error| unkept(&error))?, format))
}

/// Names the file in the database, unless its twin was faster.
async fn keep(
    state: &WidgetState,
    client: &ClientSession,
    (id, name): (AttachmentId, &str),
    kept: Kept,
    format: Format,
) -> Result<Response> {
    let (now, creator, conversation) = (state.clock.now(), client.creator(), client.session.conversation_id);
    let new = Attachment {
        id,
        conversation_id: conversation,
        message_id: None,
        place: 0,
        file_key: kept.key.clone(),
        name: files::name_for(name, format, "file"),
        kind: format.kind,
        mime: format.mime.to_owned(),
        bytes: i64::try_from(kept.bytes).unwrap_or(i64::MAX),
        created_at: now,
    };
    let mut tx = state.db.write(creator).await?;
    if attachments::unsent(&mut tx, creator, conversation).await? >= MOST_UNSENT {
        return Err(crowded());
    }
    match attachments::insert(&mut tx, creator, &new).await {
        Ok(()) => {}
        Err(StoreError::Conflict { .. }) => {
            drop(tx);
            let known = attachments::get(&mut state.db.read(creator).await?, creator, id).await?;
            return again(client, &known.ok_or_else(taken)?);
        }
        Err(error) => return Err(error.into()),
    }
    client.touch(&mut tx, now).await?;
    tx.commit().await?;
    kept.commit();
    Ok((StatusCode::CREATED, Json(WidgetAttachment::from(&new))).into_response())
}

/// What was received before under this id, if it was this client who sent it.
fn again(client: &ClientSession, known: &Attachment) -> Result<Response> {
    if known.conversation_id != client.session.conversation_id {
        return Err(taken());
    }
    Ok(Json(WidgetAttachment::from(known)).into_response())
}

/// Takes back a file that was not sent.
#[utoipa::path(
    delete, path = "/w/attachments/{id}", tag = "widget", security(("widget_session" = [])),
    params(("id" = AttachmentId, Path)),
    responses(
        (status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "No such file waits to be sent.", body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn discard(
    State(state): State<WidgetState>,
    client: ClientSession,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_| unknown())?;
    let (creator, conversation) = (client.creator(), client.session.conversation_id);
    let mut tx = state.db.write(creator).await?;
    let key = attachments::discard(&mut tx, creator, conversation, id).await?.ok_or_else(unknown)?;
    tx.commit().await?;
    if let Err(error) = state.media.delete(&key).await {
        // The sweep finds what nothing leads to.
        tracing::warn!(%error, key, "a file that was taken back could not be removed");
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A file of the client's own conversation.
#[utoipa::path(
    get, path = "/w/attachments/{id}", tag = "widget", security(("widget_session" = [])),
    params(("id" = AttachmentId, Path)),
    responses(
        (status = 200, description = "The file, to be saved.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "There is none in the client's conversation.", body = Problem),
        (status = 429, body = Problem),
    )
)]
pub(super) async fn fetch(
    State(state): State<WidgetState>,
    client: ClientSession,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = id.parse().map_err(|_| unknown())?;
    let creator = client.creator();
    let mut tx = state.db.read(creator).await?;
    let found = attachments::get(&mut tx, creator, id)
        .await?
        .filter(|found| found.conversation_id == client.session.conversation_id)
        .ok_or_else(unknown)?;
    drop(tx);
    let file = state.media.open_file(&found.file_key).await.map_err(|error| Problem::internal(&error))?;
    let file = file.ok_or_else(unknown)?;
    Ok(download::answer(file, &found))
}

fn unknown() -> Problem {
    Problem::not_found("file")
}

fn taken() -> Problem {
    Problem::conflict("conflict", "This id is taken. Send the file under another one.")
}

fn crowded() -> Problem {
    Problem::conflict(
        "too_many_files",
        format!("At most {MOST_UNSENT} files may wait to be sent. Send or take back some of them."),
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("The file is larger than {} MB. Nothing was kept.", LARGEST >> 20),
    )
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The file came too slowly. Nothing was kept.")
}

fn broke_off() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The file broke off. Nothing was kept.")
}

fn wrong_kind(taken: &[AttachmentKind]) -> Problem {
    let names: Vec<_> = taken
        .iter()
        .map(|kind| match kind {
            AttachmentKind::Image => "pictures (JPEG, PNG, WebP, GIF)",
            AttachmentKind::Pdf => "PDF",
            AttachmentKind::Text => "plain text",
            AttachmentKind::Audio => "recordings",
            AttachmentKind::Video | AttachmentKind::Other => "other files",
        })
        .collect();
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "wrong_kind",
        format!("By its content this is none of the files that this chat takes: {}.", names.join(", ")),
    )
}

fn unkept(error: &FileError) -> Problem {
    match error {
        FileError::TooLarge { .. } => too_large(),
        FileError::Io(_) => Problem::internal(error),
    }
}
