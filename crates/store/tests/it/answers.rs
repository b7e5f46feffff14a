//! What is kept beside an answer: why it is what it is, what it lacked, what it cost.

use anyhow::{Context, Result};
use coxswain_domain::{
    ChunkId, DocumentId, GapId,
    answer::{AnswerTrace, TracePassage},
};
use coxswain_store::{
    gaps::{self, Gap},
    traces,
    usage::{self, Total, Usage},
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{ALL, conversations::ask, later, now, paged, two};

contract!(a_trace_keeps_no_words_of_documents, a_reply_has_one_gap, usage_adds_up);

async fn a_trace_keeps_no_words_of_documents(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let reply = ask(db, mine, person, "When to rise?").await?.reply.1.id;
    let passage = TracePassage {
        chunk_id: ChunkId::new(now()),
        document_id: DocumentId::new(now()),
        title: Some("Morning".into()),
        page: Some(3),
        heading: Some("Dawn".into()),
        score: 0.5,
        dense: Some(0.25),
        lexical: None,
        used: true,
        text: Some("Rise early".into()),
    };
    let trace =
        AnswerTrace { language: Some("en".into()), passages: vec![passage], ..AnswerTrace::default() };
    let mut tx = db.write(mine.id).await?;
    traces::add(&mut tx, now(), mine.id, reply, &trace).await?;
    let again = AnswerTrace { model: Some("tiny".into()), ..trace.clone() };
    traces::add(&mut tx, later(1), mine.id, reply, &again).await?;
    let kept = traces::get(&mut tx, mine.id, reply).await?.context("a trace")?;
    assert_eq!((kept.model.as_deref(), kept.language.as_deref()), (Some("tiny"), Some("en")));
    let passage = &kept.passages[0];
    assert_eq!((passage.score, passage.dense, passage.used), (0.5, Some(0.25), true));
    assert_eq!((&passage.title, &passage.text, &passage.heading), (&None, &None, &None), "no such chunk");
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert!(traces::get(&mut tx, other.id, reply).await?.is_none());
    Ok(())
}

async fn a_reply_has_one_gap(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let person = mine.client(db, now(), None).await?;
    let mut replies = Vec::new();
    for question in ["One?", "Two?", "Three?"] {
        replies.push(ask(db, mine, person, question).await?.reply.1.id);
    }
    let mut tx = db.write(mine.id).await?;
    for (minute, reply) in (0..).zip(&replies) {
        for _ in 0..2 {
            let gap = Gap {
                id: GapId::new(now()),
                conversation_id: Some(person.conversation),
                message_id: Some(*reply),
                question: format!("Question {minute}"),
                reason: "not_covered".into(),
                created_at: later(minute),
            };
            gaps::add(&mut tx, mine.id, &gap).await?;
        }
    }
    assert_eq!(gaps::total(&mut tx, mine.id).await?, 3);
    let all = gaps::list(&mut tx, mine.id, ALL).await?.items;
    assert_eq!(all[0].question, "Question 2", "newest first");
    assert_eq!(paged!(|page| gaps::list(&mut tx, mine.id, page)), all);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert_eq!(gaps::total(&mut tx, other.id).await?, 0);
    assert!(gaps::list(&mut tx, other.id, ALL).await?.items.is_empty());
    Ok(())
}

async fn usage_adds_up(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(usage::total(&mut tx, mine.id, now()).await?, Total::default());
    for minute in 0..3 {
        let call = Usage {
            conversation: None,
            model: "tiny",
            prompt_tokens: 100,
            completion_tokens: 20,
            milliseconds: 1500,
        };
        usage::add(&mut tx, later(minute), mine.id, &call).await?;
    }
    let expected = Total { prompt_tokens: 200, completion_tokens: 40, answers: 2 };
    assert_eq!(usage::total(&mut tx, mine.id, later(1)).await?, expected);
    tx.commit().await?;
    let mut tx = db.read(other.id).await?;
    assert_eq!(usage::total(&mut tx, other.id, now()).await?, Total::default());
    Ok(())
}
