//! What a provider says about an account.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::{Connection, Credentials};
use crate::{Result, Tx};

/// How an account stands with its provider. All of it may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// How people like what a number sends, as Meta says: `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// How many people its portfolio may write to first in 24 hours, as Meta says: `TIER_2K`, `TIER_UNLIMITED`.
    pub tier: Option<String>,
    /// The same as a number. None: there is no limit, or it is not known.
    pub people_a_day: Option<i64>,
    /// The latest the provider had to say about the account, for people to read.
    pub news: Option<String>,
    /// When that was, by the provider's clock.
    pub news_at: Option<DateTime<Utc>>,
}

impl Connection {
    /// Under what the people an account writes to first are counted: its portfolio at Meta, or its business account
    /// where nobody said which portfolio that belongs to. `None`: nobody counts them.
    pub fn portfolio(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Whatsapp { business_account_id, .. } => {
                Some(self.settings.portfolio.as_deref().unwrap_or(business_account_id))
            }
            Credentials::Telegram { .. } => None,
        }
    }
}

/// How an account stands; nothing is known of one that is not this creator's.
pub async fn standing(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<Standing> {
    let row = fetch_optional!(
        tx,
        (Json<Standing>,),
        "SELECT standing FROM connections WHERE creator_id = $1 AND channel_account_id = $2",
        creator,
        account,
    )?;
    Ok(row.map(|(standing,)| standing.0).unwrap_or_default())
}

/// Keeps how an account stands. False: it is not this creator's.
pub async fn set_standing(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    standing: &Standing,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE connections SET standing = $1 WHERE creator_id = $2 AND channel_account_id = $3",
        Json(standing),
        creator,
        account,
    )?;
    Ok(touched == 1)
}
