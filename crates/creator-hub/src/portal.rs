//! The portal: built by Node, embedded here, served with the headers that keep it safe.

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{Embed, EmbeddedFile};

/// What `npm run build` makes; nothing where it was not run.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/portal/dist"]
#[allow_missing = true]
struct Dist;

/// Scripts, styles and connections only of our own; pictures may be drawn from memory.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; frame-src 'self'; frame-ancestors 'none'; \
     base-uri 'self'; form-action 'self'; object-src 'none'";

const UNBUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Coxswain</title>\
    <h1>The portal is not built</h1>\
    <p>The server runs and its API answers. To build the portal, run <code>make serve</code>, or:</p>\
    <pre>cd crates/creator-hub/portal &amp;&amp; npm ci &amp;&amp; npm run build</pre>\
    <p>and build the server again.</p>";

/// The portal at `/`; every path that is no file and no endpoint shows the same page.
pub fn portal() -> Router {
    Router::new().route("/", get(index)).route("/{*path}", get(file))
}

async fn index() -> Response {
    page()
}

async fn file(Path(path): Path<String>) -> Response {
    // What belongs to the API is never answered with a page.
    if ["api/", "w/", "hooks/"].iter().any(|surface| path.starts_with(surface)) {
        return coxswain_http::Problem::not_found("address").into_response();
    }
    match Dist::get(&path) {
        Some(file) if path != "index.html" => asset(&path, file),
        // A missing script is missing: a page in its place would be a puzzling error.
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        _ => page(),
    }
}

fn page() -> Response {
    match Dist::get("index.html") {
        Some(file) => with(file.data.into_owned(), "text/html; charset=utf-8", "no-cache"),
        None => with(UNBUILT.into(), "text/html; charset=utf-8", "no-cache"),
    }
}

fn asset(path: &str, file: EmbeddedFile) -> Response {
    // Vite writes a hash of their content into these names.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    with(file.data.into_owned(), &kind, cache)
}

fn with(body: Vec<u8>, kind: &str, cache: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
