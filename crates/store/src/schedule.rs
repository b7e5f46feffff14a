//! The next due moment of each check-in for each client who agreed: stored, so that finding what is
//! due costs the same however many clients there are.
//!
//! Whoever changes a check-in, a client's consent or their zone calls [`reschedule_check_in`] or
//! [`reschedule_client`] in the same transaction. What lies ahead is then computed anew; a moment
//! that is due already stays, so that the gate decides on it and the reason is recorded.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    CheckInId, ClientId, ConversationId, CreatorId,
    account::CreatorSettings,
    schedule::{LocalTime, Weekdays, next_due, zone},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    Result, Tx,
    check_ins::{local_time, weekdays},
    consents::CHECK_INS,
};

/// A due moment of one check-in for one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Due {
    /// The moment.
    pub next_due_at: DateTime<Utc>,
    /// Which check-in.
    pub check_in_id: CheckInId,
    /// For whom.
    pub client_id: ClientId,
    /// Whose client.
    pub creator_id: CreatorId,
}

/// Everything the gate needs to know about a due moment, as it is now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What the client would read.
    pub text: String,
    /// On which days the check-in comes.
    pub weekdays: Weekdays,
    /// When, by the client's clock.
    pub local_time: LocalTime,
    /// Whether the creator has it switched on.
    pub enabled: bool,
    /// The client's IANA zone, if they told.
    pub time_zone: Option<String>,
    /// What the creator decided for all clients.
    pub settings: CreatorSettings,
    /// Whether the client's consent holds.
    pub consented: bool,
    /// The conversation on the channel where they agreed, if that channel is switched on.
    pub conversation: Option<ConversationId>,
}

/// The earliest due moments after `after`, in order. System transaction.
pub async fn due(tx: &mut Tx, now: DateTime<Utc>, after: Option<&Due>, limit: u32) -> Result<Vec<Due>> {
    let (at, check_in, client) = after.map_or((DateTime::UNIX_EPOCH, Uuid::nil(), Uuid::nil()), |due| {
        (due.next_due_at, due.check_in_id.0, due.client_id.0)
    });
    fetch_all!(
        tx,
        Due,
        "SELECT next_due_at, check_in_id, client_id, creator_id FROM check_in_schedule
         WHERE next_due_at <= $1 AND (next_due_at, check_in_id, client_id) > ($2, $3, $4)
         ORDER BY next_due_at, check_in_id, client_id LIMIT $5",
        now,
        at,
        check_in,
        client,
        i64::from(limit),
    )
}

/// The next due moment of all. System transaction.
pub async fn next_moment(tx: &mut Tx) -> Result<Option<DateTime<Utc>>> {
    let (next,) = fetch_one!(tx, (Option<DateTime<Utc>>,), "SELECT MIN(next_due_at) FROM check_in_schedule")?;
    Ok(next)
}

macro_rules! claim_sql {
    ($lock:literal) => {
        concat!(
            "SELECT next_due_at FROM check_in_schedule
             WHERE check_in_id = $1 AND client_id = $2 AND next_due_at = $3 ",
            $lock
        )
    };
}

/// Waits for the other transactions that change this creator's schedule. Without it, a client who agrees
/// and a check-in that is made in the same moment would not see each other, and two decisions on one
/// client might each find room under the day's cap. `SQLite` has one writer anyway.
pub(crate) async fn take_turn(tx: &mut Tx, creator: CreatorId) -> Result<()> {
    let sql = tx.skip_locked(
        "SELECT id FROM creators WHERE id = $1",
        "SELECT id FROM creators WHERE id = $1 FOR NO KEY UPDATE",
    );
    fetch_optional!(tx, (CreatorId,), sql, creator)?;
    Ok(())
}

/// Takes hold of a due moment until the transaction ends, which acts for its creator from here on.
/// False: it is decided already, or somebody else is deciding it. System transaction.
pub async fn claim(tx: &mut Tx, due: &Due) -> Result<bool> {
    tx.act_for(due.creator_id).await?;
    take_turn(tx, due.creator_id).await?;
    let sql = tx.skip_locked(claim_sql!(""), claim_sql!("FOR UPDATE SKIP LOCKED"));
    let row = fetch_optional!(tx, (DateTime<Utc>,), sql, due.check_in_id, due.client_id, due.next_due_at)?;
    Ok(row.is_some())
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    text: String,
    weekdays: i64,
    local_time: String,
    enabled: bool,
    time_zone: Option<String>,
    settings: Json<CreatorSettings>,
    consented: bool,
    conversation_id: Option<ConversationId>,
}

/// How things stand for a claimed moment.
pub async fn standing(tx: &mut Tx, due: &Due) -> Result<Option<Standing>> {
    let row = fetch_optional!(
        tx,
        StandingRow,
        "SELECT check_ins.text, check_ins.weekdays, check_ins.local_time, check_ins.enabled, clients.time_zone,
           creators.settings, consents.id IS NOT NULL AS consented,
           (SELECT conversations.id FROM conversations
            JOIN channel_accounts ON channel_accounts.id = conversations.channel_account_id
            WHERE conversations.creator_id = clients.creator_id AND conversations.client_id = clients.id
              AND channel_accounts.id = consents.channel_account_id AND channel_accounts.enabled
            ORDER BY conversations.updated_at DESC LIMIT 1) AS conversation_id
         FROM check_ins
         JOIN creators ON creators.id = check_ins.creator_id
         JOIN clients ON clients.creator_id = check_ins.creator_id
         LEFT JOIN consents ON consents.creator_id = clients.creator_id AND consents.client_id = clients.id
           AND consents.purpose = $1 AND consents.withdrawn_at IS NULL
         WHERE check_ins.creator_id = $2 AND check_ins.id = $3 AND clients.id = $4
         ORDER BY consents.granted_at DESC LIMIT 1",
        CHECK_INS,
        due.creator_id,
        due.check_in_id,
        due.client_id,
    )?;
    row.map(|row| {
        Ok(Standing {
            text: row.text,
            weekdays: weekdays(row.weekdays)?,
            local_time: local_time(&row.local_time)?,
            enabled: row.enabled,
            time_zone: row.time_zone,
            settings: row.settings.0,
            consented: row.consented,
            conversation: row.conversation_id,
        })
    })
    .transpose()
}

/// Replaces a claimed moment by the one after it; `None` when there is none.
pub async fn advance(tx: &mut Tx, due: &Due, next: Option<DateTime<Utc>>) -> Result<()> {
    match next {
        Some(next) => execute!(
            tx,
            "UPDATE check_in_schedule SET next_due_at = $1 WHERE creator_id = $2 AND check_in_id = $3 AND client_id = $4",
            next,
            due.creator_id,
            due.check_in_id,
            due.client_id,
        )?,
        None => execute!(
            tx,
            "DELETE FROM check_in_schedule WHERE creator_id = $1 AND check_in_id = $2 AND client_id = $3",
            due.creator_id,
            due.check_in_id,
            due.client_id,
        )?,
    };
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Rule {
    id: CheckInId,
    weekdays: i64,
    local_time: String,
    settings: Json<CreatorSettings>,
}

impl Rule {
    fn next(&self, now: DateTime<Utc>, time_zone: Option<&str>) -> Result<Option<DateTime<Utc>>> {
        let zone = zone(time_zone, &self.settings.0.time_zone);
        Ok(next_due(now, zone, weekdays(self.weekdays)?, local_time(&self.local_time)?))
    }
}

/// Computes the next moments of one check-in for all clients anew: after it was made or changed.
pub async fn reschedule_check_in(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    id: CheckInId,
) -> Result<()> {
    take_turn(tx, creator).await?;
    execute!(
        tx,
        "DELETE FROM check_in_schedule WHERE creator_id = $1 AND check_in_id = $2 AND next_due_at > $3",
        creator,
        id,
        now,
    )?;
    let rule = fetch_optional!(
        tx,
        Rule,
        "SELECT check_ins.id, weekdays, local_time, settings
         FROM check_ins JOIN creators ON creators.id = check_ins.creator_id
         WHERE check_ins.creator_id = $1 AND check_ins.id = $2 AND enabled",
        creator,
        id,
    )?;
    let Some(rule) = rule else {
        return Ok(());
    };
    // Clients of one zone share their moments: a statement for each zone, not for each client.
    let zones = fetch_all!(
        tx,
        (Option<String>,),
        "SELECT DISTINCT clients.time_zone FROM consents JOIN clients ON clients.id = consents.client_id
         WHERE consents.creator_id = $1 AND purpose = $2 AND withdrawn_at IS NULL",
        creator,
        CHECK_INS,
    )?;
    for (time_zone,) in zones {
        let Some(next) = rule.next(now, time_zone.as_deref())? else {
            continue;
        };
        execute!(
            tx,
            "INSERT INTO check_in_schedule (check_in_id, client_id, creator_id, next_due_at)
             SELECT $1, clients.id, clients.creator_id, $2 FROM clients
             WHERE clients.creator_id = $3 AND clients.time_zone IS NOT DISTINCT FROM $4
               AND EXISTS (SELECT 1 FROM consents WHERE consents.client_id = clients.id
                 AND consents.creator_id = clients.creator_id AND purpose = $5 AND withdrawn_at IS NULL)
             ON CONFLICT DO NOTHING",
            id,
            next,
            creator,
            time_zone,
            CHECK_INS,
        )?;
    }
    Ok(())
}

/// Computes the next moments of all check-ins for one client anew: after they agreed, withdrew or moved to another zone.
pub async fn reschedule_client(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    client: ClientId,
) -> Result<()> {
    take_turn(tx, creator).await?;
    execute!(
        tx,
        "DELETE FROM check_in_schedule WHERE creator_id = $1 AND client_id = $2 AND next_due_at > $3",
        creator,
        client,
        now,
    )?;
    let agreed = fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT time_zone FROM clients WHERE creator_id = $1 AND id = $2
           AND EXISTS (SELECT 1 FROM consents WHERE consents.client_id = clients.id
             AND consents.creator_id = clients.creator_id AND purpose = $3 AND withdrawn_at IS NULL)",
        creator,
        client,
        CHECK_INS,
    )?;
    let Some((time_zone,)) = agreed else {
        return Ok(());
    };
    let rules = fetch_all!(
        tx,
        Rule,
        "SELECT check_ins.id, weekdays, local_time, settings
         FROM check_ins JOIN creators ON creators.id = check_ins.creator_id
         WHERE check_ins.creator_id = $1 AND enabled",
        creator,
    )?;
    for rule in rules {
        let Some(next) = rule.next(now, time_zone.as_deref())? else {
            continue;
        };
        execute!(
            tx,
            "INSERT INTO check_in_schedule (check_in_id, client_id, creator_id, next_due_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            rule.id,
            client,
            creator,
            next,
        )?;
    }
    Ok(())
}
