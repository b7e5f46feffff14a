//! Mail to the team when a client wants a person: who wants it, and what was sent when.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{ConversationId, CreatorId, MemberId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Result, StoreError, Tx,
    jobs::{self, NewJob},
};

/// The kind of the job that sends one mail to one member.
pub const MAIL_JOB: &str = "mail.v1";

/// About one conversation, the team is mailed once in this time.
const QUIET: TimeDelta = TimeDelta::minutes(15);
/// How often a mail is tried, with the jobs' backoff: about an hour and a half.
const TRIES: u32 = 16;

/// What that job needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPayload {
    /// Who is wanted.
    pub conversation_id: ConversationId,
    /// Who is told.
    pub member_id: MemberId,
}

/// A mail to write.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Notice {
    /// Where to.
    pub email: String,
    /// What the member is called.
    pub member_name: String,
    /// Who waits, as the team calls them.
    pub client_name: String,
    /// For whom they act.
    pub creator_name: String,
    /// Since when they wait.
    pub human_wanted_at: DateTime<Utc>,
}

/// Whether a member wants mail when a person is wanted: as they chose, else owners do. `None`: no such member.
pub async fn wants(tx: &mut Tx, creator: CreatorId, member: MemberId) -> Result<Option<bool>> {
    let row = fetch_optional!(
        tx,
        (bool,),
        "SELECT COALESCE((SELECT human_wanted FROM notice_choices WHERE notice_choices.member_id = members.id),
           members.role = 'owner')
         FROM members WHERE creator_id = $1 AND id = $2",
        creator,
        member,
    )?;
    Ok(row.map(|(wants,)| wants))
}

/// Notes whether a member wants mail when a person is wanted. False: no such member.
pub async fn choose(tx: &mut Tx, creator: CreatorId, member: MemberId, human_wanted: bool) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO notice_choices (member_id, creator_id, human_wanted)
         SELECT id, creator_id, $1 FROM members WHERE creator_id = $2 AND id = $3
         ON CONFLICT (member_id) DO UPDATE SET human_wanted = excluded.human_wanted",
        human_wanted,
        creator,
        member,
    )?;
    Ok(touched == 1)
}

/// Has a mail sent to each member who wants it, unless the team was mailed about this conversation a short while
/// ago; how many mails.
pub async fn post(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    conversation: ConversationId,
) -> Result<usize> {
    let first = execute!(
        tx,
        "INSERT INTO human_notices (conversation_id, creator_id, noticed_at)
         SELECT id, creator_id, $1 FROM conversations WHERE creator_id = $2 AND id = $3 AND kind = 'client'
         ON CONFLICT (conversation_id) DO UPDATE SET noticed_at = excluded.noticed_at
           WHERE human_notices.noticed_at <= $4",
        now,
        creator,
        conversation,
        now - QUIET,
    )?;
    if first == 0 {
        return Ok(0);
    }
    let members = fetch_all!(
        tx,
        (MemberId,),
        "SELECT id FROM members WHERE creator_id = $1 AND disabled_at IS NULL
           AND COALESCE((SELECT human_wanted FROM notice_choices WHERE notice_choices.member_id = members.id),
             members.role = 'owner')
         ORDER BY id",
        creator,
    )?;
    for (member_id,) in &members {
        let payload = MailPayload { conversation_id: conversation, member_id: *member_id };
        let payload =
            serde_json::to_value(payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        // Each mail for itself: one that is refused holds up no other.
        let lane = Uuid::new_v4();
        let job = NewJob { creator, kind: MAIL_JOB, payload, lane, run_at: now, max_attempts: TRIES };
        jobs::enqueue(tx, now, job).await?;
    }
    Ok(members.len())
}

/// What to write to a member. `None`: the client does not wait any more, or the member is gone.
pub async fn notice(tx: &mut Tx, creator: CreatorId, payload: MailPayload) -> Result<Option<Notice>> {
    fetch_optional!(
        tx,
        Notice,
        "SELECT members.email, members.name AS member_name, clients.display_name AS client_name,
           creators.name AS creator_name, talk.human_wanted_at
         FROM conversations talk
         JOIN clients ON clients.id = talk.client_id
         JOIN creators ON creators.id = talk.creator_id
         JOIN members ON members.creator_id = talk.creator_id
         WHERE talk.creator_id = $1 AND talk.id = $2 AND members.id = $3 AND members.disabled_at IS NULL
           AND talk.human_wanted_at IS NOT NULL",
        creator,
        payload.conversation_id,
        payload.member_id,
    )
}
