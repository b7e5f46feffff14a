//! How a messenger account stands with its provider.

use axum::extract::State;
use chrono::{DateTime, Utc};
use coxswain_domain::ChannelAccountId;
use coxswain_http::{Json, Result};
use coxswain_store::{
    connections::{self, Connection},
    portfolios,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::{HubState, api::input::Id, auth::Reader};

/// How an account stands. What its provider does not say is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// How people like what it sends, as Meta says: `GREEN`, `YELLOW`, `RED`, `FLAGGED`.
    quality: Option<String>,
    /// How many people its portfolio may write to first in 24 hours, as Meta says: `TIER_2K`, `TIER_UNLIMITED`.
    tier: Option<String>,
    /// The same as a number; null when there is no limit, or it is not known.
    people_a_day: Option<i64>,
    /// How many people were written to first in the last 24 hours, over all numbers of the portfolio.
    people_today: Option<i64>,
    /// The latest the provider had to say about the account.
    news: Option<String>,
    /// When that was.
    news_at: Option<DateTime<Utc>>,
}

/// How an account stands with its provider: its quality, its limit and how much of it is spent, and the latest news.
#[utoipa::path(get, path = "/api/v1/channels/{id}/standing", tag = "Channels",
    params(("id" = ChannelAccountId, Path)),
    responses((status = 200, description = "How it stands", body = Standing)))]
pub(crate) async fn get(
    State(hub): State<HubState>,
    caller: Reader,
    Id(id): Id<ChannelAccountId>,
) -> Result<Json<Standing>> {
    let mut tx = hub.db.read(caller.creator).await?;
    let (_, connection) = find(&mut tx, caller.creator, id).await?;
    let standing = connections::standing(&mut tx, caller.creator, id).await?;
    let people_today = match connection.portfolio() {
        Some(portfolio) => Some(portfolios::people(&mut tx, hub.clock.now(), portfolio).await?),
        None => None,
    };
    let connections::Standing { quality, tier, people_a_day, news, news_at } = standing;
    Ok(Json(Standing { quality, tier, people_a_day, people_today, news, news_at }))
}

/// Asks the provider how an account stands, and keeps it. Nothing hangs on it: without an answer, what was known stays.
pub(super) async fn refresh(hub: &HubState, connection: &Connection) -> Result<()> {
    let (creator, id) = (connection.creator_id, connection.channel_account_id);
    let told = match hub.messengers()?.standing(connection).await {
        Ok(Some(told)) => told,
        Ok(None) => return Ok(()),
        Err(error) => {
            tracing::warn!(%error, account = %id, "a provider does not say how an account stands");
            return Ok(());
        }
    };
    let mut tx = hub.db.write(creator).await?;
    let known = connections::standing(&mut tx, creator, id).await?;
    let standing = connections::Standing {
        quality: told.quality.or(known.quality),
        people_a_day: if told.tier.is_some() { told.people_a_day } else { known.people_a_day },
        tier: told.tier.or(known.tier),
        ..known
    };
    connections::set_standing(&mut tx, creator, id, &standing).await?;
    Ok(tx.commit().await?)
}
