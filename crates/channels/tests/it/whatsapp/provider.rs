//! The Graph API as far as a test needs it: it keeps what it was sent and answers what it was told.

use std::sync::Arc;

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) bearer: String,
    pub(crate) body: Value,
}

type Answers = Arc<dyn Fn(&Asked) -> Response + Send + Sync>;

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Answers,
}

/// A server on a port of its own, gone with the test.
pub(crate) struct Provider {
    pub(crate) url: String,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub(crate) async fn new(answers: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Result<Self> {
        Self::serve(|_| answers).await
    }

    /// As [`Self::new`], for answers that name the server's own address.
    pub(crate) async fn serve<A>(answers: impl FnOnce(String) -> A) -> Result<Self>
    where
        A: Fn(&Asked) -> Response + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Shared { asked: Arc::default(), answers: Arc::new(answers(url.clone())) };
        let app = Router::new().fallback(handle).with_state(shared.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                panic!("the provider stopped: {error}");
            }
        });
        Ok(Self { url, shared, task })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().clone()
    }
}

async fn handle(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = Asked {
        method,
        path: uri.to_string(),
        bearer: bearer.to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    shared.asked.lock().push(asked.clone());
    (shared.answers)(&asked)
}

/// An answer in JSON.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

/// What Meta answers to a message it took.
pub(crate) fn accepted(_: &Asked) -> Response {
    json_answer(200, &json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.sent"}]}))
}
