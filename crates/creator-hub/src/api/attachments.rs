//! Files that clients sent, over every channel.

use axum::{extract::State, response::Response};
use coxswain_domain::{AttachmentId, attachment::AttachmentKind};
use coxswain_http::{Problem, Result, download};
use coxswain_store::attachments;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::Id;
use crate::{HubState, auth::Listener};

/// A file that a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Attachment {
    /// Its id, by which it is fetched.
    id: AttachmentId,
    /// Its name.
    name: String,
    /// What its content is, whatever its name says.
    kind: AttachmentKind,
    /// Its media type, by its content.
    mime: String,
    /// Its size in bytes.
    bytes: i64,
}

impl From<&attachments::Attachment> for Attachment {
    fn from(found: &attachments::Attachment) -> Self {
        Self {
            id: found.id,
            name: found.name.clone(),
            kind: found.kind,
            mime: found.mime.clone(),
            bytes: found.bytes,
        }
    }
}

/// A file that a client sent, to be saved. It never opens as a page: it comes as a download, in a sandbox.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "Inbox", params(("id" = AttachmentId, Path)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>)))]
pub(crate) async fn fetch(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<AttachmentId>,
) -> Result<Response> {
    let mut tx = hub.db.read(caller.creator).await?;
    let found = attachments::get(&mut tx, caller.creator, id).await?;
    drop(tx);
    // What was received and not sent is nobody's to read yet.
    let found = found.filter(|found| found.message_id.is_some()).ok_or_else(missing)?;
    let file = hub.media.open_file(&found.file_key).await.map_err(|error| Problem::internal(&error))?;
    Ok(download::answer(file.ok_or_else(missing)?, &found))
}

fn missing() -> Problem {
    Problem::not_found("file")
}
