//! What a reader is told when an answer fails.

use coxswain_domain::{conversation::MessageProblem, ports::ChatError};

/// The code and the sentence for a model that could not answer.
pub(super) fn of(error: &ChatError) -> MessageProblem {
    let (code, sentence) = match error {
        ChatError::Unreachable { url } => (
            "model_unreachable",
            format!(
                "The answer model at {url} cannot be reached. Your question is kept: please ask again in a moment."
            ),
        ),
        ChatError::ModelMissing { model } => (
            "model_missing",
            format!(
                "The answer model \"{model}\" is not installed on the model server. Whoever runs this server can \
                 install it with `ollama pull {model}`; after that, please ask again."
            ),
        ),
        ChatError::Timeout { seconds } => (
            "model_timeout",
            format!(
                "The answer model was silent for {seconds} seconds, so the answer was stopped. Please ask again."
            ),
        ),
        ChatError::Broken { .. } => (
            "model_broken",
            "The answer broke off before it was complete. What had come is kept; please ask again."
                .to_owned(),
        ),
        ChatError::ContextCut { evaluated, sent } => (
            "context_cut",
            format!(
                "The answer model read only {evaluated} of at least {sent} tokens of the question and its sources, so its \
                 answer could not be trusted and was withheld. Whoever runs this server can lower `ollama.num_ctx` or raise \
                 the model server's context."
            ),
        ),
        ChatError::Refused { .. } => (
            "model_refused",
            "The answer model could not answer this. Your question is kept: please ask again in a moment."
                .to_owned(),
        ),
    };
    MessageProblem { code: code.to_owned(), sentence }
}

/// For a question that was tried as often as it may be.
pub(super) fn gave_up() -> MessageProblem {
    MessageProblem {
        code: "not_answered".to_owned(),
        sentence: "This question could not be answered because of a fault on the server. It is kept; please ask again."
            .to_owned(),
    }
}
