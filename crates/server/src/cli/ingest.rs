//! `coxswain ingest`: documents into a knowledge base, through the same job as uploads.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use coxswain_domain::{
    CreatorId, DocumentId, KnowledgeBaseId, VersionId,
    document::{DocumentKind, Stage},
};
use coxswain_rag::{ingest::Forget, parse::sniff};
use coxswain_store::{
    bases::{self, KnowledgeBase},
    documents::{self, Document, INGEST_JOB, NewDocument, NewVersion, StoredFile},
    ingestion,
    work::Work,
};
use indicatif::{MultiProgress, ProgressBar};
use tokio::io::AsyncReadExt;

use super::{args::IngestArgs, creator, print, progress};
use crate::{config::Config, engine::Engine};

/// How often progress is looked up.
const LOOK: Duration = Duration::from_millis(200);

/// Reads every file and waits until each answers or has failed.
pub(crate) async fn ingest(
    config: &Config,
    wanted: Option<&str>,
    options: &IngestArgs,
) -> anyhow::Result<ExitCode> {
    let files = files(&options.paths)?;
    let engine = Engine::open(config).await?;
    let creator = creator::find(&engine, wanted).await?.id;
    let base = base(&engine, creator, &options.kb).await?;
    let forget =
        Forget { db: engine.db.clone(), clock: Arc::clone(&engine.clock), index: Arc::clone(&engine.index) };
    let work = Work::new(
        engine.db.clone(),
        Arc::clone(&engine.clock),
        vec![Arc::new(engine.ingest()), Arc::new(forget)],
    );
    work.start();
    let bars = progress::bars();
    let mut watched = BTreeMap::new();
    for path in &files {
        let id = add(&engine, creator, base, path, config.ingest.upload_mib << 20).await?;
        work.wake();
        watched.insert(id, progress::bar(&bars, &name(path)));
    }
    let done = watch(&engine, creator, watched, &bars).await?;
    work.shut_down(Duration::from_secs(5)).await;
    report(&done, options.json)?;
    let failed = done.iter().any(|document| document.version.stage == Stage::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The files, and every readable file of the folders.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = std::fs::read_dir(path)
                .and_then(|entries| {
                    entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()
                })
                .with_context(|| format!("{} cannot be listed", path.display()))?;
            inside.retain(|path| path.is_file() && kind(path).is_some());
            inside.sort();
            files.extend(inside);
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            bail!("there is no file {}", path.display());
        }
    }
    if files.is_empty() {
        bail!("there is no file to read; readable are {}", sniff::supported());
    }
    Ok(files)
}

fn kind(path: &Path) -> Option<DocumentKind> {
    DocumentKind::from_extension(path.extension()?.to_str()?)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

async fn base(engine: &Engine, creator: CreatorId, name: &str) -> anyhow::Result<KnowledgeBaseId> {
    let now = engine.clock.now();
    let mut tx = engine.db.write(creator).await?;
    if let Some(base) = bases::named(&mut tx, creator, name).await? {
        return Ok(base.id);
    }
    let base = KnowledgeBase {
        id: KnowledgeBaseId::new(now),
        name: name.trim().to_owned(),
        description: String::new(),
        documents: 0,
        created_at: now,
    };
    bases::insert(&mut tx, creator, &base).await?;
    tx.commit().await?;
    Ok(base.id)
}

/// Stores a file and enqueues its reading. A file of a known name becomes a new version of its document.
async fn add(
    engine: &Engine,
    creator: CreatorId,
    base: KnowledgeBaseId,
    path: &Path,
    limit: u64,
) -> anyhow::Result<DocumentId> {
    let now = engine.clock.now();
    let name = name(path);
    let kind = sniff::file(path, &name).with_context(|| name.clone())?;
    let version = VersionId::new(now);
    let mut source = tokio::fs::File::open(path).await.with_context(|| path.display().to_string())?;
    let mut incoming = engine.files.receive(creator, version, limit).await?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = source.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        incoming.write(&buffer[..read]).await.with_context(|| name.clone())?;
    }
    let kept = incoming.keep().await?;
    let file = StoredFile {
        key: kept.key.clone(),
        name: name.clone(),
        kind,
        bytes: i64::try_from(kept.bytes)?,
        sha256: kept.sha256.clone(),
    };
    let mut tx = engine.db.write(creator).await?;
    let document = if let Some(known) = ingestion::document_of_file(&mut tx, creator, base, &name).await? {
        known
    } else {
        let id = DocumentId::new(now);
        let title = path.file_stem().map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
        let new =
            NewDocument { id, knowledge_base_id: base, folder_id: None, title, kind, citation_url: None };
        documents::insert(&mut tx, now, creator, &new).await?;
        id
    };
    let new = NewVersion { id: version, document_id: document, file, source_url: None };
    documents::add_version(&mut tx, now, creator, &new).await?;
    documents::enqueue(&mut tx, now, creator, INGEST_JOB, document, version).await?;
    tx.commit().await?;
    kept.commit();
    Ok(document)
}

async fn watch(
    engine: &Engine,
    creator: CreatorId,
    mut watched: BTreeMap<DocumentId, ProgressBar>,
    bars: &MultiProgress,
) -> anyhow::Result<Vec<Document>> {
    let mut done = Vec::new();
    while !watched.is_empty() {
        tokio::time::sleep(LOOK).await;
        let mut tx = engine.db.read(creator).await?;
        for id in watched.keys().copied().collect::<Vec<_>>() {
            let Some(document) = documents::get(&mut tx, creator, id).await? else {
                watched.remove(&id);
                continue;
            };
            let Some(bar) = watched.get(&id) else { continue };
            show(bar, &document);
            if matches!(document.version.stage, Stage::Ready | Stage::Failed) {
                bar.finish();
                watched.remove(&id);
                done.push(document);
            }
        }
    }
    bars.clear()?;
    Ok(done)
}

fn show(bar: &ProgressBar, document: &Document) {
    let version = &document.version;
    let (position, length) = match version.stage {
        Stage::Embedding | Stage::Ready => (version.chunks_done, version.chunks_total),
        _ => (version.pages_done, version.pages_total),
    };
    bar.set_length(length.unwrap_or(position).unsigned_abs());
    bar.set_position(position.unsigned_abs());
    bar.set_message(version.stage.name());
}

fn report(done: &[Document], json: bool) -> anyhow::Result<()> {
    for document in done {
        let version = &document.version;
        let failure = version.failure.as_ref().map(|failure| failure.sentence.as_str());
        let line = if json {
            serde_json::json!({
                "document": document.id, "file": version.file_name, "version": version.number, "stage": version.stage,
                "pages": version.pages_done, "chunks": version.chunks_done, "failure": failure,
            })
            .to_string()
        } else if let Some(failure) = failure {
            format!("{}: {failure}", version.file_name)
        } else {
            format!(
                "{}: ready, {} pages, {} chunks",
                version.file_name, version.pages_done, version.chunks_done
            )
        };
        print(&format!("{line}\n"))?;
    }
    Ok(())
}
