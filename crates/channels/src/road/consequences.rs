//! What a refusal changes beside the message itself: the recipient, the account, the rates.
//! The same whether it is the answer to a request or comes later.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_store::{
    Db, Result, Tx, buckets,
    connections::{self, Connection, ConnectionState},
    identities::{self, Contact},
    outbox::{self, State},
    templates,
};

use super::{
    classify::{Action, Consequence, TemplateFault, Verdict},
    messenger::Refusal,
};

/// For so long nothing unprompted is sent where a provider had enough of it.
const REST: TimeDelta = TimeDelta::hours(24);
/// Refusals after which an address counts as one that nothing reaches.
const SUPPRESS_AFTER: usize = 3;
/// Latest messages among which they are counted.
const LOOK_BACK: u32 = 30;

/// The bucket that holds back everything unprompted over an account.
pub(super) fn nudges_of(connection: &Connection) -> String {
    format!("nudges:{}", connection.channel_account_id)
}

/// The bucket that holds back everything unprompted to one recipient.
pub(super) fn nudges_to(connection: &Connection, user: &str) -> String {
    format!("nudges:{}:{user}", connection.channel_account_id)
}

/// Buckets to close, and until when.
pub(super) type Closings = Vec<(String, DateTime<Utc>)>;

/// Notes what follows from a refusal. The buckets are closed by [`close`], after the commit: others wait for them.
pub(super) async fn note(
    tx: &mut Tx,
    now: DateTime<Utc>,
    connection: &Connection,
    contact: Option<&Contact>,
    verdict: &Verdict,
    refusal: &Refusal,
) -> Result<Closings> {
    let (creator, account) = (connection.creator_id, connection.channel_account_id);
    let reason = format!("{} ({}: {})", sentence(verdict.meaning), refusal.code.name(), refusal.detail);
    if verdict.alert {
        tracing::error!(%account, kind = connection.kind.name(), code = refusal.code.name(), detail = refusal.detail,
            "{}", verdict.meaning);
    }
    let state = match verdict.action {
        Action::Pause => Some(ConnectionState::Paused),
        Action::Revoked => Some(ConnectionState::Revoked),
        _ => None,
    };
    if let Some(state) = state {
        connections::set_state(tx, now, creator, account, state, Some(&reason)).await?;
    }
    let mut closings = Vec::new();
    let stop_nudges =
        matches!(verdict.action, Action::PauseNudges | Action::Undeliverable(Consequence::StopNudges));
    if stop_nudges {
        closings.push((nudges_of(connection), now + REST));
    }
    if let (Action::Template(TemplateFault::Paused | TemplateFault::Outdated), Some((name, language))) =
        (&verdict.action, &connection.settings.nudge_template)
    {
        let state = if matches!(verdict.action, Action::Template(TemplateFault::Paused)) {
            "PAUSED"
        } else {
            "REJECTED"
        };
        let news = templates::News {
            state: Some(state),
            reason: Some(&refusal.detail),
            ..templates::News::default()
        };
        templates::note(tx, now, creator, account, (name, language), news).await?;
    }
    let (Some(contact), Action::Undeliverable(consequence)) = (contact, &verdict.action) else {
        return Ok(closings);
    };
    match consequence {
        Consequence::None | Consequence::StopNudges => {}
        Consequence::OptOut => {
            identities::set_opted_out(tx, now, creator, contact.identity, true).await?;
        }
        Consequence::Unreachable => {
            identities::set_unreachable(tx, creator, contact.identity, Some(&reason)).await?;
        }
        Consequence::SuppressAfterThree => {
            if refused_in_a_row(tx, connection, contact, &refusal.code.name()).await? >= SUPPRESS_AFTER {
                identities::set_unreachable(tx, creator, contact.identity, Some(&reason)).await?;
            }
        }
        Consequence::RestForADay => {
            closings.push((nudges_to(connection, &contact.provider_user_id), now + REST));
        }
    }
    Ok(closings)
}

/// How many of the latest messages to a contact failed with this code, since one arrived.
async fn refused_in_a_row(
    tx: &mut Tx,
    connection: &Connection,
    contact: &Contact,
    code: &str,
) -> Result<usize> {
    let Some(conversation) = contact.conversation else { return Ok(0) };
    let latest = outbox::of_conversation(tx, connection.creator_id, conversation, LOOK_BACK).await?;
    let settled = latest.iter().rev().filter(|part| !matches!(part.state, State::Queued | State::Withheld));
    let failed = settled.take_while(|part| part.state == State::Failed);
    Ok(failed.filter(|part| part.code.as_deref() == Some(code)).count())
}

/// Closes buckets.
pub(super) async fn close(db: &Db, now: DateTime<Utc>, closings: Closings) -> Result<()> {
    if closings.is_empty() {
        return Ok(());
    }
    let mut tx = db.system().await?;
    for (key, until) in closings {
        buckets::close(&mut tx, now, &key, until).await?;
    }
    tx.commit().await
}

fn sentence(meaning: &str) -> String {
    let mut letters = meaning.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
