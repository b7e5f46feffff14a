//! SIGKILL at bad moments loses nothing and does nothing twice.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coxswain_test_support::ollama::{FakeOllama, Script};
use tokio::time::{Instant, sleep};

use crate::{
    app::{PATIENCE, TestApp},
    events::Events,
    fixtures::{FIRST_HOUR, HABITS, book},
    rows::Rows,
};

#[tokio::test]
async fn documents_are_ingested_once_however_often_the_server_dies() -> Result<()> {
    let mut app = TestApp::start(&[]).await?;
    let mut documents = Vec::new();
    for title in ["Still water", "White water", "Head wind"] {
        let name = format!("{}.md", title.to_lowercase().replace(' ', "-"));
        documents.push(app.upload(&name, book(title, 60).as_bytes()).await?);
    }
    let rows = Rows::of(&app);
    // While the first are parsed, then while vectors are made, then again.
    for vectors in [0, 1, 200] {
        while rows.count("SELECT COUNT(*) FROM chunk_embeddings").await? < vectors {
            sleep(Duration::from_millis(20)).await;
        }
        app.kill().await?;
        app.boot().await?;
    }
    for document in &documents {
        let read = app.ready(document).await?;
        ensure!(read["version"]["active"] == true && read["versions_count"] == 1, "{read}");
        ensure!(read["version"]["chunks_done"] == read["version"]["chunks_total"], "{read}");
    }
    ensure!(rows.count("SELECT COUNT(*) FROM documents").await? == 3, "a document was doubled");
    let faults = rows.faults().await?;
    ensure!(faults.is_empty(), "{faults:?}");
    let turn = app.ask("How many strokes in step 3 of exercise 17 in White water?", None).await?.cited()?;
    ensure!(turn.citations()[0]["title"] == "white-water", "{:?}", turn.citations());
    Ok(())
}

#[tokio::test]
async fn files_a_crash_left_behind_are_removed_and_no_others() -> Result<()> {
    let mut app = TestApp::start(&[]).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;
    app.kill().await?;
    let folder = std::fs::read_dir(app.files())?.next().context("no folder of the creator")??.path();
    for stray in [".incoming-4f2a", "01a1fdb9-0ca5-7637-98e1-b328ecaeda46"] {
        std::fs::write(folder.join(stray), "cut off")?;
    }
    app.boot().await?;
    let limit = Instant::now() + PATIENCE;
    while std::fs::read_dir(&folder)?.count() != 1 {
        ensure!(Instant::now() < limit, "what the crash left is still there");
        sleep(Duration::from_millis(50)).await;
    }
    app.ask(FIRST_HOUR, None).await?.cited()?;
    let listed = app.get("/api/v1/documents").await?;
    let id = listed["items"][0]["id"].as_str().context("no document")?;
    let file = app.request(reqwest::Method::GET, &format!("/api/v1/documents/{id}/file")).send().await?;
    ensure!(file.text().await? == HABITS, "the document's own file is not what was uploaded");
    Ok(())
}

#[tokio::test]
async fn an_answer_cut_off_by_a_crash_is_given_once_after_it() -> Result<()> {
    let said = "Mira gives the first hour to reading, before the newspaper [1].";
    let slow = Script::tokens(400).slow(Duration::from_millis(50));
    let ollama = FakeOllama::start(&["llama3.2"], vec![slow]).await?;
    let mut app = TestApp::start(&[("ollama.url", &ollama.url())]).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;
    let mut events = Events::of(app.begin(FIRST_HOUR, None).await?);
    let (question, _) = events.until("message").await?;
    let conversation = question.data["conversation_id"].as_str().context("no conversation")?.to_owned();
    // Half an answer is written down, then the lights go out.
    let rows = Rows::of(&app);
    while rows.count("SELECT COUNT(*) FROM messages WHERE status = 'streaming' AND text <> ''").await? == 0 {
        sleep(Duration::from_millis(20)).await;
    }
    app.kill().await?;
    ollama.script(vec![Script::says(said)]);
    app.boot().await?;

    let path = format!("/api/v1/conversations/{conversation}/events");
    let mut events = Events::of(app.request(reqwest::Method::GET, &path).send().await?.error_for_status()?);
    let reply = loop {
        let (event, _) = events.until("message").await?;
        if event.data["author"] == "engine" && event.data["status"] != "streaming" {
            break event.data;
        }
    };
    ensure!(reply["status"] == "done" && reply["text"] == said, "{reply}");
    let messages = app.messages(&conversation).await?;
    ensure!(messages.len() == 2 && messages[1] == reply, "{messages:?}");
    ensure!(ollama.requests().len() == 2, "asked once before and once after the crash");
    let next = app.ask("And what belongs to the last hour?", Some(&conversation)).await?;
    ensure!(next.reply["status"] == "done", "{:?}", next.reply);
    Ok(())
}
