//! Changing what is said about a document.

use axum::extract::State;
use chrono::NaiveDate;
use coxswain_domain::{DocumentId, FolderId};
use coxswain_http::{Json, Result};
use coxswain_store::{documents, indexes};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use super::{
    super::{
        folders,
        input::{Checks, Given, Id},
    },
    DocumentView,
    read::find,
};
use crate::{HubState, auth::Editor};

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentPatch {
    /// Its title.
    title: Option<String>,
    /// Whether answers may use it. Takes effect with the next answer.
    enabled: Option<bool>,
    /// The folder it goes into; null for the top.
    #[serde(default)]
    #[schema(value_type = Option<FolderId>)]
    folder_id: Given<FolderId>,
    /// When its source was published, `YYYY-MM-DD`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    published_on: Given<String>,
    /// Where clients can read it, by http or https.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    citation_url: Given<String>,
}

/// Changes a document's title, place, date or link, or switches it on or off.
#[utoipa::path(patch, path = "/api/v1/documents/{id}", tag = "Knowledge", params(("id" = DocumentId, Path)),
    request_body = DocumentPatch, responses((status = 200, description = "Changed", body = DocumentView)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<DocumentId>,
    Json(patch): Json<DocumentPatch>,
) -> Result<Json<DocumentView>> {
    let now = hub.clock.now();
    let mut tx = hub.db.write(caller.creator).await?;
    let mut document = find(&mut tx, caller.creator, id).await?;
    let mut checks = Checks::default();
    let mut switched = false;
    if let Some(title) = &patch.title {
        document.title = checks.text("/title", title, 200);
    }
    if let Given::To(date) = patch.published_on {
        let known = date.as_deref().is_none_or(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok());
        checks.that(known, "/published_on", "Use a date as in 2026-05-31, or null.");
        document.published_on = date;
    }
    if let Given::To(url) = patch.citation_url {
        let web = url.as_deref().is_none_or(is_web);
        checks.that(web, "/citation_url", "Use an address that begins with http:// or https://, or null.");
        document.citation_url = url;
    }
    checks.done()?;
    if let Given::To(folder) = patch.folder_id {
        if let Some(folder) = folder {
            folders::in_base(&mut tx, caller.creator, folder, document.knowledge_base_id, "/folder_id")
                .await?;
        }
        document.folder_id = folder;
    }
    if let Some(enabled) = patch.enabled
        && enabled != document.enabled
    {
        document.enabled = enabled;
        switched = true;
    }
    documents::update(&mut tx, now, caller.creator, &document).await?;
    if switched && let Some(version) = documents::active_version(&mut tx, caller.creator, id).await? {
        indexes::switched(&mut tx, now, caller.creator, id, version).await?;
    }
    tx.commit().await?;
    document.updated_at = now;
    hub.progress.changed(caller.creator, id);
    Ok(Json(document.into()))
}

/// Whether a browser may be sent there: http or https only, so that no link runs script.
pub(super) fn is_web(text: &str) -> bool {
    text.len() <= 2000
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
