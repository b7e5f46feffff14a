//! What happened, and is still to be told on: to webhooks, and to the team by mail.
//!
//! Triggers note it in the transaction that makes it happen (`0009_integrations.sql`), so whatever code changes
//! a row need not think of it, and nothing is noted that was rolled back. [`spread`] makes events, deliveries and
//! mails of the notes and removes them, in one transaction: each note is told on once, in the order of the notes,
//! which within a conversation is the order of commits, because its row is held while something is added to it.

mod payload;

use chrono::{DateTime, Utc};
use coxswain_domain::{ConversationId, CreatorId, event::EventKind};
use uuid::Uuid;

use crate::{Result, Tx, error::known, notices, webhooks};

/// What one [`spread`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Notes that were worked off; as many as allowed: there may be more.
    pub notes: usize,
    /// Deliveries made.
    pub deliveries: usize,
    /// Mails made.
    pub mails: usize,
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct Note {
    seq: i64,
    kind: String,
    subject: Uuid,
    at: Option<DateTime<Utc>>,
}

/// The creators with whom something happened that is not told on yet. System transaction.
pub async fn pending(tx: &mut Tx) -> Result<Vec<CreatorId>> {
    let rows = fetch_all!(tx, (CreatorId,), "SELECT DISTINCT creator_id FROM happenings")?;
    Ok(rows.into_iter().map(|(creator,)| creator).collect())
}

macro_rules! take_sql {
    ($lock:literal) => {
        concat!(
            "DELETE FROM happenings WHERE seq IN (
               SELECT seq FROM happenings WHERE creator_id = $1 ORDER BY seq LIMIT $2 ",
            $lock,
            ") RETURNING seq, kind, subject, at"
        )
    };
}

/// Tells at most `limit` notes of a creator on, the oldest first. With `mail`, members who want it are mailed about
/// clients who wait for a person.
pub async fn spread(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    limit: u32,
    mail: bool,
) -> Result<Spread> {
    // Not SKIP LOCKED: a second one waits its turn, or what it took would be told before what the first one took.
    let sql = tx.skip_locked(take_sql!(""), take_sql!("FOR UPDATE"));
    let mut notes = fetch_all!(tx, Note, sql, creator, i64::from(limit))?;
    notes.sort_unstable_by_key(|note| note.seq);
    let webhooks = webhooks::all(tx, creator).await?;
    let made = if webhooks.is_empty() { now } else { webhooks::after_all(tx, now, creator).await? };
    let mut done = Spread { notes: notes.len(), ..Spread::default() };
    for note in notes {
        let kind = known(EventKind::from_name(&note.kind), "event kind", &note.kind)?;
        if mail && kind == EventKind::HumanWanted {
            done.mails += notices::post(tx, now, creator, ConversationId(note.subject)).await?;
        }
        // Linked may turn out to be unlinked: who wants either is asked again once it is known.
        let kinds = [kind, if kind == EventKind::ClientLinked { EventKind::ClientUnlinked } else { kind }];
        if !webhooks.iter().any(|webhook| kinds.iter().any(|kind| webhook.wants(*kind))) {
            continue;
        }
        let at = note.at.unwrap_or(now);
        if let Some(event) = payload::compose(tx, creator, kind, note.subject, at).await? {
            done.deliveries += webhooks::tell_at(tx, (now, made), creator, &webhooks, &event).await?;
        }
    }
    Ok(done)
}
