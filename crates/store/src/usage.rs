//! What chat models were used for, and how much.

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, UsageId};

use crate::{Result, Tx};

/// One call of a model.
#[derive(Clone, Debug)]
pub struct Usage<'a> {
    /// Where; `None` outside conversations.
    pub conversation: Option<ConversationId>,
    /// The model's name.
    pub model: &'a str,
    /// Tokens of the prompt: the model's own count, or ours where it gives none.
    pub prompt_tokens: u32,
    /// Tokens generated.
    pub completion_tokens: u32,
    /// How long the call took.
    pub milliseconds: u64,
}

/// What was used over a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Total {
    /// Tokens of prompts.
    pub prompt_tokens: i64,
    /// Tokens generated.
    pub completion_tokens: i64,
    /// Calls.
    pub answers: i64,
}

/// Records one call.
pub async fn add(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId, usage: &Usage<'_>) -> Result<()> {
    later!(
        tx,
        "INSERT INTO model_usage (id, creator_id, conversation_id, model, prompt_tokens, completion_tokens, milliseconds, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        UsageId::new(now),
        creator,
        usage.conversation,
        usage.model,
        i64::from(usage.prompt_tokens),
        i64::from(usage.completion_tokens),
        i64::try_from(usage.milliseconds).unwrap_or(i64::MAX),
        now,
    )
}

/// What a creator used since a moment.
pub async fn total(tx: &mut Tx, creator: CreatorId, since: DateTime<Utc>) -> Result<Total> {
    fetch_one!(
        tx,
        Total,
        "SELECT CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT) AS prompt_tokens,
           CAST(COALESCE(SUM(completion_tokens), 0) AS BIGINT) AS completion_tokens, COUNT(*) AS answers
         FROM model_usage WHERE creator_id = $1 AND at >= $2",
        creator,
        since,
    )
}
