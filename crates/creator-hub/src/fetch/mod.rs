//! Fetching documents that were given by their address.
//!
//! A creator may name any address, so the fetcher must not become a way into private networks. It
//! resolves names itself, refuses every address that is not a public one, connects to exactly the
//! addresses it checked, and does all of it again for every redirect. Size, time and the number of
//! redirects have ceilings.

pub(crate) mod address;
mod kind;

use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;
use coxswain_domain::{CreatorId, SharedClock};
use coxswain_store::{
    Db, StoreError,
    documents::{self, FETCH_JOB, Failure, INGEST_JOB, StoredFile, Version, VersionPayload},
    files::{FileError, Files, Kept},
    jobs::Job,
    progress::Progress,
    work::{self, Handler, JobError},
};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use url::{Host, Url};
use uuid::Uuid;

/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// How long a whole fetch may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// Why a document could not be fetched, in a sentence for the creator.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    /// It will not work later either.
    #[error("{0}")]
    Final(String),
    /// It may work later.
    #[error("{0}")]
    Later(String),
}

impl FetchError {
    fn refused() -> Self {
        Self::Final(
            "This address does not lead to a public website, so we did not open it. Upload the file instead."
                .into(),
        )
    }
}

/// Fetches documents: the handler of [`FETCH_JOB`].
pub struct Fetcher {
    db: Db,
    clock: SharedClock,
    files: Files,
    progress: Progress,
    limit: u64,
    allowed: Vec<SocketAddr>,
}

/// A file from the web, and what it is.
struct Fetched {
    file: StoredFile,
    kept: Kept,
}

impl Fetcher {
    /// A fetcher of files of at most `limit` bytes.
    pub fn new(db: Db, clock: SharedClock, files: Files, progress: Progress, limit: u64) -> Self {
        Self { db, clock, files, progress, limit, allowed: Vec::new() }
    }

    /// Lets this one address pass although it is not public: for a test's own server.
    #[must_use]
    pub fn allowing(mut self, address: SocketAddr) -> Self {
        self.allowed.push(address);
        self
    }

    async fn fetch(&self, creator: CreatorId, version: &Version) -> Result<Fetched, FetchError> {
        let address = version.source_url.as_deref().unwrap_or_default();
        let mut url =
            Url::parse(address).map_err(|_| FetchError::Final("This is not a web address.".into()))?;
        for _ in 0..=REDIRECTS {
            let response = self.open(&url).await?;
            if response.status().is_redirection() {
                url = next(&url, &response)?;
                continue;
            }
            check_status(response.status())?;
            return self.store(creator, version, &url, response).await;
        }
        Err(FetchError::Final("This address sends visitors around in circles.".into()))
    }

    /// Asks one server, at an address that was checked.
    async fn open(&self, url: &Url) -> Result<Response, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::refused());
        }
        let addresses = self.resolve(url).await?;
        let mut client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .user_agent(concat!("Coxswain/", env!("CARGO_PKG_VERSION")));
        if let Some(Host::Domain(name)) = url.host() {
            client = client.resolve_to_addrs(name, &addresses);
        }
        let client = client.build().map_err(|error| FetchError::Later(error.to_string()))?;
        client.get(url.clone()).header(header::ACCEPT, kind::ACCEPT).send().await.map_err(|error| {
            tracing::info!(%error, host = url.host_str(), "a document could not be fetched");
            FetchError::Later(
                "The website did not answer. Check the address, or upload the file instead.".into(),
            )
        })
    }

    /// The addresses of a server, all of them public.
    async fn resolve(&self, url: &Url) -> Result<Vec<SocketAddr>, FetchError> {
        let port = url.port_or_known_default().ok_or_else(FetchError::refused)?;
        let addresses: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
                .await
                .map_err(|_| FetchError::Later("There is no website at this address.".into()))?
                .collect(),
            None => return Err(FetchError::refused()),
        };
        let allowed =
            |address: &SocketAddr| address::is_public(address.ip()) || self.allowed.contains(address);
        // One private address among public ones is no accident.
        if addresses.is_empty() || !addresses.iter().all(allowed) {
            return Err(FetchError::refused());
        }
        Ok(addresses)
    }

    async fn store(
        &self,
        creator: CreatorId,
        version: &Version,
        url: &Url,
        mut response: Response,
    ) -> Result<Fetched, FetchError> {
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind::of(content_type, url).ok_or_else(|| {
            FetchError::Final("The website sent something we cannot read. We read web pages, PDF, DOCX, PPTX, EPUB, Markdown, plain text, CSV, SRT and VTT.".into())
        })?;
        if response.content_length().is_some_and(|bytes| bytes > self.limit) {
            return Err(self.too_large());
        }
        let mut incoming =
            self.files.receive(creator, version.id, self.limit).await.map_err(|error| self.unkept(&error))?;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|_| FetchError::Later("The website broke off in the middle.".into()))?
        {
            incoming.write(&chunk).await.map_err(|error| self.unkept(&error))?;
        }
        let kept = incoming.keep().await.map_err(|error| self.unkept(&error))?;
        let file = StoredFile {
            key: kept.key.clone(),
            name: kind::file_name(url, kind),
            kind,
            bytes: i64::try_from(kept.bytes).unwrap_or(i64::MAX),
            sha256: kept.sha256.clone(),
        };
        Ok(Fetched { file, kept })
    }

    fn too_large(&self) -> FetchError {
        FetchError::Final(format!("The file is larger than {} MB.", self.limit >> 20))
    }

    fn unkept(&self, error: &FileError) -> FetchError {
        match error {
            FileError::TooLarge { .. } => self.too_large(),
            FileError::Io(cause) => {
                tracing::error!(%cause, "a fetched file could not be kept");
                FetchError::Later("The file could not be stored on our side.".into())
            }
        }
    }
}

/// Where a redirect leads.
fn next(url: &Url, response: &Response) -> Result<Url, FetchError> {
    response
        .headers()
        .get(header::LOCATION)
        .and_then(|value| url.join(value.to_str().ok()?).ok())
        .ok_or_else(|| FetchError::Final("The website sends visitors nowhere.".into()))
}

fn check_status(status: StatusCode) -> Result<(), FetchError> {
    match status.as_u16() {
        200 => Ok(()),
        401 | 403 => Err(FetchError::Final(
            "The website does not show this page to everybody. Upload the file instead.".into(),
        )),
        404 | 410 => Err(FetchError::Final("The website has no such page. Check the address.".into())),
        429 | 500.. => Err(FetchError::Later(format!("The website is not well: it answered {status}."))),
        _ => Err(FetchError::Final(format!("The website answered {status}, so there was nothing to read."))),
    }
}

#[async_trait]
impl Handler for Fetcher {
    fn kind(&self) -> &'static str {
        FETCH_JOB
    }

    fn concurrency(&self) -> usize {
        4
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload = payload(job)?;
        let version =
            documents::version(&mut self.db.read(job.creator).await?, job.creator, payload.version_id)
                .await?;
        let now = self.clock.now();
        let Some(version) = version else {
            // Deleted meanwhile.
            let mut tx = self.db.write(job.creator).await?;
            work::finish(&mut tx, now, job, worker).await?;
            return Ok(tx.commit().await?);
        };
        let fetched = tokio::time::timeout(PATIENCE, self.fetch(job.creator, &version))
            .await
            .unwrap_or_else(|_| Err(FetchError::Later("The website took too long.".into())))
            .map_err(|error| match error {
                FetchError::Final(sentence) => JobError::Fail(sentence),
                FetchError::Later(sentence) => JobError::Retry(sentence),
            })?;
        let now = self.clock.now();
        let mut tx = self.db.write(job.creator).await?;
        if documents::fetched(&mut tx, now, job.creator, version.id, &fetched.file).await? {
            let document = version.document_id;
            documents::enqueue(&mut tx, now, job.creator, INGEST_JOB, document, version.id).await?;
        }
        work::finish(&mut tx, now, job, worker).await?;
        tx.commit().await?;
        fetched.kept.commit();
        self.progress.changed(job.creator, version.document_id);
        Ok(())
    }

    async fn gave_up(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let Ok(payload) = payload(job) else {
            return Ok(());
        };
        let mut tx = self.db.write(job.creator).await?;
        let Some(version) = documents::version(&mut tx, job.creator, payload.version_id).await? else {
            return Ok(());
        };
        let failure = Failure { code: "fetch_failed".into(), sentence: error.to_owned() };
        documents::fail_fetch(&mut tx, self.clock.now(), job.creator, version.id, &failure).await?;
        tx.commit().await?;
        self.progress.changed(job.creator, version.document_id);
        Ok(())
    }
}

fn payload(job: &Job) -> Result<VersionPayload, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}
