//! What is served of the built widget, and that every endpoint is in the OpenAPI document.

use anyhow::Result;
use axum::{body::Body, http::StatusCode};
use coxswain_channels::web::{self, Quotas, WidgetState};
use coxswain_domain::SystemClock;
use coxswain_store::{files::Files, live::Live, work::Work};
use coxswain_test_support::db;
use std::sync::Arc;
use tower::ServiceExt;

use crate::app::App;

#[tokio::test]
async fn the_loader_is_served_or_says_how_to_build_it() -> Result<()> {
    let db = db::sqlite().await?;
    let app = App::new(&db);
    let loader = app.get("/w/loader.js", &[]).await?;
    if loader.status == StatusCode::SERVICE_UNAVAILABLE {
        assert!(loader.text.contains("npm run build"), "{}", loader.text);
        return Ok(());
    }
    assert_eq!(loader.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert!(loader.text.contains("data-widget-key") || loader.text.contains("widgetKey"));
    let etag = loader.header("etag").unwrap_or_default();
    let again = app.get("/w/loader.js", &[("if-none-match", etag)]).await?;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    Ok(())
}

#[tokio::test]
async fn only_built_files_are_served() -> Result<()> {
    let db = db::sqlite().await?;
    let app = App::new(&db);
    for path in
        ["/w/assets/missing.js", "/w/assets/..%2Fmanifest.json", "/w/assets/%2e%2e%2f%2e%2e%2fpackage.json"]
    {
        assert_eq!(app.get(path, &[]).await?.status, StatusCode::NOT_FOUND, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn every_endpoint_is_documented() -> Result<()> {
    let db = db::sqlite().await?;
    let clock: coxswain_domain::SharedClock = Arc::new(SystemClock);
    let work = Work::new(db.clone(), clock.clone(), Vec::new());
    let folder = tempfile::tempdir()?;
    let media = Files::open(folder.path()).await?;
    let state = WidgetState::new(db.clone(), clock, Live::default(), work, media, None, &Quotas::default());
    let (_, openapi) = web::router(state).split_for_parts();
    let mut paths: Vec<_> = openapi.paths.paths.keys().map(String::as_str).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "/w/assets/{file}",
            "/w/attachments/{id}",
            "/w/cancel",
            "/w/consent",
            "/w/conversation",
            "/w/events",
            "/w/human",
            "/w/link",
            "/w/link-codes",
            "/w/loader.js",
            "/w/messages",
            "/w/messages/{id}/feedback",
            "/w/seen",
            "/w/session",
            "/w/transcript",
            "/w/{key}/config",
            "/w/{key}/panel",
            "/w/{key}/sessions",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn pages_travel_compressed_and_streams_do_not() -> Result<()> {
    let db = db::sqlite().await?;
    let app = App::new(&db);
    let widget = app.widget().await?;
    let path = format!("/w/{}/config", widget.public_key);
    let encoding = async |headers: &[(&str, &str)]| -> Result<Option<String>> {
        let request =
            headers.iter().fold(axum::http::Request::builder().uri(&path), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = app.router.clone().oneshot(request.body(Body::empty())?).await?;
        Ok(response
            .headers()
            .get("content-encoding")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned))
    };
    assert_eq!(encoding(&[("accept-encoding", "gzip")]).await?.as_deref(), Some("gzip"));
    assert_eq!(encoding(&[]).await?, None);

    let client = app.session(&widget).await?;
    let request = axum::http::Request::builder()
        .uri("/w/events")
        .header("authorization", &client.bearer)
        .header("accept-encoding", "gzip")
        .body(Body::empty())?;
    let stream = app.router.clone().oneshot(request).await?;
    assert_eq!(stream.headers().get("content-encoding"), None);
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    Ok(())
}
