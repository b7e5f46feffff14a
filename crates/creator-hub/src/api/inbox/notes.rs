//! Notes on a conversation, for the team only.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, NoteId};
use coxswain_http::{Json, PageOf, Result};
use coxswain_store::notes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::find;
use crate::{
    HubState,
    api::input::{Checks, Id},
    auth::{Listener, Responder},
    idempotency::Key,
};

/// Characters a note may have.
const TEXT: usize = 4000;

/// A note on a conversation. No client ever reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Note {
    /// Its id.
    id: NoteId,
    /// Who wrote it, as they were called then.
    member_name: String,
    /// What it says.
    text: String,
    /// When it was written.
    created_at: DateTime<Utc>,
}

impl From<notes::Note> for Note {
    fn from(note: notes::Note) -> Self {
        Self { id: note.id, member_name: note.member_name, text: note.text, created_at: note.created_at }
    }
}

/// The notes on a conversation, the oldest first.
#[utoipa::path(get, path = "/api/v1/inbox/{id}/notes", tag = "Inbox", params(("id" = ConversationId, Path)),
    responses((status = 200, description = "The latest 500, on one page", body = PageOf<Note>)))]
pub(crate) async fn list(
    State(hub): State<HubState>,
    caller: Listener,
    Id(id): Id<ConversationId>,
) -> Result<Json<PageOf<Note>>> {
    let mut tx = hub.db.read(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    let found = notes::of_conversation(&mut tx, caller.creator, id).await?;
    Ok(Json(PageOf { items: found.into_iter().map(Note::from).collect(), next_cursor: None }))
}

/// A new note.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRequest {
    /// What it says.
    text: String,
}

/// Writes a note.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/notes", tag = "Inbox", params(("id" = ConversationId, Path)),
    request_body = NoteRequest, responses((status = 201, description = "Written", body = Note)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Responder,
    Id(id): Id<ConversationId>,
    key: Key,
    Json(form): Json<NoteRequest>,
) -> Result<Response> {
    let request = key.request(caller.creator, "inbox.notes", &(id, &form))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let mut checks = Checks::default();
    let text = checks.text("/text", &form.text, TEXT);
    checks.done()?;
    let now = hub.clock.now();
    let note = notes::Note {
        id: NoteId::new(now),
        conversation_id: id,
        member_id: caller.actor.id.unwrap_or_default().into(),
        member_name: caller.actor.name.clone().unwrap_or_default(),
        text,
        created_at: now,
    };
    let mut tx = hub.db.write(caller.creator).await?;
    find(&mut tx, caller.creator, id).await?;
    notes::insert(&mut tx, caller.creator, &note).await?;
    let answer = request.commit(tx, now, StatusCode::CREATED, &Note::from(note)).await?;
    hub.live.touch(id);
    Ok(answer)
}
