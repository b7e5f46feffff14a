//! Documents given by their address: fetched from public servers only, within bounds.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::{Router, http::header, response::Redirect, routing::get};
use coxswain_creator_hub::fetch::Fetcher;
use coxswain_domain::Clock;
use coxswain_store::work::Work;
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};

use crate::app::{App, Login, UPLOAD};

coxswain_test_support::contract! {
    a_page_is_fetched_and_queued,
    private_addresses_are_refused,
    what_cannot_be_used_fails_with_a_reason,
}

/// More than may be fetched.
const TOO_LARGE: usize = (64 << 10) + 1;

/// A website on this machine.
async fn website() -> Result<SocketAddr> {
    let elsewhere = "http://169.254.169.254/latest/meta-data/";
    let pages = Router::new()
        .route("/page", get(|| async { ([(header::CONTENT_TYPE, "text/html")], "<h1>Row</h1>") }))
        .route("/moved", get(|| async { Redirect::permanent("/page") }))
        .route("/away", get(move || async move { Redirect::temporary(elsewhere) }))
        .route("/local", get(|| async { Redirect::temporary("http://localhost:1/") }))
        .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/film", get(|| async { ([(header::CONTENT_TYPE, "video/mp4")], "la") }))
        .route("/large", get(|| async { ([(header::CONTENT_TYPE, "text/plain")], "a".repeat(TOO_LARGE)) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, pages).await });
    Ok(address)
}

/// Names an address and waits until it was fetched or given up.
async fn fetch(app: &App, login: &Login, allowed: Option<SocketAddr>, url: &str) -> Result<Value> {
    let base = app.base(login).await?;
    let form = json!({ "url": url, "knowledge_base_id": base });
    let document = app.post("/api/v1/documents/from-url").by(login).json(&form).send().await?.expect(202)?;
    let clock: Arc<dyn Clock> = app.clock.clone();
    let mut fetcher =
        Fetcher::new(app.db.clone(), clock.clone(), app.files.clone(), app.progress.clone(), UPLOAD);
    if let Some(address) = allowed {
        fetcher = fetcher.allowing(address);
    }
    let work = Work::new(app.db.clone(), clock, vec![Arc::new(fetcher)]);
    work.start();
    let path = format!("/api/v1/documents/{}", document["id"].as_str().context("an id")?);
    for _ in 0..400 {
        let document = app.get(&path).by(login).send().await?.expect(200)?;
        if document["version"]["bytes"] != 0 || document["version"]["stage"] == "failed" {
            return Ok(document);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    anyhow::bail!("{url} was neither fetched nor given up")
}

async fn a_page_is_fetched_and_queued(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let site = website().await?;
    let document = fetch(&app, &owner, Some(site), &format!("http://{site}/moved")).await?;
    ensure!(document["version"]["stage"] == "queued" && document["kind"] == "html", "{document}");
    ensure!(document["citation_url"] == format!("http://{site}/moved"));
    let path = format!("/api/v1/documents/{}/file", document["id"].as_str().context("an id")?);
    ensure!(app.get(&path).by(&owner).send().await?.text() == "<h1>Row</h1>");
    Ok(())
}

async fn private_addresses_are_refused(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let site = website().await?;
    let port = site.port();
    let urls = [
        (None, format!("http://{site}/page")),
        (None, format!("http://localhost:{port}/page")),
        (None, format!("http://[::ffff:127.0.0.1]:{port}/page")),
        (None, format!("http://2130706433:{port}/page")),
        (Some(site), format!("http://{site}/away")),
        (Some(site), format!("http://{site}/local")),
        (Some(site), format!("http://{site}/file")),
    ];
    for (allowed, url) in urls {
        let document = fetch(&app, &owner, allowed, &url).await?;
        let sentence = document["version"]["failure"]["sentence"].as_str().unwrap_or_default();
        ensure!(sentence.contains("public website"), "{url}: {document}");
    }
    ensure!(app.stored()? == 0);
    Ok(())
}

async fn what_cannot_be_used_fails_with_a_reason(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let site = website().await?;
    for (path, reason) in
        [("round", "circles"), ("film", "cannot read"), ("large", "larger than"), ("nowhere", "no such page")]
    {
        let document = fetch(&app, &owner, Some(site), &format!("http://{site}/{path}")).await?;
        let sentence = document["version"]["failure"]["sentence"].as_str().unwrap_or_default();
        ensure!(sentence.contains(reason), "{path}: {document}");
    }
    let base = app.base(&owner).await?;
    for url in ["ftp://a.test/x", "javascript:alert(1)", "no address", "http://user:pass@a.test/"] {
        let form = json!({ "url": url, "knowledge_base_id": base });
        let reply = app.post("/api/v1/documents/from-url").by(&owner).json(&form).send().await?;
        reply.problem(422, "validation").with_context(|| url)?;
    }
    ensure!(app.stored()? == 0);
    Ok(())
}
