//! Clients' files in the inbox, and a client who is erased with everything of theirs.

use anyhow::{Context, Result, ensure};
use coxswain_creator_hub::erase::EraseFiles;
use coxswain_store::{
    erasure::ERASE_FILES_JOB,
    jobs::{self, Lease},
    work::Handler,
};
use coxswain_test_support::db::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Login, text};

coxswain_test_support::contract! {
    a_file_is_a_download_and_nothing_else,
    an_erased_client_leaves_nothing_on_the_disk,
    only_admins_erase,
}

async fn a_file_is_a_download_and_nothing_else(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "Look").await?;
    let file = app.sends_file(&owner, &anna, "Plan (1).pdf", b"%PDF-1.7 <script>").await?;
    let shown = app.see(&owner, &format!("/api/v1/inbox/{}", anna.conversation)).await?;
    let expected = json!([{ "id": file.id, "name": "Plan (1).pdf", "kind": "pdf", "mime": "application/pdf", "bytes": 17 }]);
    let messages = shown["messages"].as_array().context("messages")?;
    let carried: Vec<_> = messages.iter().map(|message| &message["attachments"]).collect();
    ensure!(carried == [&json!([]), &json!([]), &expected], "{carried:?}");

    let path = format!("/api/v1/attachments/{}", file.id);
    let reply = app.get(&path).by(&owner).send().await?;
    reply.expect(200)?;
    ensure!(reply.body.as_ref() == b"%PDF-1.7 <script>");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"Plan (1).pdf\"; filename*=UTF-8''Plan%20%281%29.pdf"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        ensure!(
            reply.headers.get(name).is_some_and(|sent| sent == value),
            "{name}: {:?}",
            reply.headers.get(name)
        );
    }
    app.get(&path).by(&stranger).send().await?.problem(404, "not_found")?;
    Ok(())
}

/// Does the job that deletes files, as a worker would.
async fn delete_files(app: &App) -> Result<()> {
    let worker = Uuid::new_v4();
    let now = coxswain_domain::Clock::now(&*app.clock);
    let mut tx = app.db.system().await?;
    let lease = Lease { worker, length: chrono::TimeDelta::minutes(1) };
    let job = jobs::claim(&mut tx, now, ERASE_FILES_JOB, lease).await?.context("the job")?;
    tx.commit().await?;
    let handler = EraseFiles { db: app.db.clone(), clock: app.clock.clone(), media: app.media.clone() };
    Ok(handler.run(&job, worker).await?)
}

async fn erase(app: &App, login: &Login, client: &Value) -> Result<crate::app::Reply> {
    app.delete(&format!("/api/v1/clients/{}", text(client))).by(login).send().await
}

async fn an_erased_client_leaves_nothing_on_the_disk(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let (owner, stranger) = (app.register("mira").await?, app.register("tomas").await?);
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "Look").await?;
    let ben = app.writes(&owner, &bot, "ben", "And here").await?;
    let gone = app.sends_file(&owner, &anna, "knee.pdf", b"%PDF-1.7").await?;
    let stays = app.sends_file(&owner, &ben, "back.pdf", b"%PDF-1.7").await?;
    ensure!(app.media.path(&gone.file_key).exists() && app.media.path(&stays.file_key).exists());
    let client = json!(anna.identity.client_id);
    erase(&app, &stranger, &client).await?.problem(404, "not_found")?;
    erase(&app, &owner, &client).await?.expect(204)?;

    let path = format!("/api/v1/attachments/{}", gone.id);
    app.get(&path).by(&owner).send().await?.problem(404, "not_found")?;
    let inbox = format!("/api/v1/inbox/{}", anna.conversation);
    app.get(&inbox).by(&owner).send().await?.problem(404, "not_found")?;
    erase(&app, &owner, &client).await?.problem(404, "not_found")?;
    delete_files(&app).await?;
    ensure!(!app.media.path(&gone.file_key).exists(), "its bytes are gone from the disk");
    ensure!(app.media.path(&stays.file_key).exists(), "another client's stay");
    let log = app.see(&owner, "/api/v1/audit?action=client.erased").await?;
    let entry = &log["items"][0];
    ensure!(entry["subject"] == client && !log.to_string().contains("anna"), "{entry}");
    ensure!(entry["detail"]["attachments"] == 1, "{entry}");
    Ok(())
}

async fn only_admins_erase(db: &TestDb) -> Result<()> {
    let app = App::new(db).await?;
    let owner = app.register("mira").await?;
    let editor = app.join(&owner, "eva", "editor").await?;
    let bot = app.bot(&owner, "42").await?;
    let anna = app.writes(&owner, &bot, "anna", "Look").await?;
    erase(&app, &editor, &json!(anna.identity.client_id)).await?.problem(403, "forbidden")?;
    app.see(&owner, &format!("/api/v1/inbox/{}", anna.conversation)).await?;
    Ok(())
}
