//! The transcript: everything that was said, for the client to keep.

use anyhow::Result;
use axum::http::{Method, StatusCode};
use coxswain_domain::{
    ChunkId, Clock, DocumentId, VersionId,
    citation::Citation,
    conversation::{Author, MessageStatus},
};
use coxswain_store::conversations::{self, NewMessage, Settled};
use coxswain_test_support::db::TestDb;
use uuid::Uuid;

use crate::app::App;

coxswain_test_support::contract!(everything_said_is_in_it_with_its_sources, it_speaks_the_panels_languages);

async fn everything_said_is_in_it_with_its_sources(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let account = app.widget().await?;
    let client = app.session(&account).await?;
    let mut events = client.listen(None).await?;
    client.say("What about two days?", Uuid::new_v4()).await?;
    events.until_answered().await?;

    let (now, creator) = (app.clock.now(), account.creator_id);
    let mut tx = app.db.write(creator).await?;
    let add = |author, status, text| NewMessage {
        conversation: client.conversation,
        turn: coxswain_domain::TurnId::new(now),
        author,
        text,
        status,
        client_message_id: None,
    };
    // More than one reading takes in.
    let notes: Vec<_> = (0..250).map(|number| format!("Note {number};")).collect();
    for text in &notes {
        conversations::add_message(&mut tx, now, creator, add(Author::CheckIn, MessageStatus::Done, text))
            .await?;
    }
    let coach = add(Author::Coach, MessageStatus::Done, "I am here now.");
    conversations::add_message(&mut tx, now, creator, coach).await?;
    let (_, cited) =
        conversations::add_message(&mut tx, now, creator, add(Author::Engine, MessageStatus::Streaming, ""))
            .await?;
    let citation = Citation {
        n: 1,
        document_id: DocumentId::new(now),
        title: "Keeping a habit".into(),
        version_id: VersionId::new(now),
        version_number: 1,
        page: Some(14),
        heading: None,
        start_ms: None,
        quote: "do the smallest version".into(),
        url: Some("https://mira.example/habits".into()),
        chunk_id: ChunkId::new(now),
        score: 1.0,
    };
    let end = Settled {
        status: MessageStatus::Done,
        text: "Do the smallest version. [1]".into(),
        abstained: false,
        citations: vec![citation],
        problem: None,
    };
    conversations::settle(&mut tx, now, creator, cited.id, &end).await?;
    conversations::add_message(
        &mut tx,
        now,
        creator,
        add(Author::Engine, MessageStatus::Streaming, "Unfinished"),
    )
    .await?;
    tx.commit().await?;

    let answer = client.call(Method::GET, "/w/transcript", None).await?;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"conversation-2026-11-18.txt\"")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = &answer.text;
    // 11:06 in UTC is 12:06 in Berlin, where the client is.
    assert!(
        text.starts_with("Conversation with Mira Lindqvist\n2026-11-18 12:06 (Europe/Berlin)\n"),
        "{text}"
    );
    assert!(text.contains("[2026-11-18 12:06] You\nWhat about two days?\n"), "{text}");
    for note in &notes {
        assert_eq!(text.matches(note).count(), 1, "{note}");
    }
    assert!(text.contains("] Mira Lindqvist\nI am here now.\n"), "{text}");
    let sources = "] From Mira Lindqvist’s material\nDo the smallest version. [1]\nSources:\n  [1] Keeping a habit, page 14\n      \"do the smallest version\"\n      https://mira.example/habits\n";
    assert!(text.ends_with(sources), "{text}");
    Ok(())
}

async fn it_speaks_the_panels_languages(db: &TestDb) -> Result<()> {
    let app = App::new(db);
    let client = app.session(&app.widget().await?).await?;
    for (lang, first) in [
        ("de-AT", "Gespräch mit Mira Lindqvist"),
        ("ar", "محادثة مع Mira Lindqvist"),
        ("xx", "Conversation with Mira Lindqvist"),
    ] {
        let answer = client.call(Method::GET, &format!("/w/transcript?lang={lang}"), None).await?;
        assert_eq!(answer.text.lines().next(), Some(first));
    }
    Ok(())
}
