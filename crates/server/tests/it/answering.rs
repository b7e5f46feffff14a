//! From a sign-up to an answer whose quote stands on the page it names, on both databases.

use anyhow::{Context, Result, ensure};
use coxswain_test_support::{contract, db::TestDb};
use serde_json::Value;

use crate::{
    app::TestApp,
    fixtures::{FIRST_HOUR, HABITS, pdf},
    rows::Rows,
};

contract!(a_question_is_answered_with_a_quote_that_can_be_checked);

const ROWING: [&[&str]; 3] = [
    &["Rowing for beginners", "A season has three parts."],
    &["Holding the oar", "Hold the oar with loose fingers, as if it were a small bird."],
    &["After training", "Dry the boat before it is stored, or the varnish will blister."],
];

async fn a_question_is_answered_with_a_quote_that_can_be_checked(db: &TestDb) -> Result<()> {
    let app = TestApp::start(&[("database.url", db.url())]).await?;
    let habits = app.upload("habits.md", HABITS.as_bytes()).await?;
    let rowing = app.upload("rowing.pdf", &pdf(&ROWING)).await?;
    app.ready(&habits).await?;
    let read = app.ready(&rowing).await?;
    ensure!(read["version"]["pages_done"] == 3 && read["version"]["active"] == true, "{read}");

    let turn = app.ask(FIRST_HOUR, None).await?.cited()?;
    ensure!(turn.text().contains("belongs to the mind"), "{:?}", turn.reply);
    ensure!(turn.streamed == turn.text(), "what streamed is not what was kept: {turn:?}");
    ensure!(turn.citations()[0]["document_id"] == habits.as_str(), "{:?}", turn.citations());
    check_quotes(&app, turn.citations()).await?;

    let turn = app.ask("How should I hold the oar?", Some(&turn.conversation)).await?.cited()?;
    let first = &turn.citations()[0];
    ensure!(first["document_id"] == rowing.as_str() && first["page"] == 2, "{first}");
    check_quotes(&app, turn.citations()).await?;
    ensure!(app.messages(&turn.conversation).await?.len() == 4, "two questions, two answers");

    let faults = Rows::at(db.url()).faults().await?;
    ensure!(faults.is_empty(), "{faults:?}");
    Ok(())
}

/// Every quote stands word for word in the part of the document that its citation names.
async fn check_quotes(app: &TestApp, citations: &[Value]) -> Result<()> {
    for citation in citations {
        let document = citation["document_id"].as_str().context("no document")?;
        let parts = app.get(&format!("/api/v1/documents/{document}/parts")).await?;
        let quote = citation["quote"].as_str().filter(|quote| !quote.is_empty()).context("no quote")?;
        let parts = parts["items"].as_array().context("no parts")?;
        let there = parts.iter().any(|part| {
            part["page"] == citation["page"] && part["text"].as_str().is_some_and(|text| text.contains(quote))
        });
        ensure!(there, "{citation} is not in {parts:?}");
    }
    Ok(())
}
