//! The real router over a real database, with the outside played by the tests.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use coxswain_creator_hub::{
    ChatModelStatus, Component, EmbeddingStatus, HealthSource, HubLimits, HubParts, HubState, PageError,
    PageRenderer, Sockets, Status, auth::TokenKeys, router,
};
use coxswain_domain::{CreatorId, conversation::MessageStatus, fakes::ManualClock};
use coxswain_store::{
    Db, StoreError,
    conversations::{self, ANSWER_JOB, AnswerPayload, Settled},
    files::Files,
    jobs::Job,
    live::Live,
    progress::Progress,
    work::{self, Handler, JobError, Work},
};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt;
use uuid::Uuid;

use crate::outside::{Parrot, Providers};

pub(crate) const PASSWORD: &str = "correct horse battery";
/// Largest upload in these tests.
pub(crate) const UPLOAD: u64 = 64 << 10;

pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) files: Files,
    pub(crate) media: Files,
    pub(crate) progress: Progress,
    pub(crate) live: Live,
    pub(crate) providers: Arc<Providers>,
    pub(crate) folder: TempDir,
    pub(crate) sockets: Sockets,
    router: Router,
}

/// Somebody logged in.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) creator: CreatorId,
    pub(crate) member: String,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, once the status is the expected one.
    pub(crate) fn expect(&self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.text());
        Ok(self.json())
    }

    /// Checks that this is a problem with this status and code.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Result<Value> {
        let body = self.expect(status)?;
        ensure!(body["code"] == code, "{body}");
        ensure!(self.headers[header::CONTENT_TYPE] == "application/problem+json");
        ensure!(body["request_id"].is_string(), "every problem names its request: {body}");
        Ok(body)
    }
}

/// A request in the making.
pub(crate) struct Call<'a> {
    app: &'a App,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn by(self, login: &Login) -> Self {
        self.bearer(&login.token)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Body::from(body.to_string());
        self.header("content-type", "application/json")
    }

    /// A form with text fields and then a file.
    pub(crate) fn form(mut self, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Self {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        if let Some((name, bytes)) = file {
            let head = format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: x/y\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--b--\r\n");
        self.body = Body::from(body);
        self.header("content-type", "multipart/form-data; boundary=b")
    }

    pub(crate) async fn send(self) -> Result<Reply> {
        let request: Request<Body> = self.request.body(self.body)?;
        let response = self.app.router.clone().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 4 << 20).await?;
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// The response itself, for streams.
    pub(crate) async fn open(self) -> Result<axum::response::Response> {
        Ok(self.app.router.clone().oneshot(self.request.body(self.body)?).await?)
    }
}

impl App {
    pub(crate) async fn new(db: &TestDb) -> Result<Self> {
        Self::with(db, HubLimits { upload_bytes: UPLOAD, ..HubLimits::default() }).await
    }

    pub(crate) async fn with(db: &TestDb, limits: HubLimits) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(ManualClock::at(now()));
        let files = Files::open(folder.path().join("files")).await?;
        let media = Files::open(folder.path().join("media")).await?;
        let (live, progress) = (Live::default(), Progress::default());
        let db: Db = (**db).clone();
        let echo = Arc::new(Echo { db: db.clone(), live: live.clone(), clock: clock.clone() });
        let work = Work::new(db.clone(), clock.clone(), vec![echo]);
        let state = HubState::new(HubParts {
            db: db.clone(),
            clock: clock.clone(),
            keys: TokenKeys::from_secret(&[7; 32])?,
            files: files.clone(),
            media: media.clone(),
            live: live.clone(),
            progress: progress.clone(),
            work,
            health: Arc::new(Well),
            pages: Arc::new(Painter),
            limits,
        });
        let providers = Arc::new(Providers::default());
        let state = state.with_messengers(providers.clone()).with_suggestions(Arc::new(Parrot));
        let state = state.with_private_webhooks(true);
        let sockets = state.sockets();
        let (router, _) = router(state).split_for_parts();
        let router = coxswain_http::with_layers(router);
        Ok(Self { db, clock, files, media, progress, live, providers, folder, sockets, router })
    }

    /// Listens on a port of its own, for what is no request and answer, until the test ends.
    pub(crate) async fn listen(&self) -> Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let serving = axum::serve(listener, self.router.clone());
        tokio::spawn(async move { serving.await });
        Ok(address)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call { app: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Call<'_> {
        self.call(Method::PATCH, path)
    }

    pub(crate) fn put(&self, path: &str) -> Call<'_> {
        self.call(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    /// A new creator whose owner is logged in.
    pub(crate) async fn register(&self, name: &str) -> Result<Login> {
        let form = json!({
            "email": format!("{name}@example.org"), "password": PASSWORD, "name": name, "creator_name": name,
        });
        login(&self.post("/api/v1/auth/register").json(&form).send().await?.expect(201)?)
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<Reply> {
        let form = json!({ "email": email, "password": password });
        self.post("/api/v1/auth/login").json(&form).send().await
    }

    /// Another member of the owner's team, logged in.
    pub(crate) async fn join(&self, owner: &Login, name: &str, role: &str) -> Result<Login> {
        let email = format!("{name}@example.org");
        let form = json!({ "email": email, "name": name, "role": role, "password": PASSWORD });
        self.post("/api/v1/members").by(owner).json(&form).send().await?.expect(201)?;
        login(&self.log_in(&email, PASSWORD).await?.expect(200)?)
    }

    /// The base every creator begins with.
    pub(crate) async fn base(&self, login: &Login) -> Result<String> {
        let bases = self.get("/api/v1/knowledge-bases").by(login).send().await?.expect(200)?;
        let mut bases = bases["items"].as_array().context("bases")?.iter();
        let first = bases.find(|base| base["name"] == "My material").context("the first base")?;
        Ok(first["id"].as_str().context("an id")?.to_owned())
    }

    /// A document in that base.
    pub(crate) async fn upload(&self, login: &Login, name: &str, bytes: &[u8]) -> Result<Value> {
        let base = self.base(login).await?;
        let call = self.post("/api/v1/documents").by(login);
        call.form(&[("knowledge_base_id", &base)], Some((name, bytes))).send().await?.expect(202)
    }

    /// How many files are stored.
    pub(crate) fn stored(&self) -> Result<usize> {
        fn count(folder: &Path) -> std::io::Result<usize> {
            std::fs::read_dir(folder)?.try_fold(0, |sum, entry| {
                let entry = entry?;
                Ok(sum + if entry.file_type()?.is_dir() { count(&entry.path())? } else { 1 })
            })
        }
        Ok(count(self.folder.path())?)
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment")
}

pub(crate) fn login(session: &Value) -> Result<Login> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    Ok(Login {
        token: text(&session["access_token"])?,
        refresh: text(&session["refresh_token"])?,
        creator: text(&session["creator"]["id"])?.parse()?,
        member: text(&session["member"]["id"])?,
    })
}

/// Answers every question with its own words, in two pieces.
struct Echo {
    db: Db,
    live: Live,
    clock: Arc<ManualClock>,
}

#[async_trait]
impl Handler for Echo {
    fn kind(&self) -> &'static str {
        ANSWER_JOB
    }

    fn concurrency(&self) -> usize {
        2
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: AnswerPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let now = coxswain_domain::Clock::now(&*self.clock);
        let mut tx = self.db.write(job.creator).await?;
        let place =
            conversations::message(&mut tx, job.creator, payload.reply_id).await?.map_or(0, |found| found.0);
        let mut writer = self.live.write(payload.conversation_id, payload.reply_id, place);
        writer.push("You ");
        writer.push("asked.");
        let end = Settled {
            status: MessageStatus::Done,
            text: "You asked.".into(),
            abstained: false,
            citations: Vec::new(),
            problem: None,
        };
        let settled = conversations::settle(&mut tx, now, job.creator, payload.reply_id, &end).await?;
        work::finish(&mut tx, now, job, worker).await?;
        tx.commit().await?;
        if let Some(event) = settled {
            coxswain_http::events::announce(&self.live, payload.conversation_id, event);
        }
        Ok(())
    }

    async fn gave_up(&self, _job: &Job, _error: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Everything is well.
struct Well;

#[async_trait]
impl HealthSource for Well {
    async fn components(&self) -> Vec<Component> {
        vec![Component { name: "database".into(), status: Status::Ok, detail: "Well.".into(), action: None }]
    }

    async fn models(&self) -> (ChatModelStatus, EmbeddingStatus) {
        let chat = ChatModelStatus {
            provider: "extractive".into(),
            url: None,
            model: None,
            status: Status::Ok,
            detail: "Well.".into(),
            action: None,
        };
        (chat, EmbeddingStatus { model: "m".into(), dimension: 4, status: Status::Ok })
    }
}

/// Paints every page but the thirteenth.
struct Painter;

#[async_trait]
impl PageRenderer for Painter {
    async fn png(&self, file: &Path, page: u32, width: u32) -> Result<Vec<u8>, PageError> {
        if page == 13 {
            return Err(PageError::NoSuchPage);
        }
        let size = std::fs::metadata(file).map_err(|error| PageError::Failed(error.to_string()))?.len();
        Ok(format!("page {page} at {width} of {size} bytes").into_bytes())
    }
}

/// A text; empty where there is none.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// One field of every item of a list.
pub(crate) fn texts(list: &Value, field: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|item| text(&item[field])).collect()
}

/// The cookies an answer sets.
pub(crate) fn cookies(reply: &Reply) -> Vec<String> {
    let values = reply.headers.get_all("set-cookie").iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}
