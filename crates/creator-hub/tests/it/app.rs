//! The real router over a real database, with the outside played by the tests.

use std::{path::Path, sync::Arc};

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
    PageRenderer, Status, auth::TokenKeys, router,
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
use tower::ServiceExt;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";
/// Largest upload in these tests.
pub const UPLOAD: u64 = 64 << 10;

pub struct App {
    pub db: Db,
    pub clock: Arc<ManualClock>,
    pub files: Files,
    pub progress: Progress,
    pub folder: TempDir,
    router: Router,
}

/// Somebody logged in.
#[derive(Clone)]
pub struct Login {
    pub token: String,
    pub refresh: String,
    pub creator: CreatorId,
    pub member: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, once the status is the expected one.
    pub fn expect(&self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.text());
        Ok(self.json())
    }

    /// Checks that this is a problem with this status and code.
    pub fn problem(&self, status: u16, code: &str) -> Result<Value> {
        let body = self.expect(status)?;
        ensure!(body["code"] == code, "{body}");
        ensure!(self.headers[header::CONTENT_TYPE] == "application/problem+json");
        ensure!(body["request_id"].is_string(), "every problem names its request: {body}");
        Ok(body)
    }
}

/// A request in the making.
pub struct Call<'a> {
    app: &'a App,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn by(self, login: &Login) -> Self {
        self.bearer(&login.token)
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Body::from(body.to_string());
        self.header("content-type", "application/json")
    }

    /// A form with text fields and then a file.
    pub fn form(mut self, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Self {
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

    pub async fn send(self) -> Result<Reply> {
        let request: Request<Body> = self.request.body(self.body)?;
        let response = self.app.router.clone().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 4 << 20).await?;
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// The response itself, for streams.
    pub async fn open(self) -> Result<axum::response::Response> {
        Ok(self.app.router.clone().oneshot(self.request.body(self.body)?).await?)
    }
}

impl App {
    pub async fn new(db: &TestDb) -> Result<Self> {
        Self::with(db, HubLimits { upload_bytes: UPLOAD, ..HubLimits::default() }).await
    }

    pub async fn with(db: &TestDb, limits: HubLimits) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(ManualClock::at(now()));
        let files = Files::open(folder.path().join("files")).await?;
        let (live, progress) = (Live::default(), Progress::default());
        let db: Db = (**db).clone();
        let echo = Arc::new(Echo { db: db.clone(), live: live.clone(), clock: clock.clone() });
        let work = Work::new(db.clone(), clock.clone(), vec![echo]);
        let state = HubState::new(HubParts {
            db: db.clone(),
            clock: clock.clone(),
            keys: TokenKeys::from_secret(&[7; 32])?,
            files: files.clone(),
            live,
            progress: progress.clone(),
            work,
            health: Arc::new(Well),
            pages: Arc::new(Painter),
            limits,
        });
        let (router, _) = router(state).split_for_parts();
        let router = coxswain_http::with_layers(router);
        Ok(Self { db, clock, files, progress, folder, router })
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call { app: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub fn patch(&self, path: &str) -> Call<'_> {
        self.call(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    /// A new creator whose owner is logged in.
    pub async fn register(&self, name: &str) -> Result<Login> {
        let form = json!({
            "email": format!("{name}@example.org"), "password": PASSWORD, "name": name, "creator_name": name,
        });
        login(&self.post("/api/v1/auth/register").json(&form).send().await?.expect(201)?)
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Reply> {
        let form = json!({ "email": email, "password": password });
        self.post("/api/v1/auth/login").json(&form).send().await
    }

    /// Another member of the owner's team, logged in.
    pub async fn join(&self, owner: &Login, name: &str, role: &str) -> Result<Login> {
        let email = format!("{name}@example.org");
        let form = json!({ "email": email, "name": name, "role": role, "password": PASSWORD });
        self.post("/api/v1/members").by(owner).json(&form).send().await?.expect(201)?;
        login(&self.log_in(&email, PASSWORD).await?.expect(200)?)
    }

    /// The base every creator begins with.
    pub async fn base(&self, login: &Login) -> Result<String> {
        let bases = self.get("/api/v1/knowledge-bases").by(login).send().await?.expect(200)?;
        Ok(bases["items"][0]["id"].as_str().context("a base")?.to_owned())
    }

    /// A document in that base.
    pub async fn upload(&self, login: &Login, name: &str, bytes: &[u8]) -> Result<Value> {
        let base = self.base(login).await?;
        let call = self.post("/api/v1/documents").by(login);
        call.form(&[("knowledge_base_id", &base)], Some((name, bytes))).send().await?.expect(202)
    }

    /// How many files are stored.
    pub fn stored(&self) -> Result<usize> {
        fn count(folder: &Path) -> std::io::Result<usize> {
            std::fs::read_dir(folder)?.try_fold(0, |sum, entry| {
                let entry = entry?;
                Ok(sum + if entry.file_type()?.is_dir() { count(&entry.path())? } else { 1 })
            })
        }
        Ok(count(self.folder.path())?)
    }
}

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment")
}

pub fn login(session: &Value) -> Result<Login> {
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
