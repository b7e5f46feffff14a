//! SIGTERM ends the server in good order.

use std::time::Duration;

use anyhow::{Result, ensure};
use coxswain_test_support::ollama::{FakeOllama, Script};
use tokio::time::sleep;

use crate::{
    app::TestApp,
    events::Events,
    fixtures::{FIRST_HOUR, HABITS, book},
    rows::Rows,
};

#[tokio::test]
async fn a_document_in_hand_is_given_back_and_finished_after_the_next_start() -> Result<()> {
    let mut app = TestApp::start(&[("server.grace_seconds", "0")]).await?;
    let id = app.upload("still-water.md", book("Still water", 300).as_bytes()).await?;
    let rows = Rows::of(&app);
    while rows.count("SELECT COUNT(*) FROM chunk_embeddings").await? == 0 {
        sleep(Duration::from_millis(20)).await;
    }
    let status = app.stop().await?;
    ensure!(status.code() == Some(0), "{status}");
    let given_back = "SELECT COUNT(*) FROM jobs WHERE kind = 'ingest.v1' AND state = 'ready' AND attempts = 0
        AND leased_by IS NULL";
    ensure!(rows.count(given_back).await? == 1, "the job was not given back");

    app.boot().await?;
    app.ready(&id).await?;
    let faults = rows.faults().await?;
    ensure!(faults.is_empty(), "{faults:?}");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_being_written_may_end() -> Result<()> {
    let said = "Mira gives the first hour to reading, before the newspaper [1].";
    let ollama =
        FakeOllama::start(&["llama3.2"], vec![Script::says(said).slow(Duration::from_millis(100))]).await?;
    let mut app = TestApp::start(&[("ollama.url", &ollama.url())]).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;
    let mut stream = Events::of(app.begin(FIRST_HOUR, None).await?);
    stream.until("delta").await?;
    let status = app.stop().await?;
    ensure!(status.code() == Some(0), "{status}");
    let answered = "SELECT COUNT(*) FROM messages WHERE author = 'engine' AND status = 'done'";
    ensure!(Rows::of(&app).count(answered).await? == 1, "the answer was cut off");
    Ok(())
}
