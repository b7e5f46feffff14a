//! Answers as the Bot API words them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::faults::Fault;

/// A call that was not done.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) description: String,
    pub(super) parameters: Option<Value>,
}

/// A refusal with status 400; Telegram begins its description with the status's name.
pub(super) fn bad(what: &str) -> Refused {
    Refused { status: 400, description: format!("Bad Request: {what}"), parameters: None }
}

/// A refusal with status 403.
pub(super) fn forbidden(what: &str) -> Refused {
    Refused { status: 403, description: format!("Forbidden: {what}"), parameters: None }
}

/// A refusal with status 409.
pub(super) fn conflict(what: &str) -> Refused {
    Refused { status: 409, description: format!("Conflict: {what}"), parameters: None }
}

/// A refusal that says nothing but its status.
pub(super) fn plain(status: u16, description: &str) -> Refused {
    Refused { status, description: description.to_owned(), parameters: None }
}

impl Refused {
    /// Only for faults that refuse.
    pub(super) fn by(fault: &Fault) -> Self {
        match fault {
            Fault::TooMany { retry_after } => Self {
                status: 429,
                description: format!("Too Many Requests: retry after {retry_after}"),
                parameters: Some(json!({ "retry_after": retry_after })),
            },
            Fault::Refuse { code, detail } => Self {
                status: u16::try_from(*code).unwrap_or(400),
                description: detail.clone(),
                parameters: None,
            },
            Fault::ServerError { status } => plain(*status, ""),
            Fault::LostAnswer { .. } | Fault::BrokenJson | Fault::Slow { .. } => {
                plain(500, "Internal Server Error")
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        if status.is_server_error() && self.description.is_empty() {
            // What a proxy in front of Telegram writes.
            return (status, "<html><body><h1>502 Bad Gateway</h1></body></html>").into_response();
        }
        let mut body = json!({ "ok": false, "error_code": self.status, "description": self.description });
        if let Some(parameters) = self.parameters {
            body["parameters"] = parameters;
        }
        (status, Json(body)).into_response()
    }
}

/// A call that was done.
pub(super) fn done(result: &Value) -> Response {
    Json(json!({ "ok": true, "result": result })).into_response()
}
