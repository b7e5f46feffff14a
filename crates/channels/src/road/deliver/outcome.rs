//! One call to a provider, and what follows from its answer.

use std::time::Duration;

use chrono::TimeDelta;
use coxswain_domain::channel::ChannelKind;
use coxswain_store::{
    identities,
    outbox::{self, Delivery, State},
    work::JobError,
};

use super::{
    super::{
        backoff::Scope,
        classify::{Action, Consequence, TemplateFault, Verdict, classify},
        consequences::{self, Closings},
        messenger::{Accepted, Bucket, Code, Part, Refusal, TemplateUse},
    },
    Step,
    scene::{Scene, is_unprompted},
};

/// A message that a fresh window did not let through is tried once more after so long.
const WINDOW_OPENS: Duration = Duration::from_secs(30);
/// The wait after which a lost connection to a provider without a memory is tried again.
const AT_LEAST_ONCE: Duration = Duration::from_secs(2);
/// The longest a whole bot keeps quiet because of one chat.
const WHOLE_BOT: Duration = Duration::from_secs(1);

/// What to do about a part whose call began and whose answer nobody noted. `None`: send it.
///
/// `WhatsApp` gives our id back with its statuses: first they are waited for. Telegram has no such thing: a reply is
/// sent at least once, anything unprompted at most once.
pub(super) async fn reconcile(scene: &Scene<'_>, part: &Delivery) -> Result<Option<Step>, JobError> {
    const NOBODY_KNOWS: &str = "The connection broke off; nobody knows whether it arrived.";
    let creator = scene.connection.creator_id;
    let tells = scene.connection.kind == ChannelKind::Whatsapp;
    let mut tx = scene.road.db.write(creator).await?;
    let step = match part.state {
        // The worker that began the call is dead.
        State::Sending if tells || is_unprompted(part) => {
            outbox::unknown(&mut tx, creator, part.id, NOBODY_KNOWS).await?;
            Some(if tells { Step::Later(scene.road.settings.reconcile) } else { Step::Stop })
        }
        State::Unknown if is_unprompted(part) => Some(Step::Stop),
        // It was waited for long enough.
        _ => {
            outbox::requeue(&mut tx, creator, part.id, (Some("ambiguous"), NOBODY_KNOWS)).await?;
            None
        }
    };
    tx.commit().await?;
    Ok(step)
}

/// Sends a part that [`outbox::begin_sending`] let go.
pub(super) async fn send(
    scene: &Scene<'_>,
    part: &Delivery,
    template: Option<TemplateUse>,
) -> Result<Step, JobError> {
    let mut message =
        Part { outbox: part.id, text: part.text.clone(), buttons: part.buttons.clone(), template };
    let answer = scene.messenger.send(&scene.connection, &scene.address, &message).await;
    let refusal = match answer {
        Ok(accepted) => return taken(scene, part, &accepted).await,
        Err(refusal) => refusal,
    };
    let verdict = classify(&refusal);
    // What can be mended at once is sent once more, as another message.
    match verdict.action {
        Action::Template(TemplateFault::Needed) if is_unprompted(part) && message.template.is_none() => {
            message.template = scene.template(part);
            if message.template.is_none() {
                return judged(scene, part, &refusal, &verdict).await;
            }
        }
        Action::PlainText => message.text = scene.messenger.plain(&part.text),
        Action::Resplit => return halves(scene, part, message, &refusal, &verdict).await,
        _ => return judged(scene, part, &refusal, &verdict).await,
    }
    match scene.messenger.send(&scene.connection, &scene.address, &message).await {
        Ok(accepted) => taken(scene, part, &accepted).await,
        Err(refusal) => judged(scene, part, &refusal, &given_up(classify(&refusal))).await,
    }
}

/// What was mended and is still refused for the same reason is not mended again.
fn given_up(verdict: Verdict) -> Verdict {
    match verdict.action {
        Action::PlainText | Action::Resplit | Action::Template(_) => {
            Verdict { action: Action::Undeliverable(Consequence::None), ..verdict }
        }
        _ => verdict,
    }
}

/// Sends what was too long in pieces, one after the other; the last one's id stands for all.
async fn halves(
    scene: &Scene<'_>,
    part: &Delivery,
    mut message: Part,
    refusal: &Refusal,
    verdict: &Verdict,
) -> Result<Step, JobError> {
    let plain = scene.messenger.plain(&part.text);
    let pieces = pieces(&plain);
    if pieces.len() < 2 {
        return judged(scene, part, refusal, &given_up(verdict.clone())).await;
    }
    let mut last = None;
    for piece in pieces {
        message.text = piece;
        match scene.messenger.send(&scene.connection, &scene.address, &message).await {
            Ok(accepted) => last = Some(accepted),
            Err(refusal) => return judged(scene, part, &refusal, &given_up(classify(&refusal))).await,
        }
    }
    match last {
        Some(accepted) => taken(scene, part, &accepted).await,
        None => Ok(Step::Stop),
    }
}

/// Two pieces of about the same length, cut between words where there are any.
fn pieces(text: &str) -> Vec<String> {
    let letters = || text.char_indices().map(|(place, _)| place);
    let middle = letters().find(|place| place * 2 >= text.len()).or_else(|| letters().next_back());
    let middle = middle.unwrap_or_default();
    let spaces = text.char_indices().filter(|(_, letter)| letter.is_whitespace()).map(|(place, _)| place);
    let (first, second) = text.split_at(spaces.min_by_key(|space| space.abs_diff(middle)).unwrap_or(middle));
    [first, second].into_iter().filter(|piece| !piece.trim().is_empty()).map(str::to_owned).collect()
}

async fn taken(scene: &Scene<'_>, part: &Delivery, accepted: &Accepted) -> Result<Step, JobError> {
    let creator = scene.connection.creator_id;
    let mut tx = scene.road.db.write(creator).await?;
    outbox::accepted(&mut tx, creator, part.id, &accepted.message_id).await?;
    tx.commit().await?;
    scene.count("accepted");
    Ok(Step::Next)
}

/// What becomes of a part that was refused.
enum Fate {
    /// It is where it should be.
    Taken,
    /// It is tried again after a wait.
    Again(Duration),
    /// Nobody knows; it is looked at after a wait, or never again.
    Unknown(Option<Duration>),
    /// It is kept back.
    Withheld,
    /// It will never arrive.
    Failed,
}

fn fate(scene: &Scene<'_>, part: &Delivery, refusal: &Refusal, verdict: &Verdict) -> Fate {
    let (road, unprompted) = (scene.road, is_unprompted(part));
    match &verdict.action {
        Action::Success => Fate::Taken,
        Action::Retry(backoff) => {
            backoff.after(part.attempts, refusal.retry_after, &road.jitter).map_or(Fate::Failed, Fate::Again)
        }
        Action::Reconcile if scene.connection.kind == ChannelKind::Whatsapp => {
            Fate::Unknown(Some(road.settings.reconcile))
        }
        Action::Reconcile if unprompted => Fate::Unknown(None),
        Action::Reconcile => Fate::Again(AT_LEAST_ONCE + road.jitter.up_to(AT_LEAST_ONCE)),
        Action::Pause | Action::Revoked | Action::StopPolling => Fate::Again(super::ACCOUNT_OFF),
        Action::Migrate { .. } => Fate::Again(Duration::ZERO),
        // Rarely a window is open by our clock and not yet by theirs.
        Action::Template(TemplateFault::Needed) if part.attempts == 1 && !unprompted => {
            Fate::Again(WINDOW_OPENS)
        }
        Action::Template(_) => Fate::Withheld,
        Action::Undeliverable(_) | Action::PauseNudges | Action::PlainText | Action::Resplit => Fate::Failed,
    }
}

/// Notes a refusal and everything that follows from it.
async fn judged(
    scene: &Scene<'_>,
    part: &Delivery,
    refusal: &Refusal,
    verdict: &Verdict,
) -> Result<Step, JobError> {
    let (road, creator, now) = (scene.road, scene.connection.creator_id, scene.road.clock.now());
    let (code, detail) = (refusal.code.name(), format!("{} ({})", verdict.meaning, refusal.detail));
    let note = (Some(code.as_str()), detail.as_str());
    scene.count(outcome(&verdict.action));
    let mut tx = road.db.write(creator).await?;
    let mut closings = Closings::new();
    let step = match fate(scene, part, refusal, verdict) {
        Fate::Taken => {
            outbox::accepted(&mut tx, creator, part.id, "").await?;
            Step::Next
        }
        Fate::Again(wait) => {
            closings = slowed(scene, &verdict.action, refusal, wait);
            outbox::requeue(&mut tx, creator, part.id, note).await?;
            Step::Later(wait)
        }
        Fate::Unknown(wait) => {
            outbox::unknown(&mut tx, creator, part.id, &detail).await?;
            wait.map_or(Step::Stop, Step::Later)
        }
        Fate::Withheld => {
            outbox::withhold(&mut tx, now, creator, part.id, &detail).await?;
            Step::Stop
        }
        Fate::Failed => {
            outbox::failed(&mut tx, now, creator, part.id, note).await?;
            Step::Stop
        }
    };
    if let Action::Migrate { to } = &verdict.action {
        let account = scene.connection.channel_account_id;
        identities::moved(&mut tx, now, creator, account, (&scene.address.user, to)).await?;
    }
    // Only now, so that this one counts among those that failed.
    closings.extend(
        consequences::note(&mut tx, now, &scene.connection, Some(&scene.contact), verdict, refusal).await?,
    );
    tx.commit().await?;
    consequences::close(&road.db, now, closings).await?;
    if matches!(step, Step::Stop) {
        road.live.touch(part.conversation_id);
    }
    Ok(step)
}

/// The rates to close while a refusal for haste is waited out: those of the recipient, or of the account.
fn slowed(scene: &Scene<'_>, action: &Action, refusal: &Refusal, wait: Duration) -> Closings {
    let Action::Retry(backoff) = action else { return Closings::new() };
    let now = scene.road.clock.now();
    // Telegram does not say whether the chat or the bot was too fast.
    let unsure = matches!(refusal.code, Code::Telegram(_));
    let closed = |bucket: Bucket| {
        let wait = match backoff.scope {
            // One's own bucket closes for the whole wait: the recipient's, or the account's.
            scope if scope != Scope::Message && (scope == Scope::Recipient) == bucket.is_of_recipient() => {
                wait
            }
            Scope::Recipient if unsure => wait.min(WHOLE_BOT),
            _ => return None,
        };
        Some((bucket.key, now + TimeDelta::from_std(wait).unwrap_or_default()))
    };
    scene.messenger.buckets(&scene.connection, &scene.address).into_iter().filter_map(closed).collect()
}

const fn outcome(action: &Action) -> &'static str {
    match action {
        Action::Retry(_) => "retried",
        Action::Reconcile => "unknown",
        Action::Success => "accepted",
        Action::Pause | Action::Revoked | Action::StopPolling => "paused",
        Action::Template(_) => "window_closed",
        Action::Migrate { .. } => "moved",
        Action::Undeliverable(_) | Action::PauseNudges | Action::PlainText | Action::Resplit => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_in_the_middle_and_nothing_is_lost() {
        for (text, cut) in
            [("one two three four", 2), ("Yes.", 2), ("añ", 2), ("a", 1), ("", 0), ("one twoooooooooooo", 2)]
        {
            let pieces = pieces(text);
            assert_eq!(pieces.len(), cut, "{text}: {pieces:?}");
            assert_eq!(pieces.concat(), text);
        }
    }
}
