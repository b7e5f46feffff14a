//! Sessions of the widget.

use anyhow::Result;
use coxswain_domain::{
    TurnId, WidgetSessionId,
    conversation::{Author, MessageStatus},
};
use coxswain_store::{
    Db,
    conversations::{self, NewMessage},
    widget_sessions::{self, WidgetSession},
};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, Person},
};

use crate::{later, now, two};

contract!(
    a_token_is_good_until_it_expires,
    seen_never_goes_back_nor_past_the_end,
    an_ended_session_is_worth_nothing,
    a_subject_goes_on_where_they_wrote,
);

async fn session(db: &Db, coach: Coach) -> Result<(Person, WidgetSession)> {
    let person = coach.client(db, now(), None).await?;
    let session = WidgetSession {
        id: WidgetSessionId::new(now()),
        creator_id: coach.id,
        channel_account_id: coach.widget,
        client_id: person.id,
        subject: None,
        conversation_id: person.conversation,
        seen_seq: 0,
        created_at: now(),
        expires_at: later(10),
    };
    let mut tx = db.write(coach.id).await?;
    widget_sessions::insert(&mut tx, &session, b"hash").await?;
    tx.commit().await?;
    Ok((person, session))
}

async fn a_token_is_good_until_it_expires(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (_, begun) = session(db, mine).await?;
    let mut tx = db.system().await?;
    assert_eq!(widget_sessions::by_token(&mut tx, later(9), b"hash").await?, Some(begun.clone()));
    assert_eq!(widget_sessions::by_token(&mut tx, later(10), b"hash").await?, None);
    assert_eq!(widget_sessions::by_token(&mut tx, now(), b"else").await?, None);
    drop(tx);
    let mut tx = db.write(other.id).await?;
    widget_sessions::extend(&mut tx, other.id, begun.id, later(99)).await?;
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    widget_sessions::extend(&mut tx, mine.id, begun.id, later(20)).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    let found = widget_sessions::by_token(&mut tx, later(19), b"hash").await?;
    assert_eq!(found.map(|found| found.expires_at), Some(later(20)), "only its own creator extends it");
    assert_eq!(widget_sessions::prune(&mut tx, later(20)).await?, 0);
    assert_eq!(widget_sessions::prune(&mut tx, later(21)).await?, 1);
    Ok(())
}

async fn seen_never_goes_back_nor_past_the_end(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (person, begun) = session(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(widget_sessions::last_event(&mut tx, mine.id, person.conversation).await?, Some(0));
    for author in [Author::Client, Author::CheckIn, Author::Coach] {
        let message = NewMessage {
            conversation: person.conversation,
            turn: TurnId::new(now()),
            author,
            text: "Hello",
            status: MessageStatus::Done,
            client_message_id: None,
        };
        conversations::add_message(&mut tx, now(), mine.id, message).await?;
    }
    assert_eq!(widget_sessions::last_event(&mut tx, mine.id, person.conversation).await?, Some(3));
    assert_eq!(widget_sessions::unread(&mut tx, mine.id, person.conversation, 0).await?, 2);
    assert_eq!(widget_sessions::unread(&mut tx, mine.id, person.conversation, 2).await?, 1);
    for (seq, seen) in [(2, 2), (1, 2), (9, 2), (3, 3)] {
        widget_sessions::set_seen(&mut tx, mine.id, begun.id, seq).await?;
        let found = widget_sessions::by_token(&mut tx, now(), b"hash").await?;
        assert_eq!(found.map(|found| found.seen_seq), Some(seen), "after {seq}");
    }
    Ok(())
}

async fn an_ended_session_is_worth_nothing(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (_, begun) = session(db, mine).await?;
    let mut tx = db.write(other.id).await?;
    widget_sessions::end(&mut tx, later(1), other.id, begun.id).await?;
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert!(
        widget_sessions::by_token(&mut tx, later(2), b"hash").await?.is_some(),
        "only its creator ends it"
    );
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    widget_sessions::end(&mut tx, later(1), mine.id, begun.id).await?;
    // Ending what has ended does not bring it back.
    widget_sessions::end(&mut tx, later(5), mine.id, begun.id).await?;
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert_eq!(widget_sessions::by_token(&mut tx, later(1), b"hash").await?, None);
    Ok(())
}

async fn a_subject_goes_on_where_they_wrote(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (person, begun) = session(db, mine).await?;
    let mut tx = db.write(mine.id).await?;
    let known = WidgetSession {
        id: WidgetSessionId::new(later(1)),
        subject: Some("user-7".into()),
        seen_seq: 4,
        created_at: later(1),
        ..begun
    };
    widget_sessions::insert(&mut tx, &known, b"second").await?;
    tx.commit().await?;
    let found = async |coach: Coach, subject: &str| {
        let mut tx = db.read(coach.id).await?;
        anyhow::Ok(widget_sessions::conversation_of_subject(&mut tx, coach.id, mine.widget, subject).await?)
    };
    assert_eq!(found(mine, "user-7").await?, Some((person.conversation, 4)));
    assert_eq!(found(mine, "user-8").await?, None);
    assert_eq!(found(other, "user-7").await?, None);
    let mut tx = db.system_read().await?;
    let read = widget_sessions::by_token(&mut tx, later(2), b"second").await?;
    assert_eq!(read.and_then(|session| session.subject), Some("user-7".to_owned()));
    drop(tx);

    let mut tx = db.write(other.id).await?;
    assert_eq!(widget_sessions::end_known(&mut tx, later(2), other.id, mine.widget).await?, 0);
    tx.commit().await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(widget_sessions::end_known(&mut tx, later(2), mine.id, mine.widget).await?, 1);
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert!(
        widget_sessions::by_token(&mut tx, later(2), b"hash").await?.is_some(),
        "the anonymous one stays"
    );
    Ok(())
}
