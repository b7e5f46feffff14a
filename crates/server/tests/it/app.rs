//! The real program as a child of the test, with data of its own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};
use uuid::Uuid;

use crate::events::Turn;

/// How long anything may take that has no limit of its own. Machines that run tests are busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running server. Dropping it kills it.
pub(crate) struct TestApp {
    child: Option<Child>,
    settings: Vec<(String, String)>,
    address: String,
    pub(crate) http: reqwest::Client,
    token: String,
    base: String,
    pub(crate) folder: TempDir,
}

/// The program with these settings (`section.key`), which knows no model server unless told of one.
pub(crate) fn program(data: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coxswain"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COXSWAIN__")) {
        command.env_remove(name);
    }
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/dist");
    command
        .current_dir(data)
        .env("COXSWAIN__DATA_DIR", data)
        .env("COXSWAIN__EMBEDDING__MODELS_DIR", models)
        // The discard port: nothing listens there.
        .env("COXSWAIN__OLLAMA__URL", "http://127.0.0.1:9")
        .env("COXSWAIN__LOG__LEVEL", "warn")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (key, value) in settings {
        let name = key.to_uppercase().replace('.', "__");
        command.env(format!("COXSWAIN__{name}"), value);
    }
    command
}

impl TestApp {
    /// Starts the server and signs up.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        // Free a moment ago; the server says so if somebody else took it since.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.to_string();
        let mut settings: Vec<_> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        settings.push(("server.listen".into(), address.clone()));
        let mut app = Self {
            child: None,
            settings,
            address,
            http: reqwest::Client::new(),
            token: String::new(),
            base: String::new(),
            folder: tempfile::tempdir()?,
        };
        app.boot().await?;
        app.sign_up().await?;
        Ok(app)
    }

    /// Starts the program (again) and waits until it is ready.
    pub(crate) async fn boot(&mut self) -> Result<()> {
        let mut command = program(self.folder.path(), &self.settings);
        let mut child = command.arg("serve").stdout(Stdio::null()).spawn()?;
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended at once: {status}");
            }
            if self.status("/readyz").await.is_some_and(|status| status == StatusCode::OK) {
                self.child = Some(child);
                return Ok(());
            }
            ensure!(Instant::now() < limit, "the server did not become ready");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The status a plain GET gets; nothing where nothing answers.
    pub(crate) async fn status(&self, path: &str) -> Option<StatusCode> {
        let response = self.http.get(self.url(path)).send().await;
        response.ok().map(|response| response.status())
    }

    async fn sign_up(&mut self) -> Result<()> {
        let owner = json!({"email": "mira@coach.example", "password": "correct horse battery",
            "name": "Mira", "creator_name": "Mira Lindqvist"});
        let session = self.post("/api/v1/auth/register", &owner).await?;
        session["access_token"].as_str().context("no token")?.clone_into(&mut self.token);
        let bases = self.get("/api/v1/knowledge-bases").await?;
        bases["items"][0]["id"].as_str().context("no knowledge base")?.clone_into(&mut self.base);
        Ok(())
    }

    /// SIGKILL: no goodbye.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.child.take().context("it does not run")?.kill().await?;
        Ok(())
    }

    /// SIGTERM, and how it ended.
    pub(crate) async fn stop(&mut self) -> Result<ExitStatus> {
        let mut child = self.child.take().context("it does not run")?;
        let id = child.id().context("it ended already")?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        tokio::time::timeout(PATIENCE, child.wait()).await.context("it did not stop")?.map_err(Into::into)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The folder of uploaded files.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        expect_json(self.request(Method::GET, path).send().await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        expect_json(self.request(Method::POST, path).json(body).send().await?).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        let response = self.request(Method::DELETE, path).send().await?;
        ensure!(response.status() == StatusCode::NO_CONTENT, "{}", response.text().await?);
        Ok(())
    }

    /// Uploads a new document; its id.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> Result<String> {
        let fields = [("knowledge_base_id", self.base.as_str())];
        let document = self.send_file("/api/v1/documents", &fields, name, content).await?;
        Ok(document["id"].as_str().context("no id")?.to_owned())
    }

    /// Uploads a new version of a document.
    pub(crate) async fn upload_version(&self, document: &str, name: &str, content: &[u8]) -> Result<Value> {
        self.send_file(&format!("/api/v1/documents/{document}/versions"), &[], name, content).await
    }

    async fn send_file(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        name: &str,
        content: &[u8],
    ) -> Result<Value> {
        let boundary = Uuid::new_v4().simple().to_string();
        let mut body = Vec::new();
        for (field, value) in fields {
            body.extend(
                format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        }
        body.extend(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            )
            .bytes(),
        );
        body.extend_from_slice(content);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let request = self.request(Method::POST, path).header("content-type", kind).body(body);
        expect_json(request.send().await?).await
    }

    /// Waits until a document's newest version has been read; the document.
    pub(crate) async fn ready(&self, document: &str) -> Result<Value> {
        let limit = Instant::now() + PATIENCE;
        loop {
            let found = self.get(&format!("/api/v1/documents/{document}")).await?;
            match found["version"]["stage"].as_str() {
                Some("ready") => return Ok(found),
                Some("failed") => bail!("it could not be read: {}", found["version"]["failure"]),
                _ => ensure!(Instant::now() < limit, "it was not read in time: {found}"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks in the test chat and follows the turn to its end.
    pub(crate) async fn ask(&self, question: &str, conversation: Option<&str>) -> Result<Turn> {
        Turn::read(self.begin(question, conversation).await?).await
    }

    /// Asks, and leaves the stream to the caller.
    pub(crate) async fn begin(&self, question: &str, conversation: Option<&str>) -> Result<Response> {
        let mut body = json!({ "text": question });
        if let Some(conversation) = conversation {
            body["conversation_id"] = conversation.into();
        }
        let request = self.request(Method::POST, "/api/v1/messages").header("accept", "text/event-stream");
        Ok(request.json(&body).send().await?.error_for_status()?)
    }

    /// What is said in a conversation, oldest first.
    pub(crate) async fn messages(&self, conversation: &str) -> Result<Vec<Value>> {
        let listed = self.get(&format!("/api/v1/conversations/{conversation}/messages")).await?;
        Ok(listed["items"].as_array().context("no list")?.clone())
    }

    /// One counter of `/metrics`, found by the beginning of its line; 0 where it is not there yet.
    pub(crate) async fn metric(&self, series: &str) -> Result<f64> {
        let text = self.http.get(self.url("/metrics")).send().await?.text().await?;
        let line = text.lines().find(|line| line.starts_with(series));
        line.and_then(|line| line.rsplit(' ').next()).map_or(Ok(0.0), |value| Ok(value.parse()?))
    }
}

async fn expect_json(response: Response) -> Result<Value> {
    let (status, text) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{status}: {text}");
    Ok(serde_json::from_str(&text)?)
}
