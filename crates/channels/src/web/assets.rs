use std::collections::HashMap;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

/// What `npm run build` made of `widget/`. Empty when it has not run: the crate builds without Node.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/widget/dist"]
#[allow_missing = true]
struct Files;

/// What stands in for the widget as long as it is not built.
pub(super) const UNBUILT: &str = "The widget is not built. Run `npm ci && npm run build` in crates/channels/widget, then build coxswain again.";

/// The names of the panel's hashed files.
pub(super) struct PanelFiles {
    pub(super) script: String,
    pub(super) styles: Vec<String>,
}

#[derive(Deserialize)]
struct Chunk {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    #[serde(default, rename = "isEntry")]
    is_entry: bool,
}

/// Reads the manifest. `None`: the widget is not built.
pub(super) fn panel_files() -> Option<PanelFiles> {
    let manifest = Files::get("manifest.json")?;
    let chunks: HashMap<String, Chunk> = serde_json::from_slice(&manifest.data).ok()?;
    let entry = chunks.into_values().find(|chunk| chunk.is_entry)?;
    Some(PanelFiles { script: entry.file, styles: entry.css })
}

/// The script that a creator's page loads.
#[utoipa::path(
    get, path = "/w/loader.js", tag = "widget",
    responses((status = 200, description = "The loader.", content_type = "text/javascript"), (status = 304))
)]
pub(super) async fn loader(headers: HeaderMap) -> Response {
    let Some(file) = Files::get("loader.js") else {
        return (StatusCode::SERVICE_UNAVAILABLE, UNBUILT).into_response();
    };
    // Its address never changes, so a new version must get through soon.
    let mut response = answer(&file, &headers, "public, max-age=300, stale-while-revalidate=86400");
    // Pages that isolate themselves (COEP) load only what says that it may be loaded.
    response
        .headers_mut()
        .insert("cross-origin-resource-policy", header::HeaderValue::from_static("cross-origin"));
    response
}

/// A file of the panel. Its name carries a hash of its content, so it never changes.
#[utoipa::path(
    get, path = "/w/assets/{file}", tag = "widget", params(("file" = String, Path, description = "Its hashed name.")),
    responses((status = 200, description = "The file."), (status = 404, description = "There is none."))
)]
pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    // Debug builds read the folder itself, so a name must not lead out of it.
    let plain = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match plain.then(|| Files::get(&format!("assets/{file}"))).flatten() {
        Some(file) => answer(&file, &headers, "public, max-age=31536000, immutable"),
        None => coxswain_http::Problem::not_found("file").into_response(),
    }
}

fn answer(file: &EmbeddedFile, request: &HeaderMap, cache: &'static str) -> Response {
    let etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..16]));
    let known = request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let headers = [
        (header::CONTENT_TYPE, content_type(file)),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::ETAG, etag),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data.clone()).into_response()
}

fn content_type(file: &EmbeddedFile) -> String {
    let kind = file.metadata.mimetype();
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}
