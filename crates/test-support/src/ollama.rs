//! A stand-in for Ollama that speaks its protocol: newline-delimited JSON over chunked HTTP.
//!
//! What it answers is scripted, one [`Script`] a chat; when none is left, the last one holds.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_stream::wrappers::UnboundedReceiverStream;

const STAMP: &str = "2026-01-01T00:00:00.000000Z";

/// How one chat goes.
#[derive(Clone, Debug)]
pub struct Script {
    tokens: Vec<String>,
    before_first: Duration,
    between: Duration,
    fault: Option<(usize, Fault)>,
    refusal: Option<(u16, String)>,
    /// `None`: as many as the prompt's bytes, which is more than any tokenizer makes of it.
    prompt_eval_count: Option<u32>,
}

/// What goes wrong after so many tokens.
#[derive(Clone, Debug)]
enum Fault {
    /// The connection breaks.
    Cut,
    /// The body ends as if all were well, without the last line.
    End,
    /// A line that is not JSON.
    Malformed,
    /// The server reports an error and stops.
    Error(String),
    /// Nothing more comes, and the connection stays.
    Hang,
}

impl Script {
    /// Answers with this text, word by word.
    pub fn says(text: &str) -> Self {
        Self {
            tokens: text.split_inclusive(' ').map(str::to_owned).collect(),
            before_first: Duration::ZERO,
            between: Duration::ZERO,
            fault: None,
            refusal: None,
            prompt_eval_count: None,
        }
    }

    /// Answers with `n` words.
    pub fn tokens(n: usize) -> Self {
        Self { tokens: (0..n).map(|place| format!("word{place} ")).collect(), ..Self::says("") }
    }

    /// Waits before the first token.
    #[must_use]
    pub fn slow_first(self, wait: Duration) -> Self {
        Self { before_first: wait, ..self }
    }

    /// Waits between tokens.
    #[must_use]
    pub fn slow(self, wait: Duration) -> Self {
        Self { between: wait, ..self }
    }

    /// Breaks the connection after `n` tokens.
    #[must_use]
    pub fn cut_after(self, n: usize) -> Self {
        Self { fault: Some((n, Fault::Cut)), ..self }
    }

    /// Ends the body after `n` tokens without the last line.
    #[must_use]
    pub fn end_after(self, n: usize) -> Self {
        Self { fault: Some((n, Fault::End)), ..self }
    }

    /// Sends a line that is not JSON after `n` tokens.
    #[must_use]
    pub fn malformed_after(self, n: usize) -> Self {
        Self { fault: Some((n, Fault::Malformed)), ..self }
    }

    /// Reports an error after `n` tokens.
    #[must_use]
    pub fn error_after(self, n: usize, error: &str) -> Self {
        Self { fault: Some((n, Fault::Error(error.to_owned()))), ..self }
    }

    /// Falls silent after `n` tokens.
    #[must_use]
    pub fn hang_after(self, n: usize) -> Self {
        Self { fault: Some((n, Fault::Hang)), ..self }
    }

    /// Claims to have evaluated so many tokens of the prompt.
    #[must_use]
    pub fn evaluated(self, tokens: u32) -> Self {
        Self { prompt_eval_count: Some(tokens), ..self }
    }

    /// Refuses with a status and an error.
    pub fn refuses(status: u16, error: &str) -> Self {
        Self { refusal: Some((status, error.to_owned())), ..Self::says("") }
    }

    /// Has no such model.
    pub fn missing(model: &str) -> Self {
        Self::refuses(404, &format!("model '{model}' not found"))
    }
}

struct Shared {
    models: Vec<String>,
    scripts: std::sync::Mutex<Vec<Script>>,
    requests: std::sync::Mutex<Vec<Value>>,
}

/// The running server. Dropping it closes the port.
pub struct FakeOllama {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl FakeOllama {
    /// Starts on a free port of 127.0.0.1 with these models, answering by these scripts.
    pub async fn start(models: &[&str], scripts: Vec<Script>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            models: models.iter().map(|&model| model.to_owned()).collect(),
            scripts: std::sync::Mutex::new(scripts),
            requests: std::sync::Mutex::default(),
        });
        let app = Router::new()
            .route("/", get(|| async { "Ollama is running" }))
            .route("/api/version", get(|| async { Json(json!({"version": "0.12.6"})) }))
            .route("/api/tags", get(tags))
            .route("/api/show", post(show))
            .route("/api/chat", post(chat))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // It ends when its task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, shared, server })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The chats asked for so far, as they were sent.
    pub fn requests(&self) -> Vec<Value> {
        lock(&self.shared.requests).clone()
    }

    /// Replaces what is scripted.
    pub fn script(&self, scripts: Vec<Script>) {
        *lock(&self.shared.scripts) = scripts;
    }
}

impl Drop for FakeOllama {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A base URL where nothing listens.
pub async fn closed_url() -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(format!("http://{}", listener.local_addr()?))
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn tags(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let models: Vec<Value> = shared
        .models
        .iter()
        .map(|name| json!({"name": name, "model": name, "modified_at": STAMP, "size": 1, "digest": "0".repeat(64)}))
        .collect();
    Json(json!({ "models": models }))
}

async fn show() -> Json<Value> {
    Json(json!({"license": "", "modelfile": "", "parameters": "", "template": "",
        "details": {"format": "gguf", "family": "fake"},
        "model_info": {"general.architecture": "fake", "fake.context_length": 32768}, "capabilities": ["completion"]}))
}

async fn chat(State(shared): State<Arc<Shared>>, Json(request): Json<Value>) -> Response {
    lock(&shared.requests).push(request.clone());
    let script = {
        let mut scripts = lock(&shared.scripts);
        if scripts.len() > 1 { Some(scripts.remove(0)) } else { scripts.first().cloned() }
    };
    let Some(script) = script else {
        return refuse(500, "nothing is scripted");
    };
    if let Some((status, error)) = &script.refusal {
        return refuse(*status, error);
    }
    let model = request["model"].as_str().unwrap_or_default().to_owned();
    let sent = request["messages"].to_string().len();
    let evaluated = script.prompt_eval_count.unwrap_or(u32::try_from(sent).unwrap_or(u32::MAX));
    let count = script.tokens.len();
    let last = |content: &str| {
        json!({"model": model, "created_at": STAMP,
        "message": {"role": "assistant", "content": content}, "done": true, "done_reason": "stop",
        "total_duration": 1, "load_duration": 1, "prompt_eval_count": evaluated, "prompt_eval_duration": 1,
        "eval_count": count, "eval_duration": 1})
    };
    if request["stream"] == json!(false) {
        return Json(last(&script.tokens.concat())).into_response();
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(stream(script, model.clone(), line(&last("")), sender));
    let body = Body::from_stream(UnboundedReceiverStream::new(receiver));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

fn refuse(status: u16, error: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "error": error }))).into_response()
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}

type Packet = Result<Bytes, std::io::Error>;

/// Sends the tokens and what is scripted to go wrong. A reader that is gone ends it.
async fn stream(script: Script, model: String, last: Bytes, sender: mpsc::UnboundedSender<Packet>) {
    tokio::time::sleep(script.before_first).await;
    for (place, token) in script.tokens.iter().enumerate() {
        if let Some((_, fault)) = script.fault.as_ref().filter(|(after, _)| *after == place) {
            return fail(fault, &sender).await;
        }
        if place > 0 && !script.between.is_zero() {
            tokio::time::sleep(script.between).await;
        }
        let value = json!({"model": model, "created_at": STAMP,
            "message": {"role": "assistant", "content": token}, "done": false});
        if sender.send(Ok(line(&value))).is_err() {
            return;
        }
    }
    let _ = sender.send(Ok(last));
}

async fn fail(fault: &Fault, sender: &mpsc::UnboundedSender<Packet>) {
    // What was said before must leave before the connection breaks.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let packet = match fault {
        Fault::Cut => Err(std::io::Error::other("cut")),
        Fault::End => return,
        Fault::Malformed => Ok(Bytes::from_static(b"{\"model\":\"m\",\"message\":{\"content\":\n")),
        Fault::Error(error) => Ok(line(&json!({ "error": error }))),
        Fault::Hang => {
            sender.closed().await;
            return;
        }
    };
    let _ = sender.send(packet);
}
