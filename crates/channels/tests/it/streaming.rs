//! The event stream: live, resumable from the database, and no condition of the answer.

use anyhow::Result;
use coxswain_test_support::db::TestDb;
use serde_json::Value;
use uuid::Uuid;

use crate::app::{App, Event};

coxswain_test_support::contract!(
    words_stream_as_they_come,
    a_reader_that_comes_back_misses_and_repeats_nothing,
    the_answer_outlives_the_socket,
    a_snapshot_and_the_stream_after_it_join,
);

fn deltas(events: &[Event]) -> String {
    events
        .iter()
        .filter(|event| event.name == "delta")
        .filter_map(|event| event.data["text"].as_str())
        .collect()
}

async fn words_stream_as_they_come(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    let begun = events.until(|event| event.data["author"] == "engine").await?;
    assert_eq!(begun.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    for (word, id) in [("Yes, ", "2.5"), ("🚣 ", "2.8"), ("you may.", "2.16")] {
        words.send(word)?;
        let event = events.next().await?;
        assert_eq!((event.id.as_str(), event.data["text"].as_str()), (id, Some(word)));
    }
    drop(words);
    let end = events.until_answered().await?.pop();
    assert_eq!(
        end.map(|event| (event.id, event.data["text"].clone())),
        Some(("3".into(), "Yes, 🚣 you may.".into()))
    );
    Ok(())
}

async fn a_reader_that_comes_back_misses_and_repeats_nothing(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    words.send("One ")?;
    let before = events.until(|event| event.name == "delta").await?;
    let last = before.last().map(|event| event.id.clone()).unwrap_or_default();
    drop(events);

    words.send("two ")?;
    let mut again = client.listen(Some(&last)).await?;
    words.send("three.")?;
    let after = again.until(|event| event.data["text"] == "three." || event.id.ends_with(".14")).await?;
    assert!(
        after.iter().all(|event| event.name == "delta"),
        "what the reader has is not told again: {after:?}"
    );
    assert_eq!(deltas(&before) + &deltas(&after), "One two three.");
    drop(words);
    again.until_answered().await?;

    // Whoever comes back after the end gets what is new as it is now, and then silence.
    let mut late = client.listen(Some(&last)).await?;
    let end = late.next().await?;
    assert_eq!((end.name.as_str(), end.data["status"].as_str()), ("message", Some("done")));
    Ok(())
}

async fn the_answer_outlives_the_socket(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    words.send("You ")?;
    events.until(|event| event.name == "delta").await?;
    drop(events);
    words.send("may.")?;
    drop(words);
    let end = client.listen(None).await?.until_answered().await?.pop();
    assert_eq!(end.map(|event| event.data["text"].clone()), Some(Value::from("You may.")));
    Ok(())
}

async fn a_snapshot_and_the_stream_after_it_join(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    let words = app.engine.next().await;
    let mut events = client.listen(None).await?;
    client.say("May I?", Uuid::new_v4()).await?;
    words.send("You ")?;
    events.until(|event| event.name == "delta").await?;

    let snapshot = client.conversation().await?;
    let mut joined = client.listen(snapshot["last_event_id"].as_str()).await?;
    let caught_up = joined.next().await?;
    words.send("may.")?;
    let after = joined.next().await?;
    assert_eq!(deltas(&[caught_up, after]), "You may.");
    drop(words);
    joined.until_answered().await?;
    Ok(())
}
