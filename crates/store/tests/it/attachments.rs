//! Files that clients send.

use anyhow::{Context, Result};
use coxswain_domain::{
    AttachmentId, ConversationId, MessageId, TurnId,
    attachment::AttachmentKind,
    conversation::{Author, MessageStatus},
};
use coxswain_store::{
    Db, StoreError,
    attachments::{self, Attachment},
    conversations::{self, NewMessage},
    inbox,
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use uuid::Uuid;

use crate::{later, messenger, now, two};

contract!(
    a_file_is_sent_once_and_in_its_conversation,
    what_was_not_sent_is_forgotten,
    a_file_is_named_by_whatever_leads_to_it,
);

pub(crate) fn waiting(conversation: ConversationId, minute: i64, key: &str) -> Attachment {
    Attachment {
        id: AttachmentId::new(later(minute)),
        conversation_id: conversation,
        message_id: None,
        place: 0,
        file_key: key.into(),
        name: "plan.pdf".into(),
        kind: AttachmentKind::Pdf,
        mime: "application/pdf".into(),
        bytes: 5,
        created_at: later(minute),
    }
}

pub(crate) async fn says(
    db: &Db,
    coach: Coach,
    conversation: ConversationId,
    text: &str,
    id: Uuid,
) -> Result<MessageId> {
    let new = NewMessage {
        conversation,
        turn: TurnId::new(now()),
        author: Author::Client,
        text,
        status: MessageStatus::Done,
        client_message_id: Some(id),
    };
    let mut tx = db.write(coach.id).await?;
    let (_, message) = conversations::add_message(&mut tx, now(), coach.id, new).await?;
    tx.commit().await?;
    Ok(message.id)
}

async fn a_file_is_sent_once_and_in_its_conversation(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (anna, ben) = (mine.client(db, now(), None).await?, mine.client(db, now(), None).await?);
    let (first, second) = (waiting(anna.conversation, 0, "a"), waiting(anna.conversation, 1, "b"));
    let id = Uuid::new_v4();
    let message = says(db, mine, anna.conversation, "📎 plan.pdf", id).await?;
    let mut tx = db.write(mine.id).await?;
    for file in [&first, &second] {
        attachments::insert(&mut tx, mine.id, file).await?;
    }
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    let again = attachments::insert(&mut tx, mine.id, &first).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    drop(tx);

    let mut tx = db.write(mine.id).await?;
    assert_eq!(attachments::unsent(&mut tx, mine.id, anna.conversation).await?, 2);
    let elsewhere = (ben.conversation, message);
    assert_eq!(attachments::send(&mut tx, mine.id, elsewhere, first.id, 0).await?, None);
    let here = (anna.conversation, message);
    assert!(attachments::send(&mut tx, mine.id, here, second.id, 0).await?.is_some());
    assert!(attachments::send(&mut tx, mine.id, here, first.id, 1).await?.is_some());
    assert_eq!(attachments::send(&mut tx, mine.id, here, first.id, 0).await?, None, "once");
    assert_eq!(attachments::unsent(&mut tx, mine.id, anna.conversation).await?, 0);
    let carried = attachments::of_messages(&mut tx, mine.id, anna.conversation, (1, 1)).await?;
    assert_eq!(carried.iter().map(|file| file.id).collect::<Vec<_>>(), [second.id, first.id]);
    assert_eq!(attachments::of_messages(&mut tx, mine.id, anna.conversation, (2, 9)).await?, []);
    assert_eq!(attachments::sent_as(&mut tx, mine.id, anna.conversation, id).await?, Some(message));
    assert_eq!(attachments::sent_as(&mut tx, mine.id, ben.conversation, id).await?, None);
    let sent = attachments::discard(&mut tx, mine.id, anna.conversation, first.id).await?;
    assert_eq!(sent, None, "what was sent stays");
    tx.commit().await?;

    let mut tx = db.read(other.id).await?;
    assert_eq!(attachments::get(&mut tx, other.id, first.id).await?, None);
    assert_eq!(attachments::of_messages(&mut tx, other.id, anna.conversation, (1, 1)).await?, []);
    Ok(())
}

async fn what_was_not_sent_is_forgotten(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let anna = mine.client(db, now(), None).await?;
    let files: Vec<_> =
        (0..3).map(|minute| waiting(anna.conversation, minute, &format!("f{minute}"))).collect();
    let message = says(db, mine, anna.conversation, "📎", Uuid::new_v4()).await?;
    let mut tx = db.write(mine.id).await?;
    for file in &files {
        attachments::insert(&mut tx, mine.id, file).await?;
    }
    attachments::send(&mut tx, mine.id, (anna.conversation, message), files[0].id, 0).await?;
    let taken_back = attachments::discard(&mut tx, mine.id, anna.conversation, files[2].id).await?;
    assert_eq!(taken_back.as_deref(), Some("f2"));
    tx.commit().await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(attachments::expire(&mut tx, other.id, later(99)).await?, Vec::<String>::new());
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert_eq!(attachments::expire(&mut tx, mine.id, later(1)).await?, Vec::<String>::new(), "not yet");
    assert_eq!(attachments::expire(&mut tx, mine.id, later(2)).await?, ["f1"], "not the one that was sent");
    let kept = attachments::get(&mut tx, mine.id, files[0].id).await?.context("what was sent")?;
    assert_eq!(kept.message_id, Some(message));
    Ok(())
}

async fn a_file_is_named_by_whatever_leads_to_it(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let anna = mine.client(db, now(), None).await?;
    let bot = messenger::bot(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    attachments::insert(&mut tx, mine.id, &waiting(anna.conversation, 0, "creator/file")).await?;
    let new = inbox::New {
        creator: mine.id,
        account: bot,
        provider_message_id: "m1",
        sender: "7",
        sent_at: None,
        raw: b"{}",
    };
    let row = inbox::receive(&mut tx, now(), new).await?.context("it is new")?;
    tx.commit().await?;
    let mut tx = db.read(mine.id).await?;
    for (key, named) in [
        ("creator/file".to_owned(), true),
        (format!("creator/{row}"), true),
        (format!("creator/{}", Uuid::nil()), false),
        ("creator/.incoming-x".into(), false),
    ] {
        assert_eq!(attachments::names_file(&mut tx, mine.id, &key).await?, named, "{key}");
    }
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(!attachments::names_file(&mut tx, other.id, "creator/file").await?);
    Ok(())
}
