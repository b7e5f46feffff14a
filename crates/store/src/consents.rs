//! Consents: what a client agreed to, when, and what they were shown.

use chrono::{DateTime, Utc};
use coxswain_domain::{ChannelAccountId, ClientId, ConsentId, CreatorId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::{Result, Tx};

/// The purpose of check-ins.
pub const CHECK_INS: &str = "check_ins";

/// What can be shown if somebody asks whether a client really agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The kind of channel, as in `widget`.
    pub channel: String,
    /// The sentence the client read, in their language.
    pub shown: Option<String>,
    /// The zone their device was in.
    pub time_zone: String,
    /// What their device called itself.
    pub user_agent: Option<String>,
}

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Who agreed.
    pub client_id: ClientId,
    /// Where.
    pub channel_account_id: ChannelAccountId,
    /// To what: [`CHECK_INS`].
    pub purpose: String,
    /// What shows it.
    pub evidence: Evidence,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Until when, once withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConsentId,
    client_id: ClientId,
    channel_account_id: ChannelAccountId,
    purpose: String,
    evidence: Json<Evidence>,
    granted_at: DateTime<Utc>,
    withdrawn_at: Option<DateTime<Utc>>,
}

impl From<Row> for Consent {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            channel_account_id: row.channel_account_id,
            purpose: row.purpose,
            evidence: row.evidence.0,
            granted_at: row.granted_at,
            withdrawn_at: row.withdrawn_at,
        }
    }
}

/// Records a consent; one that is open already stays as it was. The open consent.
/// [`crate::StoreError::Dangling`]: client or account are not this creator's.
pub async fn grant(tx: &mut Tx, creator: CreatorId, new: &Consent) -> Result<Consent> {
    execute!(
        tx,
        "INSERT INTO consents (id, creator_id, client_id, channel_account_id, purpose, evidence, granted_at, withdrawn_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL) ON CONFLICT DO NOTHING",
        new.id,
        creator,
        new.client_id,
        new.channel_account_id,
        &new.purpose,
        Json(&new.evidence),
        new.granted_at,
    )?;
    open(tx, creator, new.client_id, &new.purpose).await?.ok_or(crate::StoreError::Dangling)
}

/// Ends a client's consent to a purpose. False: there was none.
pub async fn withdraw(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    client: ClientId,
    purpose: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE consents SET withdrawn_at = $1
         WHERE creator_id = $2 AND client_id = $3 AND purpose = $4 AND withdrawn_at IS NULL",
        now,
        creator,
        client,
        purpose,
    )?;
    Ok(touched > 0)
}

/// The consent of a client to a purpose that holds now.
pub async fn open(
    tx: &mut Tx,
    creator: CreatorId,
    client: ClientId,
    purpose: &str,
) -> Result<Option<Consent>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, client_id, channel_account_id, purpose, evidence, granted_at, withdrawn_at
         FROM consents WHERE creator_id = $1 AND client_id = $2 AND purpose = $3 AND withdrawn_at IS NULL",
        creator,
        client,
        purpose,
    )?;
    Ok(row.map(Into::into))
}

/// Every consent a client ever gave, the newest first.
pub async fn of_client(tx: &mut Tx, creator: CreatorId, client: ClientId) -> Result<Vec<Consent>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, client_id, channel_account_id, purpose, evidence, granted_at, withdrawn_at
         FROM consents WHERE creator_id = $1 AND client_id = $2 ORDER BY granted_at DESC, id DESC",
        creator,
        client,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}
