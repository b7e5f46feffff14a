//! Erasing a person: whatever table one looks into, nothing of theirs is left.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use coxswain_domain::{
    CreatorId, GapId, MemberId, MessageId, NoteId, answer::AnswerTrace, conversation::MessageStatus,
};
use coxswain_store::{
    Db, Tx, attachments,
    conversations::{self, Burst, Settled},
    erasure::{self, ERASE_FILES_JOB, EraseFilesPayload},
    feedback::{self, Feedback},
    gaps::{self, Gap},
    idempotency::{self, Answer},
    identities::{self, Met},
    inbox,
    jobs::{self, Lease},
    link_codes,
    notes::{self, Note},
    traces,
};
use coxswain_test_support::{
    contract,
    db::TestDb,
    seed::{Coach, Person},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::{attachments::waiting, later, messenger, now, two};

contract!(nothing_of_a_client_is_left, a_stranger_erases_nobody);

/// Stands in everything that is said or written of a person.
fn words(name: &str) -> String {
    format!("{name} has a bad knee")
}

/// A person met in the widget and on a bot, with something in every table that can hold it; the key of their file
/// and of what the bot's provider brought.
async fn known(db: &Db, coach: Coach, name: &str, sender: &str) -> Result<(Person, [String; 2])> {
    let person = coach.client(db, now(), Some("Europe/Berlin")).await?;
    coach.agree(db, now(), person).await?;
    let bot = messenger::bot(db, coach).await?;
    let text = words(name);
    let mut tx = db.write(coach.id).await?;
    let met = Met { account: bot, id: sender, aliases: &[], name: Some(&text), locale: None };
    let identity = identities::meet(&mut tx, now(), coach.id, met).await?.identity;
    let there = conversations::open_for(&mut tx, now(), coach.id, identity.id, &text).await?;
    identities::link(&mut tx, now(), coach.id, identity.id, person.id).await?;
    link_codes::insert(&mut tx, now(), coach.id, person.id, text.as_bytes(), later(5)).await?;
    let new = inbox::New {
        creator: coach.id,
        account: bot,
        provider_message_id: &text,
        sender,
        sent_at: None,
        raw: text.as_bytes(),
    };
    let row = inbox::receive(&mut tx, now(), new).await?.context("it is new")?;
    let mut reply: Option<MessageId> = None;
    for conversation in [person.conversation, there] {
        let at_once = TimeDelta::zero();
        let burst =
            Burst { conversation, text: &text, client_message_id: None, window: at_once, longest: at_once };
        let taken = conversations::accept_burst(&mut tx, now(), coach.id, burst, None).await?;
        reply = reply.or(taken.reply.map(|(_, reply)| reply.id));
    }
    let reply = reply.context("the engine's reply")?;
    answered(&mut tx, coach.id, person, reply, &text).await?;
    let key = format!("{}/{}", coach.id, Uuid::new_v4());
    attachments::insert(&mut tx, coach.id, &waiting(person.conversation, 0, &key)).await?;
    tx.commit().await?;
    Ok((person, [key, format!("{}/{row}", coach.id)]))
}

/// What hangs on an answer, and what the team keeps.
async fn answered(
    tx: &mut Tx,
    creator: CreatorId,
    person: Person,
    reply: MessageId,
    text: &str,
) -> Result<()> {
    let end = Settled {
        status: MessageStatus::Done,
        text: text.into(),
        abstained: true,
        citations: Vec::new(),
        problem: None,
    };
    conversations::settle(tx, now(), creator, reply, &end).await?;
    let trace = AnswerTrace { rewrite: Some(text.into()), ..AnswerTrace::default() };
    traces::add(tx, now(), creator, reply, &trace).await?;
    let opinion =
        Feedback { message_id: reply, helpful: false, reason: Some(text.into()), created_at: now() };
    assert!(feedback::give(tx, creator, person.conversation, &opinion).await?);
    let gap = Gap {
        id: GapId::new(now()),
        conversation_id: Some(person.conversation),
        message_id: Some(reply),
        question: text.into(),
        reason: "nothing found".into(),
        created_at: now(),
    };
    gaps::add(tx, creator, &gap).await?;
    let note = Note {
        id: NoteId::new(now()),
        conversation_id: person.conversation,
        member_id: MemberId::new(now()),
        member_name: "Eva".into(),
        text: text.into(),
        created_at: now(),
    };
    notes::insert(tx, creator, &note).await?;
    let body = format!("{{\"conversation_id\":\"{}\",\"text\":\"{text}\"}}", person.conversation);
    for endpoint in ["inbox.replies", "inbox.notes"] {
        let answer = Answer { request_hash: vec![1], status: 201, body: body.clone().into_bytes() };
        assert!(idempotency::keep(tx, now(), creator, endpoint, text, &answer).await?);
    }
    Ok(())
}

/// `table.column` of everything that holds these words.
async fn places(db: &TestDb, words: &str) -> Result<Vec<String>> {
    let columns: Vec<(String, String, String)>;
    let mut found = Vec::new();
    match db.system_read().await? {
        Tx::Sqlite(mut tx) => {
            columns = sqlx::query_as(
                "SELECT tables.name, columns.name, columns.type FROM sqlite_master tables
                 JOIN pragma_table_info(tables.name) columns WHERE tables.type = 'table'",
            )
            .fetch_all(&mut *tx)
            .await?;
            for (table, column, _) in columns {
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE INSTR(CAST({column} AS TEXT), $1) > 0");
                let (count,): (i64,) =
                    sqlx::query_as(AssertSqlSafe(sql)).bind(words).fetch_one(&mut *tx).await?;
                found.extend((count > 0).then(|| format!("{table}.{column}")));
            }
        }
        Tx::Postgres(_) => {
            // A superuser, from whom no row is hidden.
            let mut admin = PgConnection::connect(db.url()).await?;
            columns = sqlx::query_as(
                "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
                 WHERE table_schema = 'public'",
            )
            .fetch_all(&mut admin)
            .await?;
            for (table, column, kind) in columns {
                let text = if kind == "bytea" {
                    format!("encode({column}, 'escape')")
                } else {
                    format!("{column}::text")
                };
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE POSITION($1 IN {text}) > 0");
                let (count,): (i64,) =
                    sqlx::query_as(AssertSqlSafe(sql)).bind(words).fetch_one(&mut admin).await?;
                found.extend((count > 0).then(|| format!("{table}.{column}")));
            }
        }
    }
    Ok(found)
}

async fn nothing_of_a_client_is_left(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (anna, files) = known(db, mine, "Anna", "7").await?;
    let (ben, bens) = known(db, other, "Ben", "8").await?;
    let before = places(db, &words("Anna")).await?;
    for place in [
        "messages.text",
        "inbox.raw",
        "notes.text",
        "feedback.reason",
        "answer_traces.trace",
        "knowledge_gaps.question",
        "idempotency_keys.body",
        "link_codes.code_hash",
    ] {
        assert!(before.iter().any(|found| found == place), "{place} holds the words: {before:?}");
    }

    let mut tx = db.write(mine.id).await?;
    let erased = erasure::client(&mut tx, later(1), mine.id, anna.id).await?.context("the client")?;
    assert_eq!((erased.conversations.len(), erased.messages, erased.attachments), (2, 4, 1));
    tx.commit().await?;
    assert_eq!(places(db, &words("Anna")).await?, Vec::<String>::new());
    // Their id stands in no place but the job that deletes their files.
    assert_eq!(
        places(db, &anna.id.to_string()).await?.iter().filter(|place| !place.starts_with("jobs.")).count(),
        0
    );

    let mut tx = db.system().await?;
    let lease = Lease { worker: Uuid::new_v4(), length: TimeDelta::minutes(1) };
    let job = jobs::claim(&mut tx, later(2), ERASE_FILES_JOB, lease).await?.context("the job")?;
    let payload: EraseFilesPayload = serde_json::from_value(job.payload)?;
    let mut expected = files.to_vec();
    expected.sort();
    assert_eq!(payload.keys, expected, "the file that was sent, and the one under the row of the inbox");
    drop(tx);

    assert!(!places(db, &words("Ben")).await?.is_empty(), "another creator's client stays");
    let mut tx = db.read(other.id).await?;
    assert!(attachments::names_file(&mut tx, other.id, &bens[0]).await?);
    assert!(coxswain_store::clients::get(&mut tx, other.id, ben.id).await?.is_some());
    Ok(())
}

async fn a_stranger_erases_nobody(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let (anna, _) = known(db, mine, "Anna", "7").await?;
    let mut tx = db.write(other.id).await?;
    assert_eq!(erasure::client(&mut tx, now(), other.id, anna.id).await?, None);
    tx.commit().await?;
    assert!(!places(db, &words("Anna")).await?.is_empty());
    Ok(())
}
