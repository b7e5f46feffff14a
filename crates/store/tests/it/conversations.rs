//! Conversations: taking questions in, growing answers, settling them once.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{
    ConversationId, MemberId, MessageId, TurnId,
    conversation::{Author, ConversationKind, MessageProblem, MessageStatus},
};
use coxswain_store::{
    Db, StoreError,
    conversations::{
        self, ANSWER_JOB, Accepted, AnswerPayload, Conversation, NewMessage, NewQuestion, Settled,
    },
    jobs::{self, Lease},
};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, Person},
};
use uuid::Uuid;

use crate::{ALL, later, now, paged, two};

contract!(
    a_question_its_place_and_its_job_come_together,
    a_repeat_gets_what_the_first_made,
    two_repeats_at_once_make_one_question,
    only_the_first_of_a_burst_is_held,
    an_answer_grows_and_is_settled_once,
    a_cancelled_answer_stays_cancelled,
    events_replay_what_happened,
    a_failed_answer_says_why,
    an_answer_is_briefed,
    nobody_writes_into_anothers_conversation,
    conversations_are_listed_by_kind,
);

fn question(person: Person, text: &str, id: Option<Uuid>) -> NewQuestion<'_> {
    NewQuestion {
        conversation: person.conversation,
        kind: ConversationKind::Client,
        text,
        client_message_id: id,
    }
}

pub(crate) async fn ask(db: &Db, coach: Coach, person: Person, text: &str) -> Result<Accepted> {
    let mut tx = db.write(coach.id).await?;
    let accepted =
        conversations::accept_message(&mut tx, now(), coach.id, question(person, text, None), None).await?;
    tx.commit().await?;
    Ok(accepted)
}

fn end(status: MessageStatus, text: &str) -> Settled {
    Settled { status, text: text.into(), abstained: false, citations: Vec::new(), problem: None }
}

async fn a_question_its_place_and_its_job_come_together(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let accepted = ask(db, mine, person, "When to rise?").await?;
    assert!(!accepted.repeated);
    assert_eq!((accepted.question.1.seq, accepted.reply.1.seq), (1, 2));
    assert_eq!((accepted.question.0, accepted.reply.0), (1, 2), "events have places of their own");
    assert_eq!(accepted.question.1.turn_id, accepted.reply.1.turn_id);
    assert_eq!(accepted.reply.1.status, MessageStatus::Streaming);
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::seconds(30) };
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, now(), ANSWER_JOB, lease).await?.context("the job")?;
    let payload: AnswerPayload = serde_json::from_value(job.payload)?;
    assert_eq!((payload.question_id, payload.reply_id), (accepted.question.1.id, accepted.reply.1.id));
    tx.commit().await?;

    let dropped = {
        let mut tx = db.write(mine.id).await?;
        conversations::accept_message(&mut tx, now(), mine.id, question(person, "Never mind", None), None)
            .await?
    };
    let mut tx = db.read(mine.id).await?;
    assert_eq!(conversations::message(&mut tx, mine.id, dropped.question.1.id).await?, None);
    Ok(())
}

async fn a_repeat_gets_what_the_first_made(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let id = Some(Uuid::new_v4());
    let mut tx = db.write(mine.id).await?;
    let first =
        conversations::accept_message(&mut tx, now(), mine.id, question(person, "Hi", id), None).await?;
    let again =
        conversations::accept_message(&mut tx, later(1), mine.id, question(person, "Hi", id), None).await?;
    assert!(again.repeated && again.job.is_none());
    assert_eq!((&again.question, &again.reply), (&first.question, &first.reply));
    let messages = conversations::list_messages(&mut tx, mine.id, person.conversation, 99, 99).await?;
    assert_eq!(messages.len(), 2);
    Ok(())
}

async fn two_repeats_at_once_make_one_question(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let id = Some(Uuid::new_v4());
    let send = async || -> Result<bool, StoreError> {
        let mut tx = db.write(mine.id).await?;
        let accepted =
            conversations::accept_message(&mut tx, now(), mine.id, question(person, "Hi", id), None).await?;
        tx.commit().await?;
        Ok(accepted.repeated)
    };
    let both: [Result<bool, StoreError>; 2] = tokio::join!(send(), send()).into();
    let fresh = both.iter().filter(|one| matches!(one, Ok(false))).count();
    let known = both.iter().filter(|one| matches!(one, Ok(true) | Err(StoreError::Conflict { .. }))).count();
    assert_eq!((fresh, known), (1, 1), "{both:?}");
    assert!(send().await?, "a third try finds it");
    let mut tx = db.read(mine.id).await?;
    assert_eq!(conversations::list_messages(&mut tx, mine.id, person.conversation, 99, 99).await?.len(), 2);
    Ok(())
}

async fn only_the_first_of_a_burst_is_held(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(30) };
    let mut held = Vec::new();
    for (minute, text) in [(0, "One"), (1, "Two")] {
        let mut tx = db.write(mine.id).await?;
        let new = question(person, text, None);
        held.push(
            conversations::accept_message(&mut tx, later(minute), mine.id, new, Some(lease)).await?.job,
        );
        tx.commit().await?;
    }
    assert!(held[1].is_none(), "the second waits for its turn");
    let job = held[0].take().context("the first is held")?;
    let mut tx = db.system().await?;
    assert!(jobs::claim(&mut tx, later(1), ANSWER_JOB, lease).await?.is_none());
    assert!(jobs::finish(&mut tx, later(1), job.id, lease.worker).await?);
    assert!(jobs::claim(&mut tx, later(1), ANSWER_JOB, lease).await?.is_some());
    Ok(())
}

async fn an_answer_grows_and_is_settled_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let reply = ask(db, mine, person, "When to rise?").await?.reply.1.id;
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::grow(&mut tx, mine.id, reply, "At").await?);
    assert!(conversations::grow(&mut tx, mine.id, reply, "At five").await?);
    let (_, growing) = conversations::message(&mut tx, mine.id, reply).await?.context("the reply")?;
    assert_eq!((growing.text.as_str(), growing.completed_at), ("At five", None));
    let (place, settled) =
        conversations::settle(&mut tx, later(1), mine.id, reply, &end(MessageStatus::Done, "At five."))
            .await?
            .context("settled")?;
    assert_eq!((place, settled.status, settled.text.as_str()), (3, MessageStatus::Done, "At five."));
    assert_eq!(settled.completed_at, Some(later(1)));
    assert!(!conversations::grow(&mut tx, mine.id, reply, "More").await?, "it is final");
    let again =
        conversations::settle(&mut tx, later(2), mine.id, reply, &end(MessageStatus::Failed, "")).await?;
    assert_eq!(again, None);
    assert_eq!(conversations::message(&mut tx, mine.id, reply).await?, Some((3, settled)));
    Ok(())
}

async fn a_cancelled_answer_stays_cancelled(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let reply = ask(db, mine, person, "When to rise?").await?.reply.1.id;
    let mut tx = db.write(other.id).await?;
    assert!(conversations::cancel_streaming(&mut tx, now(), other.id, person.conversation).await?.is_empty());
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    conversations::grow(&mut tx, mine.id, reply, "At").await?;
    let stopped = conversations::cancel_streaming(&mut tx, later(1), mine.id, person.conversation).await?;
    assert_eq!(stopped.len(), 1);
    let (place, message) = &stopped[0];
    assert_eq!((*place, message.status, message.text.as_str()), (3, MessageStatus::Cancelled, "At"));
    assert!(!conversations::grow(&mut tx, mine.id, reply, "At five").await?);
    let late =
        conversations::settle(&mut tx, later(2), mine.id, reply, &end(MessageStatus::Done, "At five."))
            .await?;
    assert_eq!(late, None);
    assert!(
        conversations::cancel_streaming(&mut tx, later(3), mine.id, person.conversation).await?.is_empty()
    );
    Ok(())
}

async fn events_replay_what_happened(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let accepted = ask(db, mine, person, "When to rise?").await?;
    let mut tx = db.write(mine.id).await?;
    conversations::settle(
        &mut tx,
        later(1),
        mine.id,
        accepted.reply.1.id,
        &end(MessageStatus::Done, "At five."),
    )
    .await?;
    let all = conversations::events_after(&mut tx, mine.id, person.conversation, 0, 99).await?;
    let told: Vec<_> = all.iter().map(|(place, message)| (*place, message.id)).collect();
    let (question, reply) = (accepted.question.1.id, accepted.reply.1.id);
    assert_eq!(told, [(1, question), (2, reply), (3, reply)]);
    assert_eq!(conversations::events_after(&mut tx, mine.id, person.conversation, 2, 99).await?, all[2..]);
    assert_eq!(conversations::events_after(&mut tx, mine.id, person.conversation, 0, 2).await?, all[..2]);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(conversations::events_after(&mut tx, other.id, person.conversation, 0, 9).await?.is_empty());
    assert!(conversations::list_messages(&mut tx, other.id, person.conversation, 9, 9).await?.is_empty());
    assert_eq!(conversations::message(&mut tx, other.id, reply).await?, None);
    Ok(())
}

async fn a_failed_answer_says_why(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let reply = ask(db, mine, person, "When to rise?").await?.reply.1.id;
    let problem = MessageProblem { code: "model_unreachable".into(), sentence: "Please ask again.".into() };
    let failed =
        Settled { problem: Some(problem.clone()), abstained: true, ..end(MessageStatus::Failed, "At") };
    let mut tx = db.write(mine.id).await?;
    conversations::settle(&mut tx, later(1), mine.id, reply, &failed).await?;
    let (_, message) = conversations::message(&mut tx, mine.id, reply).await?.context("the reply")?;
    assert_eq!(
        (message.status, message.problem, message.abstained),
        (MessageStatus::Failed, Some(problem), true)
    );
    Ok(())
}

async fn an_answer_is_briefed(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let first = ask(db, mine, person, "When to rise?").await?;
    let mut tx = db.write(mine.id).await?;
    conversations::settle(&mut tx, now(), mine.id, first.reply.1.id, &end(MessageStatus::Done, "At five."))
        .await?;
    tx.commit().await?;
    let second = ask(db, mine, person, "And to bed?").await?;
    let payload = AnswerPayload {
        conversation_id: person.conversation,
        question_id: second.question.1.id,
        reply_id: second.reply.1.id,
        reply_event: second.reply.0,
    };
    let mut tx = db.read(mine.id).await?;
    let told = conversations::briefing(&mut tx, mine.id, &payload, 10).await?.context("a briefing")?;
    assert_eq!((&told.question, &told.reply), (&second.question.1, &second.reply));
    let texts: Vec<_> = told.history.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["When to rise?", "At five."]);
    assert!(told.bases.is_empty());
    let short = conversations::briefing(&mut tx, mine.id, &payload, 1).await?.context("a briefing")?;
    assert_eq!(short.history.len(), 1, "the latest");
    let before = second.question.1.seq;
    let history = conversations::history(&mut tx, mine.id, person.conversation, before, 10).await?;
    assert_eq!(history, told.history);
    drop(tx);
    let mut tx = db.read(other.id).await?;
    assert!(conversations::briefing(&mut tx, other.id, &payload, 10).await?.is_none());
    assert!(conversations::history(&mut tx, other.id, person.conversation, before, 10).await?.is_empty());
    Ok(())
}

async fn nobody_writes_into_anothers_conversation(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let reply = ask(db, mine, person, "When to rise?").await?.reply.1.id;
    let new = NewMessage {
        conversation: person.conversation,
        turn: TurnId::new(now()),
        author: Author::Client,
        text: "Mine now",
        status: MessageStatus::Done,
        client_message_id: None,
    };
    let mut tx = db.write(other.id).await?;
    let refused = conversations::add_message(&mut tx, now(), other.id, new).await;
    assert!(matches!(refused, Err(StoreError::Dangling)), "{refused:?}");
    let refused =
        conversations::accept_message(&mut tx, now(), other.id, question(person, "x", None), None).await;
    assert!(matches!(refused, Err(StoreError::Dangling)), "{refused:?}");
    assert!(!conversations::grow(&mut tx, other.id, reply, "x").await?);
    let settled =
        conversations::settle(&mut tx, now(), other.id, reply, &end(MessageStatus::Done, "x")).await?;
    assert_eq!(settled, None);
    assert!(conversations::get(&mut tx, other.id, person.conversation).await?.is_none());
    assert_eq!(conversations::message(&mut tx, other.id, MessageId(Uuid::nil())).await?, None);
    Ok(())
}

async fn conversations_are_listed_by_kind(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    for minute in 0..3 {
        mine.client(db, later(minute), None).await?;
    }
    let test = Conversation {
        id: ConversationId::new(now()),
        kind: ConversationKind::Test,
        client_id: None,
        channel_account_id: None,
        member_id: Some(MemberId::new(now())),
        title: "When to rise?".into(),
        knowledge_base_ids: vec![coxswain_domain::KnowledgeBaseId::new(now())],
        created_at: now(),
        updated_at: now(),
    };
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::create(&mut tx, mine.id, &test).await?);
    assert!(!conversations::create(&mut tx, mine.id, &test).await?, "it exists");
    let found = conversations::get(&mut tx, mine.id, test.id).await?.context("the conversation")?;
    assert_eq!((found.kind, &found.knowledge_base_ids), (ConversationKind::Test, &test.knowledge_base_ids));
    assert_eq!((found.member_id, found.title), (test.member_id, test.title));
    let clients = conversations::list(&mut tx, mine.id, Some(ConversationKind::Client), ALL).await?.items;
    assert_eq!(clients.len(), 3);
    assert!(clients.is_sorted_by_key(|one| std::cmp::Reverse(one.updated_at)));
    let paged: Vec<_> =
        paged!(|page| conversations::list(&mut tx, mine.id, None, page)).iter().map(|one| one.id).collect();
    let all = conversations::list(&mut tx, mine.id, None, ALL).await?.items;
    assert_eq!(paged, all.iter().map(|one| one.id).collect::<Vec<_>>());
    assert_eq!(all.len(), 4);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(conversations::list(&mut tx, other.id, None, ALL).await?.items.is_empty());
    Ok(())
}
