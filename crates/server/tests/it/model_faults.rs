//! Whatever goes wrong at the model server ends in a sentence, and the next question works.

use std::time::Duration;

use anyhow::{Result, ensure};
use coxswain_test_support::ollama::{FakeOllama, Script};

use crate::{
    app::TestApp,
    fixtures::{FIRST_HOUR, HABITS},
};

const SAID: &str = "Mira gives the first hour to reading, before the newspaper [1].";

#[tokio::test]
async fn each_fault_of_the_model_server_ends_in_a_sentence_and_the_next_question_works() -> Result<()> {
    let ollama = FakeOllama::start(&["llama3.2"], vec![]).await?;
    let settings = [
        ("ollama.url", ollama.url()),
        ("ollama.model", "llama3.2".to_owned()),
        ("ollama.first_token_seconds", "1".to_owned()),
        ("ollama.idle_seconds", "1".to_owned()),
    ];
    let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let app = TestApp::start(&settings).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;
    // The fault, what it is called, and whether what had come before it is kept.
    let faults = [
        (Script::says(SAID).slow_first(Duration::from_mins(2)), "model_timeout", false),
        (Script::says(SAID).hang_after(4), "model_timeout", true),
        (Script::says(SAID).cut_after(4), "model_broken", true),
        (Script::says(SAID).malformed_after(4), "model_broken", true),
        (Script::missing("llama3.2"), "model_missing", false),
        (Script::says(SAID).evaluated(40), "context_cut", false),
    ];
    for (script, code, keeps_text) in faults {
        ollama.script(vec![script.clone(), Script::says(SAID)]);
        let failed = app.ask(FIRST_HOUR, None).await?;
        ensure!(failed.reply["status"] == "failed", "{script:?}: {:?}", failed.reply);
        let problem = &failed.reply["problem"];
        ensure!(problem["code"] == code, "{script:?}: {problem}");
        ensure!(problem["sentence"].as_str().is_some_and(|text| text.ends_with('.')), "{problem}");
        let kept = if keeps_text { "Mira gives the first" } else { "" };
        ensure!(failed.text() == kept, "{script:?}: {:?}", failed.reply);
        let next = app.ask(FIRST_HOUR, Some(&failed.conversation)).await?.cited()?;
        ensure!(next.text() == SAID, "{script:?}: {:?}", next.reply);
    }
    Ok(())
}

#[tokio::test]
async fn without_a_model_server_answers_are_quotes_and_the_owner_is_told_what_to_do() -> Result<()> {
    let app = TestApp::start(&[]).await?;
    app.ready(&app.upload("habits.md", HABITS.as_bytes()).await?).await?;
    let turn = app.ask(FIRST_HOUR, None).await?.cited()?;
    let quote = turn.citations()[0]["quote"].as_str().unwrap_or_default();
    ensure!(HABITS.contains(quote) && turn.text().contains(quote), "{:?}", turn.reply);
    let models = app.get("/api/v1/models").await?;
    ensure!(models["chat"]["provider"] == "extractive", "{models}");
    ensure!(models["chat"]["action"].as_str().is_some_and(|text| text.contains("ollama pull")), "{models}");
    Ok(())
}
