//! Erasing a person: everything of theirs in one transaction, their files by a job that does not give up.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use coxswain_domain::{ClientId, ConversationId, CreatorId, InboxId};
use serde::{Deserialize, Serialize};

use crate::{
    Result, StoreError, Tx,
    jobs::{self, NewJob},
    schedule,
};

/// The kind of the job that deletes the files of somebody who was erased.
pub const ERASE_FILES_JOB: &str = "erase_files.v1";

/// Files one job deletes.
const FILES_PER_JOB: usize = 500;
/// A disk may be away for a while; what was erased must not stay because of that.
const TRIES: u32 = 50;

/// What that job needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseFilesPayload {
    /// Keys in the folder of clients' files.
    pub keys: Vec<String>,
}

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Conversations that are gone: whoever reads or answers them has to stop.
    pub conversations: Vec<ConversationId>,
    /// How many messages are gone.
    pub messages: i64,
    /// How many attachments are gone.
    pub attachments: usize,
}

/// Erases a client: identities, sessions, consents, decisions, conversations with their messages, events, traces,
/// notes and deliveries, what messengers brought from them as it came, and their files. `None`: no such client.
///
/// The rows are gone with the commit; the files follow by [`ERASE_FILES_JOB`].
pub async fn client(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: ClientId,
) -> Result<Option<Erased>> {
    // As whoever decides on check-ins does: transactions that lock in different orders could wait forever.
    schedule::take_turn(tx, creator).await?;
    let known = fetch_optional!(
        tx,
        (ClientId,),
        "SELECT id FROM clients WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    if known.is_none() {
        return Ok(None);
    }
    let rows = fetch_all!(
        tx,
        (ConversationId,),
        "SELECT id FROM conversations WHERE creator_id = $1 AND client_id = $2",
        creator,
        id,
    )?;
    let conversations: Vec<_> = rows.into_iter().map(|(id,)| id).collect();
    let (messages,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM messages WHERE creator_id = $1 AND conversation_id IN (
           SELECT id FROM conversations WHERE client_id = $2)",
        creator,
        id,
    )?;
    let attached = attachments(tx, creator, id).await?;
    let erased = Erased { conversations, messages, attachments: attached.len() };
    let mut keys: BTreeSet<String> = attached.into_iter().collect();
    keys.extend(arrivals(tx, creator, id).await?.into_iter().map(|row| format!("{creator}/{row}")));
    for conversation in &erased.conversations {
        traces_elsewhere(tx, creator, *conversation).await?;
    }
    for lane in erased.conversations.iter().map(|conversation| conversation.0).chain([id.0]) {
        // What webhooks were told of them, or are about to be.
        execute!(tx, "DELETE FROM webhook_events WHERE creator_id = $1 AND lane = $2", creator, lane)?;
    }
    // Everything else that is theirs hangs on this row, and goes with it.
    execute!(tx, "DELETE FROM clients WHERE creator_id = $1 AND id = $2", creator, id)?;
    let keys: Vec<_> = keys.into_iter().collect();
    for keys in keys.chunks(FILES_PER_JOB) {
        let payload = serde_json::to_value(EraseFilesPayload { keys: keys.to_vec() })
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let job =
            NewJob { creator, kind: ERASE_FILES_JOB, payload, lane: id.0, run_at: now, max_attempts: TRIES };
        jobs::enqueue(tx, now, job).await?;
    }
    Ok(Some(erased))
}

/// Forgets what they sent, or were about to send, in any conversation; the files' keys.
async fn attachments(tx: &mut Tx, creator: CreatorId, id: ClientId) -> Result<Vec<String>> {
    let rows = fetch_all!(
        tx,
        (String,),
        "DELETE FROM attachments WHERE creator_id = $1 AND (
             conversation_id IN (SELECT id FROM conversations WHERE client_id = $2)
             OR conversation_id IN (SELECT conversation_id FROM widget_sessions WHERE client_id = $2))
         RETURNING file_key",
        creator,
        id,
    )?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Forgets what messengers brought from them, as it came. A file that came lies under the id of its row.
async fn arrivals(tx: &mut Tx, creator: CreatorId, id: ClientId) -> Result<Vec<InboxId>> {
    let rows = fetch_all!(
        tx,
        (InboxId,),
        "DELETE FROM inbox WHERE creator_id = $1 AND (
             conversation_id IN (SELECT id FROM conversations WHERE client_id = $2)
             OR EXISTS (SELECT 1 FROM identities
               WHERE identities.client_id = $2 AND identities.channel_account_id = inbox.channel_account_id
                 AND identities.provider_user_id = inbox.sender)
             OR EXISTS (SELECT 1 FROM identity_aliases
               JOIN identities ON identities.id = identity_aliases.identity_id
               WHERE identities.client_id = $2 AND identity_aliases.channel_account_id = inbox.channel_account_id
                 AND identity_aliases.alias = inbox.sender))
         RETURNING id",
        creator,
        id,
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What a conversation leaves in tables that do not hang on it.
async fn traces_elsewhere(tx: &mut Tx, creator: CreatorId, conversation: ConversationId) -> Result<()> {
    execute!(tx, "DELETE FROM jobs WHERE creator_id = $1 AND lane = $2", creator, conversation)?;
    // What it cost stays; whose it was does not.
    execute!(
        tx,
        "UPDATE model_usage SET conversation_id = NULL WHERE creator_id = $1 AND conversation_id = $2",
        creator,
        conversation,
    )?;
    // Answers kept for repeats hold what was written to them, or about them. A note does not say of whom: all go.
    execute!(tx, "DELETE FROM idempotency_keys WHERE creator_id = $1 AND endpoint = 'inbox.notes'", creator)?;
    let replies = fetch_all!(
        tx,
        (String, Vec<u8>),
        "SELECT key, body FROM idempotency_keys WHERE creator_id = $1 AND endpoint = 'inbox.replies'",
        creator,
    )?;
    let named = conversation.to_string();
    for (key, body) in replies {
        if String::from_utf8_lossy(&body).contains(&named) {
            execute!(
                tx,
                "DELETE FROM idempotency_keys WHERE creator_id = $1 AND endpoint = 'inbox.replies' AND key = $2",
                creator,
                key,
            )?;
        }
    }
    Ok(())
}
