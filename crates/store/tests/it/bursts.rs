//! Bursts: several messages of a client make one question, and a newer message ends a stale draft.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{ConversationId, conversation::MessageStatus};
use coxswain_store::{
    Db, StoreError,
    conversations::{self, ANSWER_JOB, AcceptedBurst, AnswerPayload, Burst},
    jobs::{self, Job, Lease},
    work::{self, JobError},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use uuid::Uuid;

use crate::{
    later,
    messenger::{self, Talk, answered, burst, end},
    now, two,
};

contract!(
    a_burst_is_one_question,
    a_burst_is_answered_in_the_end,
    a_newer_message_ends_a_running_draft,
    messages_at_once_leave_one_draft,
    an_answered_turn_is_not_joined,
    a_repeat_changes_nothing,
    a_member_who_took_over_is_waited_for,
    a_widgets_draft_is_stopped_where_readers_saw_it,
    a_held_answer_waits_for_no_worker,
);

fn lease() -> Lease {
    Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(30) }
}

async fn a_talk(db: &Db, coach: Coach) -> Result<Talk> {
    let bot = messenger::bot(db, coach).await?;
    messenger::talk(db, coach, bot, "ann").await
}

/// Writes at a second of the first minute, with a window of 2 seconds and 5 at the longest.
async fn write_at(
    db: &Db,
    coach: Coach,
    conversation: ConversationId,
    second: i64,
    text: &str,
) -> Result<AcceptedBurst> {
    let new =
        Burst { window: TimeDelta::seconds(2), longest: TimeDelta::seconds(5), ..burst(conversation, text) };
    let mut tx = db.write(coach.id).await?;
    let at = now() + TimeDelta::seconds(second);
    let accepted = conversations::accept_burst(&mut tx, at, coach.id, new, None).await?;
    tx.commit().await?;
    Ok(accepted)
}

async fn claim_at(db: &Db, second: i64, lease: Lease) -> Result<Option<Job>> {
    let mut tx = db.system().await?;
    let job = jobs::claim(&mut tx, now() + TimeDelta::seconds(second), ANSWER_JOB, lease).await?;
    tx.commit().await?;
    Ok(job)
}

async fn a_burst_is_one_question(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    answered(db, mine, conversation).await?;
    claim_at(db, 0, lease()).await?.context("the answered one's job, out of the way")?;
    let first = write_at(db, mine, conversation, 10, "And to bed?").await?;
    let second = write_at(db, mine, conversation, 11, "On Sundays, I mean").await?;
    assert_eq!(second.message.1.turn_id, first.message.1.turn_id);
    assert_eq!(second.dropped.gone, [first.reply.context("a draft")?.1.id]);
    let reply = second.reply.context("a reply")?;
    let payload = AnswerPayload {
        conversation_id: conversation,
        question_id: second.message.1.id,
        reply_id: reply.1.id,
        reply_event: reply.0,
    };
    let mut tx = db.read(mine.id).await?;
    let told = conversations::briefing(&mut tx, mine.id, &payload, 10).await?.context("a briefing")?;
    assert_eq!(told.question.text, "And to bed?\nOn Sundays, I mean");
    assert_eq!((told.question.id, told.reply), (second.message.1.id, reply));
    let said: Vec<_> = told.history.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(said, ["When?", "At five."], "the question is not told twice");
    let short = conversations::briefing(&mut tx, mine.id, &payload, 1).await?.context("a briefing")?;
    assert_eq!(short.question.text, told.question.text, "however little is told of the past");
    assert_eq!(short.history.len(), 1);
    Ok(())
}

async fn a_burst_is_answered_in_the_end(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    let worker = lease();
    write_at(db, mine, conversation, 0, "One").await?;
    assert!(claim_at(db, 1, worker).await?.is_none(), "more may come");
    write_at(db, mine, conversation, 1, "Two").await?;
    assert!(claim_at(db, 2, worker).await?.is_none(), "the window begins anew");
    write_at(db, mine, conversation, 4, "Three").await?;
    let job = claim_at(db, 5, worker).await?.context("five seconds after the first, not six")?;
    assert!(claim_at(db, 60, worker).await?.is_none(), "one answer for all");
    let payload: AnswerPayload = serde_json::from_value(job.payload)?;
    let mut tx = db.read(mine.id).await?;
    let told = conversations::briefing(&mut tx, mine.id, &payload, 10).await?.context("a briefing")?;
    assert_eq!((told.question.text.as_str(), told.history.len()), ("One\nTwo\nThree", 0));
    Ok(())
}

async fn a_newer_message_ends_a_running_draft(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    let stale = write_at(db, mine, conversation, 0, "One").await?.reply.context("a draft")?.1.id;
    let (slow, quick) = (lease(), lease());
    let old = claim_at(db, 2, slow).await?.context("the draft's job")?;
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::grow(&mut tx, mine.id, stale, "An ans").await?);
    tx.commit().await?;
    let newer = write_at(db, mine, conversation, 3, "Two").await?;
    assert_eq!(newer.dropped.gone, [stale]);
    let job = claim_at(db, 5, quick).await?.context("the new job does not wait for the old worker")?;
    let payload: AnswerPayload = serde_json::from_value(job.payload.clone())?;
    let fresh = newer.reply.context("a reply")?.1.id;
    assert_eq!(payload.reply_id, fresh);

    let mut tx = db.write(mine.id).await?;
    assert!(!conversations::grow(&mut tx, mine.id, stale, "An answer").await?);
    let late = end(MessageStatus::Done, "An answer to One.");
    assert_eq!(conversations::settle(&mut tx, later(1), mine.id, stale, &late).await?, None);
    let lost = work::finish(&mut tx, later(1), &old, slow.worker).await;
    assert!(matches!(lost, Err(JobError::Lost)), "{lost:?}");
    let whole = end(MessageStatus::Done, "An answer to both.");
    assert!(conversations::settle(&mut tx, later(1), mine.id, fresh, &whole).await?.is_some());
    assert!(work::finish(&mut tx, later(1), &job, quick.worker).await.is_ok());
    let said = conversations::list_messages(&mut tx, mine.id, conversation, 99, 99).await?;
    let texts: Vec<_> = said.iter().map(|(_, message)| message.text.as_str()).collect();
    assert_eq!(texts, ["One", "Two", "An answer to both."]);
    Ok(())
}

async fn messages_at_once_leave_one_draft(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    let write = async |text: &'static str| write_at(db, mine, conversation, 0, text).await;
    let (one, two, three) = tokio::join!(write("One"), write("Two"), write("Three"));
    let turns = [one?, two?, three?].map(|accepted| accepted.message.1.turn_id);
    assert!(turns.iter().all(|turn| *turn == turns[0]));
    let mut tx = db.read(mine.id).await?;
    let said = conversations::list_messages(&mut tx, mine.id, conversation, 99, 99).await?;
    let drafts = said.iter().filter(|(_, message)| message.status == MessageStatus::Streaming).count();
    assert_eq!((said.len(), drafts), (4, 1));
    drop(tx);
    let worker = lease();
    assert!(claim_at(db, 9, worker).await?.is_some());
    assert!(claim_at(db, 9, worker).await?.is_none());
    Ok(())
}

async fn an_answered_turn_is_not_joined(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    let reply = answered(db, mine, conversation).await?;
    let next = write_at(db, mine, conversation, 10, "And to bed?").await?;
    let mut tx = db.write(mine.id).await?;
    let (_, answer) = conversations::message(&mut tx, mine.id, reply).await?.context("the answer")?;
    assert_ne!(next.message.1.turn_id, answer.turn_id);
    assert!(next.dropped.gone.is_empty());
    drop(tx);
    let mut tx = db.write(other.id).await?;
    let refused =
        conversations::accept_burst(&mut tx, now(), other.id, burst(conversation, "Mine"), None).await;
    assert!(matches!(refused, Err(StoreError::Dangling)), "{refused:?}");
    Ok(())
}

async fn a_repeat_changes_nothing(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    let new = Burst { client_message_id: Some(Uuid::new_v4()), ..burst(conversation, "Hi") };
    let mut tx = db.write(mine.id).await?;
    let first = conversations::accept_burst(&mut tx, now(), mine.id, new, None).await?;
    let again = conversations::accept_burst(&mut tx, later(1), mine.id, new, None).await?;
    assert!(again.repeated && !first.repeated);
    assert_eq!((&again.message, &again.reply), (&first.message, &first.reply));
    assert!(again.dropped.gone.is_empty() && again.job.is_none());
    let said = conversations::list_messages(&mut tx, mine.id, conversation, 99, 99).await?;
    assert_eq!(said.len(), 2);
    Ok(())
}

async fn a_member_who_took_over_is_waited_for(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let Talk { conversation, .. } = a_talk(db, mine).await?;
    messenger::take_over(db, mine, conversation).await?;
    let accepted = write_at(db, mine, conversation, 0, "Are you a person?").await?;
    assert!(accepted.reply.is_none());
    assert!(claim_at(db, 60, lease()).await?.is_none());
    let mut tx = db.write(mine.id).await?;
    assert!(conversations::hand_back(&mut tx, mine.id, conversation).await?);
    tx.commit().await?;
    assert!(write_at(db, mine, conversation, 70, "And now?").await?.reply.is_some());
    assert!(claim_at(db, 80, lease()).await?.is_some());
    Ok(())
}

async fn a_widgets_draft_is_stopped_where_readers_saw_it(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let draft = write_at(db, mine, person.conversation, 0, "One").await?.reply.context("a draft")?.1.id;
    let newer = write_at(db, mine, person.conversation, 1, "Two").await?;
    assert!(newer.dropped.gone.is_empty());
    let stopped: Vec<_> =
        newer.dropped.cancelled.iter().map(|(_, message)| (message.id, message.status)).collect();
    assert_eq!(stopped, [(draft, MessageStatus::Cancelled)]);
    let worker = lease();
    let job = claim_at(db, 9, worker).await?.context("the new job")?;
    let payload: AnswerPayload = serde_json::from_value(job.payload)?;
    assert_eq!(Some(payload.reply_id), newer.reply.map(|(_, reply)| reply.id));
    assert!(claim_at(db, 9, worker).await?.is_none(), "the stopped one has no job any more");
    Ok(())
}

async fn a_held_answer_waits_for_no_worker(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let mut tx = db.write(mine.id).await?;
    let new = burst(person.conversation, "One");
    let held = conversations::accept_burst(&mut tx, now(), mine.id, new, Some(lease())).await?;
    assert!(held.job.is_some());
    let more = burst(person.conversation, "Two");
    let newer = conversations::accept_burst(&mut tx, now(), mine.id, more, Some(lease())).await?;
    assert!(newer.job.is_some(), "the first one's job is gone");
    let waits = Burst { window: TimeDelta::seconds(2), longest: TimeDelta::seconds(5), ..new };
    let later = conversations::accept_burst(&mut tx, now(), mine.id, waits, Some(lease())).await?;
    assert!(later.job.is_none(), "it is not due yet");
    Ok(())
}
