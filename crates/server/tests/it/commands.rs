//! The command line: what it prints, where, and how it ends.

use std::{path::Path, process::Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    app::program,
    fixtures::{FIRST_HOUR, HABITS},
};

async fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Result<Output> {
    let settings: Vec<_> = settings.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Ok(program(folder, &settings).args(arguments).output().await?)
}

fn json(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))
}

#[tokio::test]
async fn a_wrong_setting_is_refused_by_key_and_value_with_what_is_allowed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // Key, value, and what the refusal must name beside them.
    let wrong = [
        ("ollama.num_ctx", "10", "1024"),
        ("ollama.temperature", "9", "0 to 2"),
        ("server.listen", "here", "127.0.0.1:8080"),
        ("log.format", "prose", "json"),
        ("log.level", "loud", "debug"),
        ("database.connections", "0", "1 to 512"),
        ("server.listen_on", "127.0.0.1:1", "listen"),
        ("ollama.url", "localhost:11434", "http://"),
    ];
    for (key, value, allowed) in wrong {
        let output = run(folder.path(), &[(key, value)], &["serve"]).await?;
        let said = String::from_utf8(output.stderr)?;
        let name = key.rsplit('.').next().unwrap_or(key);
        ensure!(output.status.code() == Some(2), "{key}: {} {said}", output.status);
        ensure!(said.contains(name) && said.contains(allowed), "{key} = {value}: {said}");
        ensure!(said.contains(value) || key == "server.listen_on", "{key} = {value}: {said}");
        ensure!(output.stdout.is_empty(), "results only on standard output");
    }
    let output = run(folder.path(), &[], &["sevre"]).await?;
    ensure!(output.status.code() == Some(2), "{}", output.status);
    let nothing_made = std::fs::read_dir(folder.path())?.next().is_none();
    ensure!(nothing_made, "a refused start leaves nothing behind");
    Ok(())
}

#[tokio::test]
async fn documents_are_ingested_and_asked_without_a_server() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("habits.md");
    std::fs::write(&file, HABITS)?;
    let file = file.to_str().context("a path in UTF-8")?;
    let output = run(folder.path(), &[], &["ingest", file, "--kb", "habits", "--json"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let line = json(&output)?;
    ensure!(line["stage"] == "ready" && line["file"] == "habits.md", "{line}");

    let output = run(folder.path(), &[], &["ask", FIRST_HOUR, "--kb", "habits", "--json"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let answer = json(&output)?;
    let citation = &answer["citations"][0];
    ensure!(answer["abstained"] == false && citation["document"] == "habits", "{answer}");
    ensure!(citation["quote"].as_str().is_some_and(|quote| HABITS.contains(quote)), "{answer}");
    ensure!(answer["confidence"].as_f64().is_some_and(|sure| (0.0..=1.0).contains(&sure)), "{answer}");

    let output = run(folder.path(), &[], &["ask", FIRST_HOUR, "--kb", "nothing"]).await?;
    ensure!(output.status.code() == Some(1), "{output:?}");
    ensure!(String::from_utf8(output.stderr)?.contains("nothing"), "it names what is missing");
    Ok(())
}

#[tokio::test]
async fn parse_says_why_a_file_cannot_be_read_and_reads_the_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, content) in [("song.mp3", "ID3"), ("letter.pdf", "Dear Mira,"), ("habits.md", HABITS)] {
        std::fs::write(folder.path().join(name), content)?;
    }
    let files = ["parse", "--json", "song.mp3", "letter.pdf", "habits.md"];
    let output = run(folder.path(), &[], &files).await?;
    ensure!(output.status.code() == Some(1), "{}", output.status);
    let lines = String::from_utf8(output.stdout)?;
    let rows = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    ensure!(rows.len() == 3, "{lines}");
    ensure!(rows[0]["status"] == "rejected" && rows[0]["code"] == "unsupported_format", "{}", rows[0]);
    ensure!(rows[1]["status"] == "rejected" && rows[1]["error"].is_string(), "{}", rows[1]);
    ensure!(rows[2]["status"] == "ok", "{}", rows[2]);
    ensure!(
        rows[2]["text"].as_str().is_some_and(|text| text.contains("before the newspaper")),
        "{}",
        rows[2]
    );
    Ok(())
}

#[tokio::test]
async fn the_api_is_described_and_each_part_is_looked_at() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let openapi = json(&run(folder.path(), &[], &["openapi"]).await?)?;
    for path in ["/api/v1/messages", "/api/v1/documents", "/w/messages", "/w/consent"] {
        ensure!(openapi["paths"][path].is_object(), "{path} is not described");
    }
    let output = run(folder.path(), &[], &["doctor", "--json"]).await?;
    let parts = json(&output)?;
    let status = |name: &str| {
        let parts = parts.as_array().into_iter().flatten();
        parts.clone().find(|part| part["name"] == name).map(|part| part["status"].clone())
    };
    for name in ["database", "index", "embedding", "parser"] {
        ensure!(status(name) == Some("ok".into()), "{name}: {parts}");
    }
    ensure!(status("model") == Some("degraded".into()), "{parts}");
    ensure!(output.status.success(), "a missing chat model is no failure: {output:?}");
    Ok(())
}
