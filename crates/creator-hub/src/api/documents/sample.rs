//! The sample handbook, for a creator who wants to see how it works before they upload anything.

use axum::{extract::State, http::StatusCode, response::Response};
use coxswain_domain::{DocumentId, KnowledgeBaseId, VersionId, document::DocumentKind};
use coxswain_http::{PageOf, Problem, Result};
use coxswain_store::documents::{self, NewDocument, StoredFile};

use super::{
    super::input::Id,
    DocumentView,
    upload::{place, queue},
};
use crate::{HubState, auth::Editor, idempotency::Key};

const NAME: &str = "steady-water-handbook.md";
const TITLE: &str = "The Steady Water Handbook";
const TEXT: &[u8] = include_bytes!("../../../assets/sample/steady-water-handbook.md");

/// Loads the sample handbook into a base.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{id}/sample", tag = "Knowledge",
    params(("id" = KnowledgeBaseId, Path)),
    responses((status = 202, description = "Stored; it will be read", body = PageOf<DocumentView>)))]
pub(crate) async fn load(
    State(hub): State<HubState>,
    caller: Editor,
    Id(base): Id<KnowledgeBaseId>,
    key: Key,
) -> Result<Response> {
    let (creator, now) = (caller.creator, hub.clock.now());
    let request = key.request(creator, "knowledge_bases.sample", &base)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let version = VersionId::new(now);
    let failed = |error: coxswain_store::files::FileError| Problem::internal(&error);
    let mut incoming = hub.files.receive(creator, version, TEXT.len() as u64).await.map_err(failed)?;
    incoming.write(TEXT).await.map_err(failed)?;
    let kept = incoming.keep().await.map_err(failed)?;
    let file = StoredFile {
        key: kept.key.clone(),
        name: NAME.into(),
        kind: DocumentKind::Markdown,
        bytes: i64::try_from(kept.bytes).unwrap_or(i64::MAX),
        sha256: kept.sha256.clone(),
    };
    let mut tx = hub.db.write(creator).await?;
    place(&mut tx, creator, base, None).await?;
    let document = NewDocument {
        id: DocumentId::new(now),
        knowledge_base_id: base,
        folder_id: None,
        title: TITLE.into(),
        kind: DocumentKind::Markdown,
        citation_url: None,
    };
    documents::insert(&mut tx, now, creator, &document).await?;
    let shown = queue(&hub, &mut tx, creator, document.id, version, file).await?;
    let page = PageOf { items: vec![shown], next_cursor: None };
    let response = request.commit(tx, now, StatusCode::ACCEPTED, &page).await?;
    kept.commit();
    hub.progress.changed(creator, document.id);
    hub.work.wake();
    Ok(response)
}
