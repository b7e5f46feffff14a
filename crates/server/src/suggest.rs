//! Replies for people to send, made by the answer engine.

use std::sync::Arc;

use async_trait::async_trait;
use coxswain_creator_hub::suggest::{Occasion, Suggest, SuggestError, Suggestion};
use coxswain_rag::answer::{AnswerEngine, Asked};

/// The answer engine, asked outside any conversation.
pub(crate) struct Suggester(pub(crate) Arc<AnswerEngine>);

#[async_trait]
impl Suggest for Suggester {
    async fn suggest(&self, occasion: &Occasion) -> Result<Suggestion, SuggestError> {
        let asked = Asked {
            creator: occasion.creator,
            bases: &occasion.bases,
            question: &occasion.question,
            vector: None,
            history: &occasion.history,
            settings: &occasion.settings,
        };
        let answer =
            self.0.answer(asked, &mut |_| {}).await.map_err(|error| SuggestError(error.to_string()))?;
        match answer.end.problem {
            Some(problem) => Err(SuggestError(problem.sentence)),
            None => Ok(Suggestion {
                text: answer.end.text,
                abstained: answer.end.abstained,
                citations: answer.end.citations,
            }),
        }
    }
}
