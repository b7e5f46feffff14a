//! News about the account itself: kept where the team sees how it stands, and acted upon.

use chrono::TimeDelta;
use coxswain_store::{
    connections::{self, ConnectionState},
    templates,
    work::JobError,
};

use super::{
    super::{
        arrival::{News, StandingNews, TemplateNews},
        consequences,
    },
    visit::Visit,
};
use crate::whatsapp::people_a_day;

/// How the reason begins when the provider itself stopped an account. What it stopped it may open again.
const CLOSED: &str = "The provider restricted the account";
/// For so long nothing unprompted is sent when the provider does not say for how long.
const REST: TimeDelta = TimeDelta::hours(24);

/// Notes what the provider says about the account, and does what follows.
pub(super) async fn news(
    visit: &mut Visit<'_>,
    field: &str,
    detail: &str,
    news: Option<&News>,
) -> Result<(), JobError> {
    let account = visit.connection.channel_account_id;
    tracing::warn!(%account, kind = visit.connection.kind.name(), field, detail, "news about a messenger account");
    visit.done.problem = Some(format!("{field}: {detail}"));
    match news {
        Some(News::Template(news)) => template(visit, news).await,
        Some(News::Standing(news)) => standing(visit, detail, Some(news)).await,
        Some(News::Closed) => {
            let reason = format!("{CLOSED}: {detail}");
            set_state(visit, ConnectionState::Paused, Some(&reason)).await?;
            standing(visit, detail, None).await
        }
        Some(News::Open) => {
            let closed =
                visit.connection.state_reason.as_deref().is_some_and(|reason| reason.starts_with(CLOSED));
            if closed && visit.connection.state == ConnectionState::Paused {
                set_state(visit, ConnectionState::Connected, None).await?;
            }
            standing(visit, detail, None).await
        }
        Some(News::NoNudges(until)) => {
            let until = until.unwrap_or(visit.now + REST);
            visit.done.closings.push((consequences::nudges_of(visit.connection), until));
            standing(visit, detail, None).await
        }
        None if field == "account_update" => standing(visit, detail, None).await,
        None => Ok(()),
    }
}

async fn set_state(
    visit: &mut Visit<'_>,
    state: ConnectionState,
    reason: Option<&str>,
) -> Result<(), JobError> {
    let account = visit.connection.channel_account_id;
    connections::set_state(visit.tx, visit.now, visit.creator, account, state, reason).await?;
    Ok(())
}

async fn template(visit: &mut Visit<'_>, told: &TemplateNews) -> Result<(), JobError> {
    let news = templates::News {
        state: told.state.as_deref(),
        reason: told.reason.as_deref(),
        quality: told.quality.as_deref(),
        category: told.category.as_deref(),
    };
    let name = (told.name.as_str(), told.language.as_str());
    let (sent_at, account) = (visit.sent_at(), visit.connection.channel_account_id);
    // One that we do not know is known after the next synchronisation, with its state.
    templates::note(visit.tx, sent_at, visit.creator, account, name, news).await?;
    Ok(())
}

/// Keeps how the account stands, unless something newer is known or it is about another number.
async fn standing(visit: &mut Visit<'_>, detail: &str, told: Option<&StandingNews>) -> Result<(), JobError> {
    let connection = visit.connection;
    let mut standing = connections::standing(visit.tx, visit.creator, connection.channel_account_id).await?;
    if standing.news_at.is_some_and(|known| known > visit.sent_at()) {
        return Ok(());
    }
    let ours: String = connection.handle.chars().filter(char::is_ascii_digit).collect();
    let another = told.and_then(|told| told.number.as_ref()).is_some_and(|number| *number != ours);
    if let Some(tier) = told.and_then(|told| told.tier.as_ref()) {
        // Numbers of one business share its limit.
        standing.people_a_day = people_a_day(tier);
        standing.tier = Some(tier.clone());
    }
    if !another {
        if let Some(quality) = told.and_then(|told| told.quality.clone()) {
            standing.quality = Some(quality);
        }
        standing.news = Some(detail.to_owned());
        standing.news_at = Some(visit.sent_at());
    }
    connections::set_standing(visit.tx, visit.creator, connection.channel_account_id, &standing).await?;
    Ok(())
}
