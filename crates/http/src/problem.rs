//! Problems as RFC 9457 describes them: `application/problem+json`.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use coxswain_store::StoreError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One wrong field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field, as in `/settings/daily_cap`.
    pub pointer: String,
    /// What is wrong with it and what is allowed.
    pub detail: String,
}

/// Why a request was not done, for the caller to act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code, as in `not_found`.
    pub code: String,
    /// What kind of problem it is, in a few words.
    pub title: String,
    /// What happened, what is safe, what to do.
    pub detail: String,
    /// Names the request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The wrong fields, of a 422.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before the next try; also sent as `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with this status, code and explanation.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code: code.to_owned(),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            detail: detail.into(),
            request_id: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 404: it does not exist, or it is another creator's.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// 401: nobody, or nobody we know.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Log in, or send a valid key, and try again.")
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 409: it clashes with what is there.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 422 for one field.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    /// 422 for several fields.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation",
            "Some of what was sent cannot be used. Nothing was changed.",
        );
        problem.errors = errors;
        problem
    }

    /// 429 with the seconds to wait.
    pub fn too_many(code: &str, seconds: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code,
            format!("Too many tries. Wait {seconds} seconds, then try again."),
        );
        problem.retry_after = Some(seconds);
        problem
    }

    /// 500 whose cause goes to the log, once, and not to the caller.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(cause), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Nothing you sent is lost if you send it again.",
        )
    }
}

/// An error with all its causes, for the log.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::error!(error = %chain(&error), "the database is not available");
                let mut problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The database is not available right now. Try again in a moment.",
                );
                problem.retry_after = Some(2);
                problem
            }
            StoreError::Conflict { .. } => Self::conflict("conflict", "Something like this exists already."),
            StoreError::Dangling => Self::not_found("thing"),
            _ => Self::internal(&error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
