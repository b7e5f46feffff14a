//! Live events within a process, and what other processes do.

use std::time::Duration;

use anyhow::{Context, Result};
use coxswain_domain::{ConversationId, MessageId, conversation::ConversationEvent};
use coxswain_store::live::{Joined, Live};
use coxswain_test_support::db::{TestDb, on_postgres};

use crate::{messenger, now, two};

fn text_of(events: &mut tokio::sync::broadcast::Receiver<ConversationEvent>) -> (String, Option<u32>) {
    let (mut text, mut end) = (String::new(), None);
    while let Ok(ConversationEvent::Delta { text: more, offset, .. }) = events.try_recv() {
        text.push_str(&more);
        end = Some(offset);
    }
    (text, end)
}

#[test]
fn whoever_joins_in_the_middle_misses_nothing() {
    let live = Live::default();
    let (conversation, message) = (ConversationId::new(now()), MessageId::new(now()));
    let mut first = live.join(conversation);
    assert!(first.growing.is_none());
    let mut writer = live.write(conversation, message, 7);
    writer.push("Steady ");
    let mut second = live.join(conversation);
    writer.push("🚣");
    let growing = second.growing.expect("a message grows");
    assert_eq!((growing.message_id, growing.seq, growing.text.as_str()), (message, 7, "Steady "));
    assert_eq!(text_of(&mut second.events), ("🚣".to_owned(), Some(9)), "offsets count UTF-16");
    assert_eq!(text_of(&mut first.events), ("Steady 🚣".to_owned(), Some(9)));
}

#[test]
fn joining_while_another_thread_writes_loses_and_repeats_nothing() {
    let live = Live::default();
    let (conversation, message) = (ConversationId::new(now()), MessageId::new(now()));
    let words: Vec<_> = (0..60).map(|number| format!("{number} ")).collect();
    let expected = words.concat();
    std::thread::scope(|scope| {
        let mut writer = live.write(conversation, message, 1);
        let writing = scope.spawn(|| {
            for word in &words {
                writer.push(word);
            }
            writer
        });
        let joined: Vec<_> = (0..50).map(|_| live.join(conversation)).collect();
        let writer = writing.join().expect("the writer ends");
        for mut one in joined {
            let before = one.growing.expect("it grows until the writer is dropped").text;
            assert_eq!(before + &text_of(&mut one.events).0, expected);
        }
        drop(writer);
    });
}

#[test]
fn cancelling_reaches_the_writer_and_empty_rooms_go() {
    let live = Live::default();
    let conversation = ConversationId::new(now());
    let writer = live.write(conversation, MessageId::new(now()), 1);
    assert_eq!(live.rooms(), 1);
    live.cancel(ConversationId::new(now()));
    assert!(!writer.cancelled().is_cancelled());
    live.cancel(conversation);
    assert!(writer.cancelled().is_cancelled());
    drop(writer);
    assert_eq!(live.rooms(), 0);
    assert!(live.join(conversation).growing.is_none());
}

#[test]
fn what_another_node_does_is_told() -> Result<()> {
    on_postgres(another_node)
}

async fn another_node(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let talk = mine.client(db, now(), None).await?.conversation;
    let live = Live::default();
    let mut reader = live.join(talk);
    live.look_out(db, mine.id, talk);
    // The first look comes after the reader's own, and may have seen more.
    changed(&mut reader).await?;
    messenger::write(db, mine, talk, "When?").await?;
    changed(&mut reader).await?;
    messenger::take_over(db, mine, talk).await?;
    changed(&mut reader).await?;
    // Looking ends with the last reader, and begins again with the next.
    drop(reader);
    while live.rooms() > 0 {
        tokio::task::yield_now().await;
    }
    let mut second = live.join(talk);
    live.look_out(db, mine.id, talk);
    changed(&mut second).await
}

async fn changed(reader: &mut Joined) -> Result<()> {
    let told = tokio::time::timeout(Duration::from_secs(20), reader.events.recv()).await;
    assert_eq!(told.context("nothing was told")??, ConversationEvent::Changed);
    Ok(())
}
