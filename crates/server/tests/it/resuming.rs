//! A reader whose stream breaks comes back and has the whole text, nothing twice.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coxswain_test_support::ollama::{FakeOllama, Script};
use reqwest::Method;

use crate::{
    app::TestApp,
    events::Events,
    fixtures::{FIRST_HOUR, HABITS},
};

#[tokio::test]
async fn a_broken_stream_is_taken_up_where_it_ended() -> Result<()> {
    let words: Vec<String> = (0..60).map(|word| format!("wörd{word} ")).collect();
    let said = words.concat();
    let ollama =
        FakeOllama::start(&["llama3.2"], vec![Script::says(&said).slow(Duration::from_millis(50))]).await?;
    let app = TestApp::start(&[("ollama.url", &ollama.url())]).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;

    let mut stream = Events::of(app.begin(FIRST_HOUR, None).await?);
    let (question, _) = stream.until("message").await?;
    let conversation = question.data["conversation_id"].as_str().context("no conversation")?.to_owned();
    let mut text = String::new();
    let mut last = String::new();
    let path = format!("/api/v1/conversations/{conversation}/events");
    // Three readers, one after the other; each leaves in the middle.
    for _ in 0..3 {
        for _ in 0..5 {
            let (delta, grown) = stream.until("delta").await?;
            text += &grown;
            last = delta.id;
        }
        drop(stream);
        // What comes now, nobody hears.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let again = app.request(Method::GET, &path).header("last-event-id", &last);
        stream = Events::of(again.send().await?.error_for_status()?);
    }
    let (end, rest) = stream.until("message").await?;
    text += &rest;
    ensure!(end.data["author"] == "engine" && end.data["status"] != "streaming", "{:?}", end.data);
    ensure!(text == said, "{text}");
    // Whoever has seen the end is told nothing again: the next thing to come is the next question.
    let again = app.request(Method::GET, &path).header("last-event-id", &end.id);
    let mut stream = Events::of(again.send().await?.error_for_status()?);
    app.ask("What belongs to the last hour?", Some(&conversation)).await?;
    let next = stream.next().await?.context("the stream ended")?;
    ensure!(next.data["text"] == "What belongs to the last hour?", "{next:?}");
    Ok(())
}
