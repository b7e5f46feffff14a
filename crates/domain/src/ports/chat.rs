//! The port to a chat model.

use async_trait::async_trait;
use futures::stream::BoxStream;

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatRole {
    /// Instructions.
    System,
    /// The client.
    User,
    /// The engine's earlier answers.
    Assistant,
}

/// One entry of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatTurn {
    /// Who speaks.
    pub role: ChatRole,
    /// What is said.
    pub text: String,
}

/// A prompt that fits the model's context.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The prompt, in order.
    pub turns: Vec<ChatTurn>,
    /// Our own count of the prompt's tokens: the least the model must evaluate.
    pub prompt_tokens: u32,
    /// The context size to ask for, in tokens.
    pub num_ctx: u32,
    /// Most tokens to generate.
    pub max_tokens: u32,
    /// Sampling temperature.
    pub temperature: f32,
}

/// What a model sends while it answers.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatChunk {
    /// More text.
    Text(String),
    /// The end, with the model's own count.
    End {
        /// Tokens of the prompt the model evaluated; `None` where it does not say.
        prompt_tokens: Option<u32>,
        /// Tokens it generated.
        completion_tokens: u32,
    },
}

/// An answer as it comes. Dropping it stops the model.
pub type ChatStream = BoxStream<'static, Result<ChatChunk, ChatError>>;

/// Why a model could not answer, named for what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Nothing listens there: answer extractively, tell the operator.
    #[error("the model server at {url} cannot be reached")]
    Unreachable {
        /// The server's base URL.
        url: String,
    },
    /// The server does not have the model: say how to get it.
    #[error("the model {model} is not installed on the model server")]
    ModelMissing {
        /// The model's name.
        model: String,
    },
    /// It took too long: let the client try again.
    #[error("the model did not answer within {seconds} s")]
    Timeout {
        /// How long was waited.
        seconds: u64,
    },
    /// The stream broke or could not be read: keep what came, let the client try again.
    #[error("the model's answer broke off: {detail}")]
    Broken {
        /// What was wrong.
        detail: String,
    },
    /// The model saw less than was sent: its answer cannot be trusted.
    #[error("the model evaluated {evaluated} of {sent} prompt tokens")]
    ContextCut {
        /// Tokens it evaluated.
        evaluated: u32,
        /// Tokens we sent.
        sent: u32,
    },
    /// The server refused.
    #[error("the model server refused the request: {detail}")]
    Refused {
        /// What it said.
        detail: String,
    },
}

/// A chat model on a local or remote server.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// The model's name, as recorded with its use.
    fn name(&self) -> &str;

    /// Begins an answer.
    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ChatError>;

    /// Whether the server is up and has the model.
    async fn check(&self) -> Result<(), ChatError>;
}
