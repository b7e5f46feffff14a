//! What wraps every request: its id, its log line, its metrics, its last-resort answer.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;
use uuid::Uuid;

use crate::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct RequestId(String);

/// The id of the present request, as in its log lines.
pub fn request_id(request: &axum::http::Extensions) -> Option<&str> {
    request.get::<RequestId>().map(|id| id.0.as_str())
}

/// Wraps a router so that every request has an id, a log line and metrics, and a panic becomes a 500.
pub fn with_layers(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| {
            // The panic itself is logged by the process's hook.
            let cause = std::io::Error::other("a handler panicked");
            Problem::internal(&cause).into_response()
        }))
        .layer(middleware::from_fn(observe))
}

async fn observe(mut request: Request, next: Next) -> Response {
    let id = given_id(&request).unwrap_or_else(|| Uuid::now_v7().simple().to_string());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id, %method, route);
    let begun = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status();
    span.in_scope(|| tracing::debug!(status = status.as_u16(), ms = took.as_secs_f64() * 1e3, "answered"));
    let labels = [("method", method.to_string()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("coxswain_http_requests_total", &labels).increment(1);
    metrics::histogram!("coxswain_http_request_seconds", &labels).record(took.as_secs_f64());
    named(response, &id)
}

/// An id a proxy gave, if it is a harmless one.
fn given_id(request: &Request) -> Option<String> {
    let id = request.headers().get(&REQUEST_ID)?.to_str().ok()?;
    let harmless =
        (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    harmless.then(|| id.to_owned())
}

/// Writes the request id into the response's header and, if it is a problem, into its body.
fn named(mut response: Response, id: &str) -> Response {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = Some(id.to_owned());
        let cookies: Vec<HeaderValue> =
            response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        response = problem.into_response();
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut problem =
            Problem::new(response.status(), "method_not_allowed", "This address does not take that method.");
        problem.request_id = Some(id.to_owned());
        response = problem.into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
