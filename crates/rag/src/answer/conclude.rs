//! The end of an answer: everything it leaves behind, in one transaction.

use coxswain_domain::{CreatorId, GapId, answer::Dropped};
use coxswain_store::{
    StoreError, Tx,
    conversations::{self, AnswerPayload},
    gaps::{self, Gap},
    jobs::Job,
    quotes, traces,
    usage::{self, Usage},
    work::{self, JobError},
};
use uuid::Uuid;

use super::{AnswerEngine, engine::Answer, verify};

/// Takes out every citation whose quote the database does not hold (any more).
///
/// The document may have been deleted or switched off while the answer was written.
pub(super) async fn check_quotes(
    tx: &mut Tx,
    creator: CreatorId,
    answer: &mut Answer,
) -> Result<(), StoreError> {
    let mut kept = Vec::with_capacity(answer.end.citations.len());
    for citation in std::mem::take(&mut answer.end.citations) {
        if quotes::occurs(tx, creator, citation.chunk_id, &citation.quote).await? {
            kept.push(citation);
        } else {
            answer.end.text = verify::without(&answer.end.text, citation.n);
            let reason = format!("the quote of passage {} is not in the stored text", citation.n);
            answer.trace.dropped.push(Dropped { sentence: citation.quote, reason });
        }
    }
    answer.end.citations = kept;
    Ok(())
}

/// What readers are told once the transaction is durable.
pub(super) type Announcement = (i64, coxswain_domain::conversation::Message);

impl AnswerEngine {
    /// Settles the reply with its trace, its cost and its gap, and marks the job done.
    /// `None`: the reply was final already.
    pub(super) async fn conclude(
        &self,
        job: &Job,
        worker: Uuid,
        payload: &AnswerPayload,
        question: &str,
        mut answer: Answer,
    ) -> Result<Option<Announcement>, JobError> {
        let (creator, now) = (job.creator, self.parts.clock.now());
        let mut tx = self.parts.db.write(creator).await?;
        // First, for it is the one statement that another worker may have made worthless.
        work::finish(&mut tx, now, job, worker).await?;
        check_quotes(&mut tx, creator, &mut answer).await?;
        let settled = conversations::settle(&mut tx, now, creator, payload.reply_id, &answer.end).await?;
        if settled.is_some() {
            traces::add(&mut tx, now, creator, payload.reply_id, &answer.trace).await?;
            self.count_quotes(&mut tx, creator, &answer).await?;
            if let Some(reason) = answer.gap {
                let gap = Gap {
                    id: GapId::new(now),
                    conversation_id: Some(payload.conversation_id),
                    message_id: Some(payload.reply_id),
                    question: question.to_owned(),
                    reason: reason.to_owned(),
                    created_at: now,
                };
                gaps::add(&mut tx, creator, &gap).await?;
            }
        }
        if let Some(spent) = &answer.spent {
            let usage = Usage {
                conversation: Some(payload.conversation_id),
                model: &spent.model,
                prompt_tokens: spent.prompt_tokens,
                completion_tokens: spent.completion_tokens,
                milliseconds: u64::try_from(spent.took.as_millis()).unwrap_or(u64::MAX),
            };
            usage::add(&mut tx, now, creator, &usage).await?;
        }
        tx.commit().await?;
        Ok(settled)
    }

    async fn count_quotes(&self, tx: &mut Tx, creator: CreatorId, answer: &Answer) -> Result<(), StoreError> {
        let mut documents: Vec<_> =
            answer.end.citations.iter().map(|citation| citation.document_id).collect();
        documents.sort_unstable();
        documents.dedup();
        for document in documents {
            quotes::count(tx, creator, document).await?;
        }
        Ok(())
    }
}
