//! Check-ins: what a creator wants to ask, on which days, at which local time.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    CheckInId, CreatorId,
    schedule::{LocalTime, Weekdays},
};

use crate::{
    Result, Tx,
    error::known,
    page::{Cursor, Listed, Page},
    schedule,
};

/// What a creator decides about a check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCheckIn {
    /// What the client reads.
    pub text: String,
    /// On which days.
    pub weekdays: Weekdays,
    /// When, by the client's own clock.
    pub local_time: LocalTime,
    /// Whether it is sent at all.
    pub enabled: bool,
}

/// A check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// Its id.
    pub id: CheckInId,
    /// What the creator decided.
    pub content: NewCheckIn,
    /// How many clients it will reach next: those who agreed.
    pub clients: i64,
    /// When it is due next, for the first of them.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Grows with each change; for `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CheckInId,
    text: String,
    weekdays: i64,
    local_time: String,
    enabled: bool,
    clients: i64,
    next_due_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for CheckIn {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let content = NewCheckIn {
            text: row.text,
            weekdays: weekdays(row.weekdays)?,
            local_time: local_time(&row.local_time)?,
            enabled: row.enabled,
        };
        Ok(Self {
            id: row.id,
            content,
            clients: row.clients,
            next_due_at: row.next_due_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(crate) fn weekdays(bits: i64) -> Result<Weekdays> {
    known(Weekdays::from_bits(bits), "weekdays", &bits.to_string())
}

pub(crate) fn local_time(text: &str) -> Result<LocalTime> {
    known(text.parse().ok(), "local time", text)
}

/// Adds a check-in and schedules it for every client who agreed.
pub async fn insert(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    new: &NewCheckIn,
) -> Result<CheckInId> {
    let id = CheckInId::new(now);
    execute!(
        tx,
        "INSERT INTO check_ins (id, creator_id, text, weekdays, local_time, enabled, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)",
        id,
        creator,
        &new.text,
        new.weekdays.bits(),
        new.local_time.to_string(),
        new.enabled,
        now,
    )?;
    schedule::reschedule_check_in(tx, now, creator, id).await?;
    Ok(id)
}

/// Puts `changed` in place if the check-in is still at `version`, and schedules it anew.
/// False: somebody was faster, or it is not this creator's.
pub async fn update(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: CheckInId,
    version: i64,
    changed: &NewCheckIn,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE check_ins SET text = $1, weekdays = $2, local_time = $3, enabled = $4, version = version + 1, updated_at = $5
         WHERE creator_id = $6 AND id = $7 AND version = $8",
        &changed.text,
        changed.weekdays.bits(),
        changed.local_time.to_string(),
        changed.enabled,
        now,
        creator,
        id,
        version,
    )?;
    if touched == 1 {
        schedule::reschedule_check_in(tx, now, creator, id).await?;
    }
    Ok(touched == 1)
}

/// Removes a check-in and what it had scheduled; its decisions stay. False: it is not this creator's.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: CheckInId) -> Result<bool> {
    // First, as the engine does too: two transactions that lock in different orders could wait for each other forever.
    schedule::take_turn(tx, creator).await?;
    let touched = execute!(tx, "DELETE FROM check_ins WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}

/// One check-in of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: CheckInId) -> Result<Option<CheckIn>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, text, weekdays, local_time, enabled, version, created_at, updated_at,
           (SELECT COUNT(*) FROM check_in_schedule WHERE check_in_id = check_ins.id) AS clients,
           (SELECT MIN(next_due_at) FROM check_in_schedule WHERE check_in_id = check_ins.id) AS next_due_at
         FROM check_ins WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A creator's check-ins, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<CheckIn>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, text, weekdays, local_time, enabled, version, created_at, updated_at,
           (SELECT COUNT(*) FROM check_in_schedule WHERE check_in_id = check_ins.id) AS clients,
           (SELECT MIN(next_due_at) FROM check_in_schedule WHERE check_in_id = check_ins.id) AS next_due_at
         FROM check_ins
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<CheckIn>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}
