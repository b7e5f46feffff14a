//! The gate's decisions: one for each due moment of each client, with its reason.

use chrono::{DateTime, NaiveDate, Utc};
use coxswain_domain::{CheckInId, ClientId, CreatorId, DecisionId, MessageId, decision::Reason};

use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// A decision to record.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// About which check-in.
    pub check_in: CheckInId,
    /// For whom.
    pub client: ClientId,
    /// The moment that was due.
    pub due_at: DateTime<Utc>,
    /// The client's local date at the moment of the decision: the day its cap counts for.
    pub local_date: NaiveDate,
    /// The zone by which it was decided.
    pub time_zone: &'a str,
    /// Sent, or why not.
    pub reason: Reason,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// About which check-in; empty once that is deleted.
    pub check_in_id: Option<CheckInId>,
    /// For whom.
    pub client_id: ClientId,
    /// What the team calls them.
    pub client_name: String,
    /// The moment that was due.
    pub due_at: DateTime<Utc>,
    /// When the gate decided.
    pub decided_at: DateTime<Utc>,
    /// The zone by which it was decided.
    pub time_zone: String,
    /// Sent, or why not.
    pub reason: Reason,
    /// The message, if it was sent and still exists.
    pub message_id: Option<MessageId>,
}

/// Which decisions are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// About this check-in only.
    pub check_in: Option<CheckInId>,
    /// Only those sent (`true`) or held back (`false`).
    pub sent: Option<bool>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DecisionId,
    check_in_id: Option<CheckInId>,
    client_id: ClientId,
    client_name: String,
    due_at: DateTime<Utc>,
    decided_at: DateTime<Utc>,
    time_zone: String,
    reason: String,
    message_id: Option<MessageId>,
}

impl TryFrom<Row> for Decision {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            check_in_id: row.check_in_id,
            client_id: row.client_id,
            client_name: row.client_name,
            due_at: row.due_at,
            decided_at: row.decided_at,
            time_zone: row.time_zone,
            reason: known(Reason::from_name(&row.reason), "reason", &row.reason)?,
            message_id: row.message_id,
        })
    }
}

/// Records the decision on one due moment. `None`: that moment was decided before, so nothing may be sent.
pub async fn record(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: &NewDecision<'_>,
) -> Result<Option<DecisionId>> {
    let id = DecisionId::new(now);
    let touched = execute!(
        tx,
        "INSERT INTO decisions (id, creator_id, check_in_id, client_id, due_at, decided_at, local_date, time_zone, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        id,
        creator,
        new.check_in,
        new.client,
        new.due_at,
        now,
        new.local_date.to_string(),
        new.time_zone,
        new.reason.name(),
    )?;
    Ok((touched == 1).then_some(id))
}

/// Notes the message by which a decision was carried out.
pub async fn carried_out(tx: &mut Tx, creator: CreatorId, id: DecisionId, message: MessageId) -> Result<()> {
    execute!(
        tx,
        "UPDATE decisions SET message_id = $1 WHERE creator_id = $2 AND id = $3",
        message,
        creator,
        id,
    )?;
    Ok(())
}

/// The check-ins that reached a client on one of their local days; deleted ones are `None`.
pub async fn sent_on(
    tx: &mut Tx,
    creator: CreatorId,
    client: ClientId,
    local_date: NaiveDate,
) -> Result<Vec<Option<CheckInId>>> {
    let rows = fetch_all!(
        tx,
        (Option<CheckInId>,),
        "SELECT check_in_id FROM decisions
         WHERE creator_id = $1 AND client_id = $2 AND local_date = $3 AND reason = 'sent'",
        creator,
        client,
        local_date.to_string(),
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A creator's decisions, the latest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, filter: Filter, page: Page) -> Result<Listed<Decision>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT decisions.id, check_in_id, client_id, clients.display_name AS client_name, due_at, decided_at,
           decisions.time_zone, reason, message_id
         FROM decisions JOIN clients ON clients.id = decisions.client_id
         WHERE decisions.creator_id = $1 AND ($2 IS NULL OR check_in_id = $2) AND ($3 IS NULL OR (reason = 'sent') = $3)
           AND (decided_at < $4 OR (decided_at = $4 AND decisions.id < $5))
         ORDER BY decided_at DESC, decisions.id DESC LIMIT $6",
        creator,
        filter.check_in,
        filter.sent,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Decision>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.decided_at, id: row.id.0 }))
}
