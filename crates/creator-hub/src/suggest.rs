//! What the hub asks of the answer engine: a reply a person may send. The server plugs the engine in.

use async_trait::async_trait;
use coxswain_domain::{
    CreatorId, KnowledgeBaseId, account::CreatorSettings, citation::Citation, conversation::Message,
};

/// What a reply is wanted for.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Whose knowledge.
    pub creator: CreatorId,
    /// Answer from these bases only; empty for all.
    pub bases: Vec<KnowledgeBaseId>,
    /// What the client wrote last.
    pub question: String,
    /// What was said before, oldest first.
    pub history: Vec<Message>,
    /// What the creator has decided.
    pub settings: CreatorSettings,
}

/// A reply nobody has sent yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What it says.
    pub text: String,
    /// The knowledge does not cover the question.
    pub abstained: bool,
    /// What its statements stand on, each checked.
    pub citations: Vec<Citation>,
}

/// Why there is no suggestion: worth another try.
#[derive(Debug, thiserror::Error)]
#[error("no reply could be suggested: {0}")]
pub struct SuggestError(pub String);

/// Makes replies for people to send: the answer engine's work. Nothing is kept and nobody is told.
#[async_trait]
pub trait Suggest: Send + Sync + 'static {
    /// A reply to what the client wrote last.
    async fn suggest(&self, occasion: &Occasion) -> Result<Suggestion, SuggestError>;
}
