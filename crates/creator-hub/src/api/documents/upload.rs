//! Uploading documents and new versions of them: streamed to the disk, bounded, queued to be read.

use std::path::Path;

use axum::{
    extract::{Multipart, State, multipart::Field},
    http::StatusCode,
    response::Response,
};
use coxswain_domain::{CreatorId, DocumentId, FolderId, KnowledgeBaseId, VersionId, document::DocumentKind};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Tx,
    documents::{self, INGEST_JOB, NewDocument, NewVersion, StoredFile},
    files::{FileError, Kept},
};
use utoipa::ToSchema;

use super::{
    super::{bases, folders, input::Id},
    DocumentView,
    read::find,
};
use crate::{HubState, auth::Editor, idempotency::Key};

/// Characters a title may have.
const TITLE: usize = 200;
/// Bytes a text field of a form may have.
const FIELD: usize = 4096;

/// A new document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
pub(crate) struct DocumentForm {
    /// The base it goes into. Must come before the file.
    knowledge_base_id: KnowledgeBaseId,
    /// The folder it goes into.
    folder_id: Option<FolderId>,
    /// Its title; the file's name when absent.
    title: Option<String>,
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A new version of a document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
pub(crate) struct VersionForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What a form held.
struct Upload {
    base: Option<KnowledgeBaseId>,
    folder: Option<FolderId>,
    title: Option<String>,
    file: StoredFile,
    kept: Kept,
    version: VersionId,
}

/// Takes a document in. It is read in the background: follow its stage.
#[utoipa::path(post, path = "/api/v1/documents", tag = "Knowledge",
    request_body(content = DocumentForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "Stored; it will be read", body = DocumentView)))]
pub(crate) async fn create(
    State(hub): State<HubState>,
    caller: Editor,
    key: Key,
    form: Multipart,
) -> Result<Response> {
    let creator = caller.creator;
    let upload = receive(&hub, creator, form).await?;
    let base = upload
        .base
        .ok_or_else(|| Problem::invalid("/knowledge_base_id", "Say which knowledge base it goes into."))?;
    let content = (base, upload.folder, &upload.title, &upload.file.name, &upload.file.sha256);
    let request = key.request(creator, "documents.create", &content)?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let now = hub.clock.now();
    let mut tx = hub.db.write(creator).await?;
    place(&mut tx, creator, base, upload.folder).await?;
    let document = NewDocument {
        id: DocumentId::new(now),
        knowledge_base_id: base,
        folder_id: upload.folder,
        title: upload.title.unwrap_or_else(|| title_of(&upload.file.name)),
        kind: upload.file.kind,
        citation_url: None,
    };
    documents::insert(&mut tx, now, creator, &document).await?;
    let shown = queue(&hub, &mut tx, creator, document.id, upload.version, upload.file).await?;
    let response = request.commit(tx, now, StatusCode::ACCEPTED, &shown).await?;
    upload.kept.commit();
    hub.progress.changed(creator, document.id);
    hub.work.wake();
    Ok(response)
}

/// Takes a new version in. The one before answers until this one has been read.
#[utoipa::path(post, path = "/api/v1/documents/{id}/versions", tag = "Knowledge",
    params(("id" = DocumentId, Path)),
    request_body(content = VersionForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "Stored; it will be read", body = DocumentView)))]
pub(crate) async fn add_version(
    State(hub): State<HubState>,
    caller: Editor,
    Id(id): Id<DocumentId>,
    key: Key,
    form: Multipart,
) -> Result<Response> {
    let creator = caller.creator;
    find(&mut hub.db.read(creator).await?, creator, id).await?;
    let upload = receive(&hub, creator, form).await?;
    let request =
        key.request(creator, "documents.add_version", &(id, &upload.file.name, &upload.file.sha256))?;
    if let Some(answer) = request.answered(&hub.db).await? {
        return Ok(answer);
    }
    let now = hub.clock.now();
    let mut tx = hub.db.write(creator).await?;
    find(&mut tx, creator, id).await?;
    let shown = queue(&hub, &mut tx, creator, id, upload.version, upload.file).await?;
    let response = request.commit(tx, now, StatusCode::ACCEPTED, &shown).await?;
    upload.kept.commit();
    hub.progress.changed(creator, id);
    hub.work.wake();
    Ok(response)
}

/// Adds the version and the job that will read it; the document as it is then.
pub(super) async fn queue(
    hub: &HubState,
    tx: &mut Tx,
    creator: CreatorId,
    document: DocumentId,
    version: VersionId,
    file: StoredFile,
) -> Result<DocumentView> {
    let now = hub.clock.now();
    let new = NewVersion { id: version, document_id: document, file, source_url: None };
    documents::add_version(tx, now, creator, &new).await?;
    documents::enqueue(tx, now, creator, INGEST_JOB, document, version).await?;
    Ok(find(tx, creator, document).await?.into())
}

/// Refuses a base or a folder that is not there.
pub(super) async fn place(
    tx: &mut Tx,
    creator: CreatorId,
    base: KnowledgeBaseId,
    folder: Option<FolderId>,
) -> Result<()> {
    bases::find(tx, creator, base).await?;
    if let Some(folder) = folder {
        folders::in_base(tx, creator, folder, base, "/folder_id").await?;
    }
    Ok(())
}

/// Reads a form, its file onto the disk.
async fn receive(hub: &HubState, creator: CreatorId, mut form: Multipart) -> Result<Upload> {
    let (mut base, mut folder, mut title) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name().unwrap_or_default() {
            "knowledge_base_id" => base = Some(id(field, "/knowledge_base_id").await?),
            "folder_id" => folder = Some(id(field, "/folder_id").await?),
            "title" => title = Some(text(field, "/title").await?).filter(|text| !text.is_empty()),
            "file" => {
                let version = VersionId::new(hub.clock.now());
                let (file, kept) = store(hub, creator, version, field).await?;
                let title = title.map(|title: String| title.chars().take(TITLE).collect());
                return Ok(Upload { base, folder, title, file, kept, version });
            }
            other => {
                let pointer = format!("/{other}");
                return Err(Problem::invalid(&pointer, "There is no such field, or it came after the file."));
            }
        }
    }
    Err(Problem::invalid("/file", "Send a file, after the other fields."))
}

async fn text(mut field: Field<'_>, pointer: &str) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD {
            return Err(Problem::invalid(pointer, format!("Use at most {FIELD} bytes.")));
        }
    }
    String::from_utf8(bytes)
        .map(|text| text.trim().to_owned())
        .map_err(|_| Problem::invalid(pointer, "Use UTF-8."))
}

async fn id<T: std::str::FromStr>(field: Field<'_>, pointer: &str) -> Result<T> {
    text(field, pointer).await?.parse().map_err(|_| Problem::invalid(pointer, "This is not an id."))
}

async fn store(
    hub: &HubState,
    creator: CreatorId,
    version: VersionId,
    mut field: Field<'_>,
) -> Result<(StoredFile, Kept)> {
    let name = file_name(field.file_name().unwrap_or_default());
    let kind = kind_of(&name)?;
    let limit = hub.limits.upload_bytes;
    let mut incoming = hub.files.receive(creator, version, limit).await.map_err(|error| unkept(&error))?;
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        incoming.write(&chunk).await.map_err(|error| unkept(&error))?;
    }
    let kept = incoming.keep().await.map_err(|error| unkept(&error))?;
    if kept.bytes == 0 {
        return Err(Problem::invalid("/file", "The file is empty."));
    }
    let bytes = i64::try_from(kept.bytes).unwrap_or(i64::MAX);
    let file = StoredFile { key: kept.key.clone(), name, kind, bytes, sha256: kept.sha256.clone() };
    Ok((file, kept))
}

/// The kind a file's name says it is, or a problem that names what can be read.
pub(super) fn kind_of(name: &str) -> Result<DocumentKind> {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    DocumentKind::from_extension(extension).ok_or_else(|| {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_format",
            format!(
                "We cannot read {name:?}. We read PDF, DOCX, PPTX, EPUB, HTML, Markdown (.md), plain text (.txt), \
                 CSV, SRT and VTT."
            ),
        )
    })
}

/// The last part of what a browser calls a file, without control characters.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|char| !char.is_control()).take(255).collect()
}

/// A title from a file's name: without its extension, its underscores as spaces.
pub(super) fn title_of(name: &str) -> String {
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
    let title = stem.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let title = if title.is_empty() { name.to_owned() } else { title };
    title.chars().take(TITLE).collect()
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Problem {
    Problem::new(error.status(), "unreadable_body", format!("The form broke off: {}.", error.body_text()))
}

fn unkept(error: &FileError) -> Problem {
    match error {
        FileError::TooLarge { limit } => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!(
                "The file is larger than {} MB. Nothing was stored. Split it, or shrink its pictures.",
                limit >> 20
            ),
        ),
        FileError::Io(_) => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_safely() {
        assert_eq!(file_name("C:\\Users\\mira\\a\u{7}b.pdf"), "ab.pdf");
        assert_eq!(file_name("../../etc/passwd.txt"), "passwd.txt");
        assert_eq!(title_of("My_first__habits.v2.pdf"), "My first habits.v2");
        assert_eq!(kind_of("a.PDF").unwrap(), DocumentKind::Pdf);
        let problem = kind_of("song.mp3").unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (415, "unsupported_format"));
        assert!(problem.detail.contains("EPUB"));
    }
}
