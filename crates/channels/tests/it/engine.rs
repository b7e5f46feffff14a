//! An answer engine that writes the words a test tells it to, when the test lets it.

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use coxswain_domain::{SharedClock, citation::Citation, conversation::MessageStatus};
use coxswain_http::events;
use coxswain_store::{
    Db, StoreError,
    conversations::{self, ANSWER_JOB, AnswerPayload, Settled},
    jobs::Job,
    live::Live,
    work::{self, Handler, JobError},
};
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

/// The words come through the channel's other end; dropping it ends the answer.
pub(crate) type Words = mpsc::UnboundedSender<&'static str>;

#[derive(Clone)]
pub(crate) struct Engine {
    db: Db,
    clock: SharedClock,
    live: Live,
    answers: Arc<Mutex<VecDeque<mpsc::UnboundedReceiver<&'static str>>>>,
    citations: Arc<Mutex<Vec<Citation>>>,
}

impl Engine {
    pub(crate) fn new(db: Db, clock: SharedClock, live: Live) -> Self {
        Self { db, clock, live, answers: Arc::default(), citations: Arc::default() }
    }

    /// Prepares the next answer; without one the engine says "Yes."
    pub(crate) async fn next(&self) -> Words {
        let (words, receiver) = mpsc::unbounded_channel();
        self.answers.lock().await.push_back(receiver);
        words
    }

    /// What every answer from now on stands on.
    pub(crate) async fn cites(&self, citations: Vec<Citation>) {
        *self.citations.lock().await = citations;
    }
}

#[async_trait]
impl Handler for Engine {
    fn kind(&self) -> &'static str {
        ANSWER_JOB
    }

    fn concurrency(&self) -> usize {
        4
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload: AnswerPayload =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let mut tx = self.db.read(job.creator).await?;
        let reply = conversations::message(&mut tx, job.creator, payload.reply_id).await?;
        drop(tx);
        let (place, _) = reply.ok_or_else(|| JobError::Fail("no reply to write".into()))?;
        let mut writer = self.live.write(payload.conversation_id, payload.reply_id, place);
        let cancelled = writer.cancelled();
        let mut text = String::new();
        let mut status = MessageStatus::Done;
        let prepared = self.answers.lock().await.pop_front();
        match prepared {
            None => text.push_str("Yes."),
            Some(mut words) => loop {
                tokio::select! {
                    () = cancelled.cancelled() => { status = MessageStatus::Cancelled; break; }
                    word = words.recv() => match word {
                        None => break,
                        Some(word) => { text.push_str(word); writer.push(word); }
                    }
                }
            },
        }
        let citations = self.citations.lock().await.clone();
        let end = Settled { status, text, abstained: false, citations, problem: None };
        let mut tx = self.db.write(job.creator).await?;
        let event =
            conversations::settle(&mut tx, self.clock.now(), job.creator, payload.reply_id, &end).await?;
        work::finish(&mut tx, self.clock.now(), job, worker).await?;
        tx.commit().await?;
        drop(writer);
        if let Some(event) = event {
            events::announce(&self.live, payload.conversation_id, event);
        }
        Ok(())
    }

    async fn gave_up(&self, _job: &Job, _error: &str) -> Result<(), StoreError> {
        Ok(())
    }
}
