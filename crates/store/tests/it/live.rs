//! Live events within a process.

use coxswain_domain::{ConversationId, MessageId, conversation::ConversationEvent};
use coxswain_store::live::Live;

use crate::now;

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
    let words: Vec<_> = (0..200).map(|number| format!("{number} ")).collect();
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
