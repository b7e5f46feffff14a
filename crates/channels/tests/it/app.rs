//! The widget's router as the server mounts it, on a database of its own.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{HeaderMap, Method, Request, StatusCode},
};
use chrono::{DateTime, Utc};
use coxswain_channels::web::{self, Quotas, WidgetState};
use coxswain_domain::{
    ChannelAccountId, CreatorId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
    fakes::ManualClock,
};
use coxswain_store::{
    Db,
    channel_accounts::{self, ChannelAccount},
    creators::{self, Creator},
    files::Files,
    live::Live,
    work::Work,
};
use futures::{StreamExt, executor::block_on};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::engine::Engine;

pub(crate) const HOST_PAGE: &str = "https://mira.example";

pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: Engine,
    pub(crate) live: Live,
    /// Where the media are.
    pub(crate) folder: tempfile::TempDir,
    pub(crate) router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl App {
    pub(crate) fn new(db: &Db) -> Self {
        Self::limited(db, &Quotas::default())
    }

    pub(crate) fn limited(db: &Db, quotas: &Quotas) -> Self {
        let now: DateTime<Utc> = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
        let clock = Arc::new(ManualClock::at(now));
        let live = Live::default();
        let engine = Engine::new(db.clone(), clock.clone(), live.clone());
        let work = Work::new(db.clone(), clock.clone(), vec![Arc::new(engine.clone())]);
        work.start();
        let folder = tempfile::tempdir().expect("a folder");
        let media = block_on(Files::open(folder.path())).expect("a folder of files");
        let state = WidgetState::new(db.clone(), clock.clone(), live.clone(), work, media, None, quotas);
        let (router, _) = web::router(state).split_for_parts();
        Self { db: db.clone(), clock, engine, live, folder, router }
    }

    /// A creator with one widget, allowed on [`HOST_PAGE`].
    pub(crate) async fn widget(&self) -> Result<ChannelAccount> {
        self.widget_with(WidgetSettings {
            allowed_origins: vec![HOST_PAGE.to_owned()],
            ..WidgetSettings::default()
        })
        .await
    }

    pub(crate) async fn widget_with(&self, settings: WidgetSettings) -> Result<ChannelAccount> {
        use coxswain_domain::Clock;
        let now = self.clock.now();
        let creator = Creator {
            id: CreatorId::new(now),
            name: "Mira Lindqvist".into(),
            settings: CreatorSettings::default(),
            version: 1,
            created_at: now,
        };
        let account = ChannelAccount {
            id: ChannelAccountId::new(now),
            creator_id: creator.id,
            kind: ChannelKind::Widget,
            name: "Site".into(),
            public_key: format!("cxw_{}", Uuid::new_v4().simple()),
            enabled: true,
            settings,
            version: 1,
            created_at: now,
        };
        let mut tx = self.db.system().await?;
        creators::insert(&mut tx, &creator).await?;
        tx.commit().await?;
        let mut tx = self.db.write(creator.id).await?;
        channel_accounts::insert(&mut tx, &account).await?;
        tx.commit().await?;
        Ok(account)
    }

    pub(crate) async fn switch_off(&self, account: &ChannelAccount) -> Result<()> {
        let mut tx = self.db.write(account.creator_id).await?;
        let changed = ChannelAccount { enabled: false, ..account.clone() };
        channel_accounts::update(&mut tx, account.creator_id, &changed).await?.context("it was changed")?;
        tx.commit().await?;
        Ok(())
    }

    /// A request with these headers; a body is sent as JSON.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path).header("host", "coxswain.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(body)?).await?;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await?;
        Ok(Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec())? })
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.call(Method::GET, path, headers, None).await
    }

    /// Changes a widget's settings; the account as it is then.
    pub(crate) async fn set(
        &self,
        account: &ChannelAccount,
        settings: WidgetSettings,
    ) -> Result<ChannelAccount> {
        let mut tx = self.db.write(account.creator_id).await?;
        let changed = ChannelAccount { settings, ..account.clone() };
        let changed = channel_accounts::update(&mut tx, account.creator_id, &changed).await?;
        tx.commit().await?;
        changed.context("it was changed")
    }

    /// Asks for a new session, perhaps with an identity token, perhaps in place of one before.
    pub(crate) async fn begin(
        &self,
        account: &ChannelAccount,
        identity: Option<&str>,
        before: Option<&Client<'_>>,
    ) -> Result<Answer> {
        let path = format!("/w/{}/sessions", account.public_key);
        let mut body = json!({"time_zone": "Europe/Berlin", "locale": "de-DE"});
        if let Some(token) = identity {
            body["identity_token"] = token.into();
        }
        let mut headers = vec![("sec-fetch-site", "same-origin")];
        headers.extend(before.map(|client| ("authorization", client.bearer.as_str())));
        self.call(Method::POST, &path, &headers, Some(body)).await
    }

    /// A new session in a widget.
    pub(crate) async fn session(&self, account: &ChannelAccount) -> Result<Client<'_>> {
        self.client(&self.begin(account, None, None).await?)
    }

    /// The client of a session that was begun.
    pub(crate) fn client(&self, begun: &Answer) -> Result<Client<'_>> {
        ensure!(begun.status == StatusCode::CREATED, "{}", begun.text);
        let created = begun.json();
        let text = |name: &str| created[name].as_str().map(str::to_owned).context("a session has ids");
        Ok(Client {
            app: self,
            bearer: format!("Bearer {}", text("token")?),
            id: text("client_id")?.parse()?,
            conversation: text("conversation_id")?.parse()?,
        })
    }
}

/// The panel of one client.
pub(crate) struct Client<'a> {
    app: &'a App,
    pub(crate) bearer: String,
    pub(crate) id: coxswain_domain::ClientId,
    pub(crate) conversation: coxswain_domain::ConversationId,
}

impl Client<'_> {
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let headers = [("authorization", self.bearer.as_str()), ("sec-fetch-site", "same-origin")];
        self.app.call(method, path, &headers, body).await
    }

    pub(crate) async fn say(&self, text: &str, id: Uuid) -> Result<Answer> {
        let body = json!({"text": text, "client_message_id": id});
        self.call(Method::POST, "/w/messages", Some(body)).await
    }

    pub(crate) async fn conversation(&self) -> Result<Value> {
        let answer = self.call(Method::GET, "/w/conversation", None).await?;
        ensure!(answer.status == StatusCode::OK, "{}", answer.text);
        Ok(answer.json())
    }

    /// Opens the event stream after an event.
    pub(crate) async fn listen(&self, last_event_id: Option<&str>) -> Result<Events> {
        let mut request = Request::builder().uri("/w/events").header("authorization", &self.bearer);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = self.app.router.clone().oneshot(request.body(Body::empty())?).await?;
        ensure!(response.status() == StatusCode::OK, "the stream answered {}", response.status());
        Ok(Events { body: response.into_body().into_data_stream(), rest: String::new() })
    }
}

/// One server-sent event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

pub(crate) struct Events {
    body: BodyDataStream,
    rest: String,
}

impl Events {
    /// The next event about what is said.
    pub(crate) async fn next(&mut self) -> Result<Event> {
        loop {
            let event = self.read().await?;
            if event.name != "presence" {
                return Ok(event);
            }
        }
    }

    /// The next word on who answers.
    pub(crate) async fn presence(&mut self) -> Result<Value> {
        loop {
            let event = self.read().await?;
            if event.name == "presence" {
                ensure!(event.id.is_empty(), "it is nothing to come back to");
                return Ok(event.data);
            }
        }
    }

    /// The next event; a test that waits for one that never comes fails instead of hanging.
    async fn read(&mut self) -> Result<Event> {
        loop {
            if let Some(end) = self.rest.find("\n\n") {
                let event = parse(&self.rest[..end]);
                self.rest.drain(..end + 2);
                if let Some(event) = event {
                    return Ok(event);
                }
                continue;
            }
            let wait = Duration::from_secs(20);
            let chunk = tokio::time::timeout(wait, self.body.next()).await.context("no event came")?;
            let chunk = chunk.context("the stream ended")??;
            self.rest.push_str(std::str::from_utf8(&chunk)?);
        }
    }

    /// Events up to and with the first that is as wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await?;
            let last = wanted(&event);
            events.push(event);
            if last {
                return Ok(events);
            }
        }
    }

    /// Events up to the finished answer.
    pub(crate) async fn until_answered(&mut self) -> Result<Vec<Event>> {
        self.until(|event| {
            event.data["author"] == "engine" && event.name == "message" && event.data["status"] != "streaming"
        })
        .await
    }
}

fn parse(frame: &str) -> Option<Event> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(Event {
        id: field("id").unwrap_or_default().to_owned(),
        name: field("event")?.to_owned(),
        data: serde_json::from_str(field("data")?).ok()?,
    })
}
