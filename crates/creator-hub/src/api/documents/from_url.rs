//! Taking in a web page or a file by its address.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{DocumentId, FolderId, KnowledgeBaseId, VersionId, document::DocumentKind};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::documents::{self, FETCH_JOB, NewDocument, NewVersion, StoredFile};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::{DocumentView, change::is_web, read::find, upload::place};
use crate::{HubState, auth::Editor, idempotency::Key};

/// A document on the web.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromUrlRequest {
    /// Its address, by http or https.
    url: String,
    /// The base it goes into.
    knowledge_base_id: KnowledgeBaseId,
    /// The folder it goes into.
    folder_id: Option<FolderId>,
}

/// Takes a document in by its address: it is fetched and read in the background. Addresses within
/// private networks are refused.
#[utoipa::path(post, path = "/api/v1/documents/from-url", tag = "Knowledge", request_body = FromUrlRequest,
    responses((status = 202, description = "Noted; it will be fetched", body = DocumentView)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Editor,
    key: Key,
    Json(form): Json<FromUrlRequest>,
) -> Result<Response> {
    let creator = caller.creator;
    let request = key.request(creator, "documents.from_url", &form)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let url = form.url.trim();
    let parsed = Url::parse(url).ok().filter(|_| is_web(url));
    let parsed = parsed
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .ok_or_else(|| Problem::invalid("/url", "Use an address that begins with http:// or https://."))?;
    let now = hub.clock.now();
    let mut tx = hub.db.write(creator).await?;
    place(&mut tx, creator, form.knowledge_base_id, form.folder_id).await?;
    let document = NewDocument {
        id: DocumentId::new(now),
        knowledge_base_id: form.knowledge_base_id,
        folder_id: form.folder_id,
        title: title_of(&parsed),
        // Until the server says what it is.
        kind: DocumentKind::Html,
        citation_url: Some(parsed.to_string()),
    };
    documents::insert(&mut tx, now, creator, &document).await?;
    let nothing = StoredFile {
        key: String::new(),
        name: parsed.to_string(),
        kind: DocumentKind::Html,
        bytes: 0,
        sha256: Vec::new(),
    };
    let version = NewVersion {
        id: VersionId::new(now),
        document_id: document.id,
        file: nothing,
        source_url: Some(parsed.to_string()),
    };
    documents::add_version(&mut tx, now, creator, &version).await?;
    documents::enqueue(&mut tx, now, creator, FETCH_JOB, document.id, version.id).await?;
    let shown: DocumentView = find(&mut tx, creator, document.id).await?.into();
    let response = request.commit(tx, now, StatusCode::ACCEPTED, &shown).await?;
    hub.progress.changed(creator, document.id);
    hub.work.wake();
    Ok(response)
}

/// A title until the page's own is known: host and path.
fn title_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}{}", url.path().trim_end_matches('/')).chars().take(200).collect()
}
