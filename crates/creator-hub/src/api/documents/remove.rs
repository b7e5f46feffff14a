//! Deleting documents.

use axum::{extract::State, http::StatusCode};
use coxswain_domain::DocumentId;
use coxswain_http::{Problem, Result};
use coxswain_store::{
    audit::{self, NewEntry},
    documents,
};
use serde_json::json;

use super::super::input::Id;
use crate::{HubState, auth::Editor};

/// Deletes a document with its versions, files, text and vectors, and empties what old answers quoted of it.
#[utoipa::path(delete, path = "/api/v1/documents/{id}", tag = "Knowledge", params(("id" = DocumentId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<DocumentId>,
) -> Result<StatusCode> {
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    let removed = documents::remove(&mut tx, now, caller.creator, id)
        .await?
        .ok_or_else(|| Problem::not_found("document"))?;
    let entry = NewEntry {
        actor: &caller.actor,
        action: "document.deleted",
        subject: Some(id.to_string()),
        detail: json!({ "title": removed.titles.first() }),
    };
    audit::record(&mut tx, now, caller.creator, entry).await?;
    tx.commit().await?;
    discard_files(&hub, &removed.files).await;
    hub.progress.changed(caller.creator, id);
    hub.work.wake();
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes files whose rows are gone. What fails is logged: no row leads there any more.
pub(in crate::api) async fn discard_files(hub: &HubState, keys: &[String]) {
    for key in keys {
        if let Err(error) = hub.files.delete(key).await {
            tracing::error!(%error, key, "a deleted document's file could not be removed");
        }
    }
}
