//! The parts of a message, and lists of them.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ConversationId, CreatorId, MessageId, OutboxId};
use sqlx::types::Json;

use super::{Delivery, Row, State};
use crate::{
    Result, Tx,
    page::{Cursor, Listed, Page},
};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM outbox ", $rest)
    };
}

/// One part, by its id.
pub(super) async fn get(tx: &mut Tx, creator: CreatorId, id: OutboxId) -> Result<Option<Delivery>> {
    let row = fetch_optional!(tx, Row, select!("WHERE creator_id = $1 AND id = $2"), creator, id)?;
    row.map(TryInto::try_into).transpose()
}

/// The parts of one message, in order. Empty: it was not posted.
pub async fn of_message(tx: &mut Tx, creator: CreatorId, message: MessageId) -> Result<Vec<Delivery>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!("WHERE creator_id = $1 AND message_id = $2 ORDER BY part"),
        creator,
        message
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The latest `limit` parts of a conversation, oldest first.
pub async fn of_conversation(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let rows = fetch_all!(
        tx,
        Row,
        select!(
            "WHERE creator_id = $1 AND conversation_id = $2 ORDER BY created_at DESC, turn_id DESC, part DESC LIMIT $3"
        ),
        creator,
        conversation,
        i64::from(limit),
    )?;
    rows.into_iter().rev().map(TryInto::try_into).collect()
}

/// A creator's parts in one state (the failed ones, say) on one account (or on all), the newest first.
pub async fn list(
    tx: &mut Tx,
    creator: CreatorId,
    account: Option<ChannelAccountId>,
    state: State,
    page: Page,
) -> Result<Listed<Delivery>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        select!(
            "WHERE creator_id = $1 AND ($2 IS NULL OR channel_account_id = $2) AND state = $3
               AND (created_at < $4 OR (created_at = $4 AND id < $5))
             ORDER BY created_at DESC, id DESC LIMIT $6"
        ),
        creator,
        account,
        state.name(),
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Delivery>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// When a conversation last had a [`super::Purpose::Notice`].
pub async fn last_notice(
    tx: &mut Tx,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<Option<DateTime<Utc>>> {
    let (last,) = fetch_one!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT MAX(created_at) FROM outbox WHERE creator_id = $1 AND conversation_id = $2 AND purpose = 'notice'",
        creator,
        conversation,
    )?;
    Ok(last)
}

/// Cuts a posted message into the parts its messenger takes, once: what was cut stays as it is. The parts as
/// they are stored now, in order; buttons are under the last.
pub async fn split(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    message: MessageId,
    parts: &[String],
) -> Result<Vec<Delivery>> {
    let (Some((first, others)), Ok(count)) = (parts.split_first(), i64::try_from(parts.len())) else {
        return of_message(tx, creator, message).await;
    };
    let whole = fetch_optional!(
        tx,
        (Json<Vec<(String, String)>>,),
        "UPDATE outbox SET text = $1, parts = $2
         WHERE creator_id = $3 AND message_id = $4 AND part = 0 AND parts = 0 RETURNING buttons",
        first,
        count,
        creator,
        message,
    )?;
    let Some((buttons,)) = whole else {
        return of_message(tx, creator, message).await;
    };
    for (part, text) in (1_i64..).zip(others) {
        execute!(
            tx,
            "INSERT INTO outbox (id, creator_id, conversation_id, turn_id, part, parts, message_id, channel_account_id,
               purpose, text, state, created_at, expires_at)
             SELECT $1, creator_id, conversation_id, turn_id, $2, parts, message_id, channel_account_id, purpose, $3, state,
               created_at, expires_at
             FROM outbox WHERE creator_id = $4 AND message_id = $5 AND part = 0",
            OutboxId::new(now),
            part,
            text,
            creator,
            message,
        )?;
    }
    if !others.is_empty() && !buttons.0.is_empty() {
        execute!(
            tx,
            "UPDATE outbox SET buttons = CASE WHEN part = 0 THEN '[]' ELSE $1 END
             WHERE creator_id = $2 AND message_id = $3 AND part IN (0, $4)",
            buttons,
            creator,
            message,
            count - 1,
        )?;
    }
    of_message(tx, creator, message).await
}

/// Puts buttons, (token, title), under a message that is posted and not cut yet. False: it is too late, or it
/// was not posted.
pub async fn offer(
    tx: &mut Tx,
    creator: CreatorId,
    message: MessageId,
    buttons: &[(String, String)],
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE outbox SET buttons = $1 WHERE creator_id = $2 AND message_id = $3 AND part = 0 AND parts = 0",
        Json(buttons),
        creator,
        message,
    )?;
    Ok(touched == 1)
}

/// Says after which moment a posted message is worth nothing.
pub async fn expires(tx: &mut Tx, creator: CreatorId, message: MessageId, at: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE outbox SET expires_at = $1 WHERE creator_id = $2 AND message_id = $3",
        at,
        creator,
        message
    )?;
    Ok(())
}
