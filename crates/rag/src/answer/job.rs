//! The answer job: at most one answer for each question, whatever crashes.

use async_trait::async_trait;
use coxswain_domain::conversation::{ConversationEvent, Message, MessageStatus};
use coxswain_store::{
    StoreError,
    conversations::{self, ANSWER_JOB, AnswerPayload, Briefing},
    jobs::Job,
    work::{self, Handler, JobError},
};
use uuid::Uuid;

use super::{
    AnswerEngine, ends,
    engine::{AnswerError, Asked},
    problem,
    stream::Sink,
    verify::Verified,
};

/// Answers worked on at once in one process. Those that wait for the model cost next to nothing.
const CONCURRENCY: usize = 64;

impl From<AnswerError> for JobError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Store(error) => error.into(),
            AnswerError::Retrieve(error) => Self::Retry(error.to_string()),
        }
    }
}

fn payload(job: &Job) -> Result<AnswerPayload, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))
}

#[async_trait]
impl Handler for AnswerEngine {
    fn kind(&self) -> &'static str {
        ANSWER_JOB
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, job: &Job, worker: Uuid) -> Result<(), JobError> {
        let payload = payload(job)?;
        let mut tx = self.parts.db.glance(job.creator).await?;
        let briefing =
            conversations::briefing(&mut tx, job.creator, &payload, self.parts.settings.history).await?;
        drop(tx);
        match briefing {
            Some(briefing) if briefing.reply.1.status == MessageStatus::Streaming => {
                self.reply(job, worker, &payload, briefing).await
            }
            // Cancelled before it was begun, settled before a crash, or deleted with its conversation.
            _ => {
                let mut tx = self.parts.db.write(job.creator).await?;
                work::finish(&mut tx, self.parts.clock.now(), job, worker).await?;
                Ok(tx.commit().await?)
            }
        }
    }

    async fn gave_up(&self, job: &Job, _error: &str) -> Result<(), StoreError> {
        let Ok(payload) = payload(job) else { return Ok(()) };
        let (creator, now) = (job.creator, self.parts.clock.now());
        let mut tx = self.parts.db.write(creator).await?;
        let Some((_, reply)) = conversations::message(&mut tx, creator, payload.reply_id).await? else {
            return Ok(());
        };
        let kept = Verified { text: reply.text, ..Verified::default() };
        let end = ends::failed(kept, problem::gave_up());
        let settled = conversations::settle(&mut tx, now, creator, payload.reply_id, &end).await?;
        tx.commit().await?;
        if let Some((seq, message)) = settled {
            self.tell(seq, message);
        }
        Ok(())
    }
}

impl AnswerEngine {
    async fn reply(
        &self,
        job: &Job,
        worker: Uuid,
        payload: &AnswerPayload,
        briefing: Briefing,
    ) -> Result<(), JobError> {
        let (seq, reply) = briefing.reply;
        let writer = self.parts.live.write(payload.conversation_id, reply.id, seq);
        if job.attempts > 1 {
            self.begin_again(job, seq, reply).await?;
        }
        let db = self.parts.db.clone();
        let mut sink = Sink::Message { writer, db, creator: job.creator, reply: payload.reply_id };
        let asked = Asked {
            creator: job.creator,
            bases: &briefing.bases,
            question: &briefing.question.text,
            vector: None,
            history: &briefing.history,
            settings: &briefing.settings,
        };
        let answer = self.compose(asked, &mut sink).await?;
        let settled = self.conclude(job, worker, payload, asked.question, answer).await?;
        // First end the growth, then tell: who joins in between reads the final message.
        drop(sink);
        if let Some((seq, message)) = settled {
            self.tell(seq, message);
        }
        Ok(())
    }

    /// Forgets what an attempt that died had written, and shows the readers an empty message again.
    async fn begin_again(&self, job: &Job, seq: i64, mut reply: Message) -> Result<(), JobError> {
        if !reply.text.is_empty() {
            let mut tx = self.parts.db.write(job.creator).await?;
            conversations::grow(&mut tx, job.creator, reply.id, "").await?;
            tx.commit().await?;
            reply.text.clear();
        }
        self.tell(seq, reply);
        Ok(())
    }

    fn tell(&self, seq: i64, message: Message) {
        let conversation = message.conversation_id;
        self.parts.live.publish(conversation, ConversationEvent::Message { seq, message: Box::new(message) });
    }
}
