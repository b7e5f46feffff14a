//! The page on which a person is the client.

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use super::Desk;

pub(crate) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/", get(async || Html(include_str!("index.html"))))
        .route("/app.js", get(async || file("text/javascript; charset=utf-8", include_str!("app.js"))))
        .route("/style.css", get(async || file("text/css; charset=utf-8", include_str!("style.css"))))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}
