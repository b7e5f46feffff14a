//! The secrets that host pages sign their clients' identities with, apart from the settings people may read.

use std::fmt;

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId};

use crate::{Result, Tx};

/// A widget's secret. Kept readable, since checking an HMAC takes the secret itself.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WidgetSecret {
    /// What tokens are signed with.
    pub secret: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for WidgetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WidgetSecret").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

/// Gives a widget its secret; the one before, if there was one, is worth nothing from now on.
/// False: the channel account is not this creator's.
pub async fn set(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    secret: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO widget_secrets (channel_account_id, creator_id, secret, created_at)
         SELECT id, creator_id, $1, $2 FROM channel_accounts WHERE creator_id = $3 AND id = $4
         ON CONFLICT (channel_account_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at",
        secret,
        now,
        creator,
        account,
    )?;
    Ok(touched == 1)
}

/// A widget's secret, if it was given one.
pub async fn get(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<Option<WidgetSecret>> {
    fetch_optional!(
        tx,
        WidgetSecret,
        "SELECT secret, created_at FROM widget_secrets WHERE creator_id = $1 AND channel_account_id = $2",
        creator,
        account,
    )
}

/// Takes a widget's secret away: tokens signed with it are refused. False: it had none.
pub async fn remove(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<bool> {
    let touched = execute!(
        tx,
        "DELETE FROM widget_secrets WHERE creator_id = $1 AND channel_account_id = $2",
        creator,
        account,
    )?;
    Ok(touched == 1)
}
