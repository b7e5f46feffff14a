//! What a provider reports later: merged by rank, in whatever order it comes.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId, OutboxId};
use serde_json::Value;
use sqlx::types::Json;

use super::{Delivery, Row, State};
use crate::{Result, Tx};

impl State {
    /// Reports move a part only to a higher rank.
    const fn rank(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Sending | Self::Unknown => 1,
            Self::Accepted => 2,
            Self::Sent => 3,
            Self::Failed => 4,
            Self::Delivered => 5,
            Self::Read => 6,
            Self::Withheld => 7,
        }
    }
}

/// The rank of a stored state; as [`State::rank`] has it.
macro_rules! rank_sql {
    () => {
        "CASE state WHEN 'queued' THEN 0 WHEN 'sending' THEN 1 WHEN 'unknown' THEN 1 WHEN 'accepted' THEN 2 WHEN 'sent' THEN 3
                    WHEN 'failed' THEN 4 WHEN 'delivered' THEN 5 WHEN 'read' THEN 6 ELSE 7 END"
    };
}

/// A provider's report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The provider's id of the message.
    pub provider_message_id: &'a str,
    /// Our own id, where the provider gives it back.
    pub opaque: Option<OutboxId>,
    /// How far it has come: `Sent`, `Failed`, `Delivered` or `Read`.
    pub state: State,
    /// The provider's code, and what it means for people, of a failure.
    pub problem: Option<(&'a str, &'a str)>,
    /// What the provider says it costs.
    pub pricing: Option<&'a Value>,
}

/// What a report changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Reached {
    /// The part has come further.
    Advanced(Box<Delivery>),
    /// It had come as far already.
    Known,
    /// No part of this account has such an id, or its sender has not noted it yet.
    Unmatched,
}

/// Notes a report about a part that left by this account.
pub async fn reached(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    report: Report<'_>,
) -> Result<Reached> {
    let row = fetch_optional!(
        tx,
        Row,
        concat!(
            "UPDATE outbox SET state = $1, provider_message_id = COALESCE(provider_message_id, $2), code = $3, detail = $4,
               pricing = COALESCE($5, pricing), settled_at = CASE WHEN $1 = 'sent' THEN settled_at ELSE $6 END
             WHERE creator_id = $7 AND channel_account_id = $8 AND (provider_message_id = $2 OR id = $9) AND ",
            rank_sql!(),
            " < $10 RETURNING ",
            columns!()
        ),
        report.state.name(),
        report.provider_message_id,
        report.problem.map(|(code, _)| code),
        report.problem.map(|(_, detail)| detail),
        report.pricing.map(Json),
        now,
        creator,
        account,
        report.opaque,
        report.state.rank(),
    )?;
    if let Some(row) = row {
        return Ok(Reached::Advanced(Box::new(row.try_into()?)));
    }
    let touched = execute!(
        tx,
        "UPDATE outbox SET pricing = COALESCE($1, pricing)
         WHERE creator_id = $2 AND channel_account_id = $3 AND (provider_message_id = $4 OR id = $5)",
        report.pricing.map(Json),
        creator,
        account,
        report.provider_message_id,
        report.opaque,
    )?;
    Ok(if touched == 0 { Reached::Unmatched } else { Reached::Known })
}
