//! One nudge, whole: agreed to in the widget, found there at its time by the client's own clock, once.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request},
};
use chrono::{DateTime, Utc};
use coxswain_domain::fakes::ManualClock;
use coxswain_server::{
    config::Config,
    engine::Engine,
    serve::{self, App},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::events::Events;

/// Sunday, the day before the check-in; Auckland is 13 hours ahead in January.
const SUNDAY: &str = "2027-01-10T03:00:00Z";
/// Monday, 9:00 in Auckland.
const MONDAY_NINE: &str = "2027-01-10T20:00:00Z";

struct Server {
    clock: Arc<ManualClock>,
    app: App,
}

impl Server {
    async fn build(config: &Config, now: &str) -> Result<Self> {
        let clock = Arc::new(ManualClock::at(now.parse::<DateTime<Utc>>()?));
        let engine = Engine::with_clock(config, clock.clone()).await?;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        Ok(Self { clock, app: serve::build(config, engine, metrics).await? })
    }

    /// Runs it on a free port while `then` looks at it.
    async fn run<T>(self, then: impl AsyncFnOnce(String) -> Result<T>) -> Result<T> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let running = tokio::spawn(self.app.run(listener, stop.clone()));
        let seen = then(url).await;
        stop.cancel();
        running.await??;
        seen
    }
}

async fn call(router: &Router, method: Method, path: &str, token: &str, body: Value) -> Result<Value> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = router.clone().oneshot(request.body(Body::from(body.to_string()))?).await?;
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await?;
    let text = String::from_utf8(bytes.to_vec())?;
    ensure!(status.is_success(), "{path}: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("no {key} in {value}"))
}

#[tokio::test]
async fn a_check_in_agreed_to_in_the_widget_comes_once_by_the_clients_clock() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("coxswain.toml");
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/dist");
    let paths = (folder.path().display(), models.display());
    std::fs::write(
        &file,
        format!(
            "data_dir = '{}'\n[embedding]\nmodels_dir = '{}'\n[ollama]\nurl = 'http://127.0.0.1:9'\n",
            paths.0, paths.1
        ),
    )?;
    let config = Config::load(Some(&file))?;
    let server = Server::build(&config, SUNDAY).await?;
    let router = server.app.router.clone();
    let client = prepare(&router).await?;
    server.clock.set(MONDAY_NINE.parse()?);

    // Twice: what was sent once is not sent again by the next process, nor at the next look.
    server.run(async |url| find(&url, &client).await).await?;
    let server = Server::build(&config, "2027-01-10T20:05:00Z").await?;
    let router = server.app.router.clone();
    let seen = async |url: String| {
        find(&url, &client).await?;
        check_decision(&router).await
    };
    server.run(seen).await
}

/// The coach sees one decision: sent, and why.
async fn check_decision(router: &Router) -> Result<()> {
    let login = json!({"email": "mira@coach.example", "password": "correct horse battery"});
    let session = call(router, Method::POST, "/api/v1/auth/login", "", login).await?;
    let decisions =
        call(router, Method::GET, "/api/v1/decisions", text(&session, "access_token")?, Value::Null).await?;
    let decisions = decisions["items"].as_array().context("no list")?;
    ensure!(decisions.len() == 1, "{decisions:?}");
    let decision = &decisions[0];
    ensure!(decision["outcome"] == "sent" && decision["reason"] == "sent", "{decision}");
    ensure!(decision["client_time_zone"] == "Pacific/Auckland", "{decision}");
    ensure!(decision["due_at"] == MONDAY_NINE, "{decision}");
    ensure!(decision["message_id"].is_string() && decision["sentence"].is_string(), "{decision}");
    Ok(())
}

/// The coach writes a check-in, a client in Auckland agrees to it; the client's session.
async fn prepare(router: &Router) -> Result<String> {
    let owner = json!({"email": "mira@coach.example", "password": "correct horse battery",
        "name": "Mira", "creator_name": "Mira Lindqvist"});
    let session = call(router, Method::POST, "/api/v1/auth/register", "", owner).await?;
    let coach = text(&session, "access_token")?;
    let widget = json!({"kind": "widget", "name": "Site", "settings": {"check_ins_offered": true}});
    let widget = call(router, Method::POST, "/api/v1/channel-accounts", coach, widget).await?;
    let check_in = json!({"text": "How did the morning go?", "weekdays": ["mon"], "local_time": "09:00"});
    call(router, Method::POST, "/api/v1/check-ins", coach, check_in).await?;

    let path = format!("/w/{}/sessions", text(&widget, "public_key")?);
    let here = json!({"time_zone": "Pacific/Auckland", "locale": "en-NZ"});
    let client = call(router, Method::POST, &path, "", here).await?;
    let client = text(&client, "token")?.to_owned();
    let consent =
        json!({"check_ins": true, "time_zone": "Pacific/Auckland", "shown": "May Mira write first?"});
    let consent = call(router, Method::PUT, "/w/consent", &client, consent).await?;
    ensure!(consent["check_ins"] == true, "{consent}");
    let listed = call(router, Method::GET, "/api/v1/check-ins", coach, Value::Null).await?;
    let listed = &listed["items"][0];
    ensure!(listed["clients"] == 1 && listed["next_due_at"] == MONDAY_NINE, "{listed}");
    Ok(client)
}

/// The open panel is told of it, and the conversation holds it once.
async fn find(url: &str, client: &str) -> Result<()> {
    let http = reqwest::Client::new();
    let get = |path: &str| http.get(format!("{url}{path}")).bearer_auth(client).send();
    let mut events = Events::of(get("/w/events").await?.error_for_status()?);
    let (event, _) = events.until("message").await?;
    ensure!(event.data["author"] == "check_in", "{:?}", event.data);
    let conversation: Value = get("/w/conversation").await?.error_for_status()?.json().await?;
    let messages = conversation["messages"].as_array().context("no messages")?;
    ensure!(messages.len() == 1 && messages[0]["text"] == "How did the morning go?", "{messages:?}");
    Ok(())
}
