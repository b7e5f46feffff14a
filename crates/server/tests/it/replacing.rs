//! A document that is deleted is gone from everywhere; one that is replaced answers with its new words.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::{
    app::TestApp,
    fixtures::{FIRST_HOUR, HABITS, book},
    rows::Rows,
};

fn files_under(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        count += if path.is_dir() { files_under(&path)? } else { 1 };
    }
    Ok(count)
}

#[tokio::test]
async fn a_deleted_document_is_neither_found_nor_kept_nor_quoted() -> Result<()> {
    let app = TestApp::start(&[]).await?;
    let habits = app.upload("habits.md", HABITS.as_bytes()).await?;
    app.ready(&habits).await?;
    let turn = app.ask(FIRST_HOUR, None).await?.cited()?;
    let quote = turn.citations()[0]["quote"].as_str().unwrap_or_default();
    ensure!(files_under(&app.files())? == 1, "the upload is kept");

    app.delete(&format!("/api/v1/documents/{habits}")).await?;

    let again = app.ask(FIRST_HOUR, None).await?;
    ensure!(again.reply["abstained"] == true && again.citations().is_empty(), "{:?}", again.reply);
    let why =
        app.get(&format!("/api/v1/messages/{}/why", again.reply["id"].as_str().unwrap_or_default())).await?;
    ensure!(why["passages"].as_array().is_some_and(Vec::is_empty), "{why}");
    ensure!(files_under(&app.files())? == 0, "the file is still there");
    let rows = Rows::of(&app);
    for table in [
        "SELECT COUNT(*) FROM chunks",
        "SELECT COUNT(*) FROM chunk_embeddings",
        "SELECT COUNT(*) FROM document_parts",
        "SELECT COUNT(*) FROM document_versions",
        "SELECT COUNT(*) FROM documents",
    ] {
        ensure!(rows.count(table).await? == 0, "{table}");
    }
    let kept = serde_json::to_string(&app.messages(&turn.conversation).await?)?;
    ensure!(kept.contains("Deleted document"), "the citation should say that its source is gone: {kept}");
    ensure!(!kept.contains(quote) && !kept.contains("newspaper"), "the old answer still quotes it: {kept}");
    Ok(())
}

#[tokio::test]
async fn a_new_version_replaces_the_old_and_keeps_the_vectors_of_what_is_unchanged() -> Result<()> {
    let app = TestApp::start(&[]).await?;
    let story = book("Still water", 12);
    let old =
        format!("{story}\n\n## Fees\n\nThe boathouse fee is forty crowns, due on the first of March.\n");
    let new = format!(
        "{story}\n\n## Fees\n\nMembers pay the boathouse by rowing lessons for juniors, twice a season.\n"
    );
    let id = app.upload("still-water.md", old.as_bytes()).await?;
    app.ready(&id).await?;
    let before = app.metric("coxswain_ingest_chunks_total{vector=\"embedded\"}").await?;
    let turn = app.ask("What is the boathouse fee?", None).await?.cited()?;
    ensure!(turn.text().contains("forty crowns"), "{:?}", turn.reply);

    app.upload_version(&id, "still-water.md", new.as_bytes()).await?;
    let read = app.ready(&id).await?;
    ensure!(read["versions_count"] == 2 && read["version"]["number"] == 2, "{read}");

    let known = app.metric("coxswain_ingest_chunks_total{vector=\"known\"}").await?;
    let embedded = app.metric("coxswain_ingest_chunks_total{vector=\"embedded\"}").await? - before;
    ensure!(embedded >= 1.0 && known >= 12.0 && known > embedded * 4.0, "{known} known, {embedded} embedded");
    let turn = app.ask("How do members pay the boathouse?", None).await?.cited()?;
    ensure!(turn.text().contains("lessons for juniors"), "{:?}", turn.reply);
    ensure!(turn.citations()[0]["version_number"] == 2, "{:?}", turn.citations());
    let turn = app.ask("What is the boathouse fee?", None).await?;
    ensure!(!turn.reply.to_string().contains("forty crowns"), "the old words still answer: {:?}", turn.reply);
    let faults = Rows::of(&app).faults().await?;
    ensure!(faults.is_empty(), "{faults:?}");
    Ok(())
}
