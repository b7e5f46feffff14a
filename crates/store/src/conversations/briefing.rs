//! What the answer engine has to know before it answers, in one look.

use coxswain_domain::{
    CreatorId, KnowledgeBaseId, TurnId,
    account::CreatorSettings,
    conversation::{Author, Message, MessageStatus},
};
use sqlx::types::Json;

use super::{AnswerPayload, messages};
use crate::{Result, StoreError, Tx};

/// A question in its surroundings.
#[derive(Clone, Debug)]
pub struct Briefing {
    /// What is asked: all that the client wrote in this turn, as one message.
    pub question: Message,
    /// The reply as it is now, and the place of its message event.
    pub reply: (i64, Message),
    /// What was said before, oldest first; final messages only.
    pub history: Vec<Message>,
    /// Answer from these bases only; empty for all.
    pub bases: Vec<KnowledgeBaseId>,
    /// What the creator has decided.
    pub settings: CreatorSettings,
}

/// Reads what an answer needs, with at most `limit` earlier messages. `None`: the conversation is gone.
pub async fn briefing(
    tx: &mut Tx,
    creator: CreatorId,
    payload: &AnswerPayload,
    limit: u32,
) -> Result<Option<Briefing>> {
    let row = fetch_optional!(
        tx,
        (Json<Vec<KnowledgeBaseId>>, Json<CreatorSettings>, TurnId, i64),
        "SELECT conversations.knowledge_base_ids, creators.settings, messages.turn_id, messages.seq
         FROM messages
         JOIN conversations ON conversations.id = messages.conversation_id
         JOIN creators ON creators.id = messages.creator_id
         WHERE messages.creator_id = $1 AND messages.id = $2 AND messages.conversation_id = $3",
        creator,
        payload.reply_id,
        payload.conversation_id,
    )?;
    let Some((Json(bases), Json(settings), turn, seq)) = row else {
        return Ok(None);
    };
    let rows = messages::up_to(tx, creator, payload.conversation_id, turn, seq, limit).await?;
    let (mut reply, mut asked, mut history) = (None, Vec::new(), Vec::with_capacity(rows.len()));
    for message in rows {
        if message.id == payload.reply_id {
            reply = Some(message);
        } else if message.turn_id == turn && message.author == Author::Client {
            asked.push(message);
        } else if message.status != MessageStatus::Streaming && !message.text.is_empty() {
            history.push(message);
        }
    }
    let question = joined(asked);
    match (question, reply) {
        (Some(question), Some(reply)) => {
            Ok(Some(Briefing { question, reply: (payload.reply_event, reply), history, bases, settings }))
        }
        _ => {
            Err(StoreError::Corrupt(format!("turn of reply {} has no question beside it", payload.reply_id)))
        }
    }
}

/// The last of a turn's questions, with the words of all of them.
fn joined(asked: Vec<Message>) -> Option<Message> {
    let text = asked.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
    asked.into_iter().next_back().map(|last| Message { text, ..last })
}
