//! News about messages of ours.

use chrono::TimeDelta;
use coxswain_domain::OutboxId;
use coxswain_store::{
    identities,
    inbox::State as InboxState,
    outbox::{self, Delivery, Purpose, Report, State},
    work::JobError,
};

use super::{
    super::{
        arrival::{Reached, Status},
        classify::{Action, TemplateFault, Verdict, classify},
        consequences,
        messenger::Refusal,
    },
    visit::Visit,
};

/// A message that a fresh window did not let through is tried once more after so long.
const WINDOW_OPENS: TimeDelta = TimeDelta::seconds(30);

/// Notes how far a message of ours has come, and judges a failure as if it were the answer to the request.
pub(super) async fn status(visit: &mut Visit<'_>, status: &Status) -> Result<(), JobError> {
    let verdict = status.refusal.as_ref().map(|refusal| (refusal, classify(refusal)));
    let code = status.refusal.as_ref().map(|refusal| refusal.code.name());
    let problem = match (&code, &verdict) {
        (Some(code), Some((_, verdict))) => Some((code.as_str(), verdict.meaning)),
        _ => None,
    };
    let report = Report {
        provider_message_id: &status.message_id,
        opaque: status.opaque.as_deref().and_then(|id| id.parse::<OutboxId>().ok()),
        state: match status.reached {
            Reached::Sent => State::Sent,
            Reached::Failed => State::Failed,
            Reached::Delivered => State::Delivered,
            Reached::Read => State::Read,
        },
        problem,
        pricing: status.pricing.as_ref(),
    };
    let account = visit.connection.channel_account_id;
    match outbox::reached(visit.tx, visit.now, visit.creator, account, report).await? {
        outbox::Reached::Advanced(delivery) => {
            visit.done.conversation = Some(delivery.conversation_id);
            metrics::counter!("coxswain_reached_total", "channel" => visit.connection.kind.name(), "state" => delivery.state.name())
                .increment(1);
            outbox::hurry(visit.tx, visit.now, visit.creator, &delivery).await?;
            match verdict {
                Some((refusal, verdict)) => failed(visit, &delivery, refusal, &verdict).await,
                None => Ok(()),
            }
        }
        outbox::Reached::Known => Ok(()),
        outbox::Reached::Unmatched => {
            visit.done.state = InboxState::Ignored;
            visit.done.problem = Some("it is about no message of ours".into());
            Ok(())
        }
    }
}

/// A failure that was reported after the provider had taken the message.
async fn failed(
    visit: &mut Visit<'_>,
    delivery: &Delivery,
    refusal: &Refusal,
    verdict: &Verdict,
) -> Result<(), JobError> {
    let (now, creator) = (visit.now, visit.creator);
    let contact = identities::of_conversation(visit.tx, creator, delivery.conversation_id).await?;
    let closings =
        consequences::note(visit.tx, now, visit.connection, contact.as_ref(), verdict, refusal).await?;
    visit.done.closings = closings;
    let nudge = matches!(delivery.purpose, Purpose::Nudge | Purpose::Campaign);
    let wait = match &verdict.action {
        Action::Retry(backoff) => backoff
            .after(delivery.attempts, refusal.retry_after, &visit.road.jitter)
            .and_then(|wait| TimeDelta::from_std(wait).ok()),
        // Rarely a window is open by our clock and not yet by theirs.
        Action::Template(TemplateFault::Needed) if delivery.attempts == 1 => Some(WINDOW_OPENS),
        Action::Pause | Action::Revoked if !nudge => Some(TimeDelta::zero()),
        _ => None,
    };
    if let Some(wait) = wait {
        outbox::again(visit.tx, now, creator, delivery.id, now + wait).await?;
    }
    Ok(())
}
