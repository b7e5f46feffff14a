//! Files of clients over their whole life, looked at on the disk: received, erased with their client, swept.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::app::{PATIENCE, TestApp};

const PDF: &[u8] = b"%PDF-1.7\nmy knee";

/// Every file of every client.
fn media(app: &TestApp) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for creator in std::fs::read_dir(app.folder.path().join("media"))? {
        for file in std::fs::read_dir(creator?.path())? {
            all.push(file?.path());
        }
    }
    Ok(all)
}

/// Waits until exactly these files are left.
async fn left(app: &TestApp, expected: &[&Path]) -> Result<()> {
    let limit = Instant::now() + PATIENCE;
    loop {
        let found = media(app)?;
        if found.len() == expected.len() && expected.iter().all(|path| path.exists()) {
            return Ok(());
        }
        ensure!(Instant::now() < limit, "on the disk: {found:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// A session in a new widget; its token and its client.
async fn session(app: &TestApp) -> Result<(String, String)> {
    let widget = app.post("/api/v1/channel-accounts", &json!({ "kind": "widget", "name": "Site" })).await?;
    let key = widget["public_key"].as_str().context("a key")?;
    let form = json!({ "time_zone": "UTC", "locale": "en" });
    let begun: Value = app
        .http
        .post(app.url(&format!("/w/{key}/sessions")))
        .json(&form)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let text = |name: &str| begun[name].as_str().map(str::to_owned).context("a session");
    Ok((text("token")?, text("client_id")?))
}

/// Sends a file, with a message or not.
async fn send(app: &TestApp, token: &str, with_message: bool) -> Result<()> {
    let id = Uuid::new_v4();
    let path = app.url(&format!("/w/attachments/{id}?name=knee.pdf"));
    app.http.put(path).bearer_auth(token).body(PDF).send().await?.error_for_status()?;
    if with_message {
        let form = json!({ "client_message_id": Uuid::new_v4(), "attachments": [id] });
        let sent = app.http.post(app.url("/w/messages")).bearer_auth(token).json(&form);
        sent.send().await?.error_for_status()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_is_erased_with_their_files() -> Result<()> {
    let mut app = TestApp::start(&[]).await?;
    let ((anna, client), (ben, _)) = (session(&app).await?, session(&app).await?);
    send(&app, &ben, true).await?;
    let bens = media(&app)?;
    send(&app, &anna, true).await?;
    send(&app, &anna, false).await?;
    ensure!(media(&app)?.len() == 3);
    app.delete(&format!("/api/v1/clients/{client}")).await?;
    left(&app, &[&bens[0]]).await?;
    let refused = app.http.get(app.url("/w/conversation")).bearer_auth(&anna).send().await?;
    ensure!(refused.status() == 401, "their session is gone too");
    ensure!(app.stop().await?.success());
    Ok(())
}

#[tokio::test]
async fn what_nothing_leads_to_is_swept_after_a_day() -> Result<()> {
    let mut app = TestApp::start(&[]).await?;
    let (token, _) = session(&app).await?;
    send(&app, &token, true).await?;
    let sent = media(&app)?.pop().context("the file that was sent")?;
    let folder = sent.parent().context("its folder")?;
    let old = std::fs::metadata(&sent)?.modified()? - Duration::from_hours(25);
    let (lost, fresh) = (folder.join(Uuid::new_v4().to_string()), folder.join(Uuid::new_v4().to_string()));
    for path in [&lost, &fresh] {
        std::fs::write(path, "nobody's")?;
    }
    for path in [&lost, &sent] {
        std::fs::File::options().write(true).open(path)?.set_modified(old)?;
    }
    ensure!(app.stop().await?.success());
    app.boot().await?;
    left(&app, &[&sent, &fresh]).await?;
    let kept = app.get("/api/v1/inbox?q=knee.pdf").await?;
    ensure!(
        kept["items"].as_array().is_some_and(|items| items.len() == 1),
        "what was sent is still named: {kept}"
    );
    ensure!(app.stop().await?.success());
    Ok(())
}
