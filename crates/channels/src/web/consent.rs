use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use chrono::{DateTime, Utc};
use coxswain_domain::{ConsentId, channel::ChannelKind};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    channel_accounts, clients,
    consents::{self, Consent, Evidence},
    schedule,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::switched_off, messages::ensure_conversation, session::ClientSession, state::WidgetState,
};

/// The longest sentence kept as evidence, in characters.
const LONGEST_SHOWN: usize = 1_000;

/// What the client decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConsent {
    /// Whether the coach may write first.
    check_ins: bool,
    /// The browser's IANA zone: check-ins come by its clock.
    time_zone: String,
    /// The sentence the client read, kept as evidence.
    #[serde(default)]
    shown: Option<String>,
}

/// What holds now.
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentAnswer {
    /// Whether the coach may write first.
    check_ins: bool,
    /// Since when.
    granted_at: Option<DateTime<Utc>>,
}

/// Agrees to check-ins, or ends them.
#[utoipa::path(
    put, path = "/w/consent", tag = "widget", request_body = NewConsent, security(("widget_session" = [])),
    responses(
        (status = 200, body = ConsentAnswer),
        (status = 401, body = Problem),
        (status = 403, description = "Not asked by the panel, or check-ins are not offered here.", body = Problem),
        (status = 422, description = "The time zone is not known.", body = Problem),
        (status = 429, body = Problem),
    )
)]
pub(super) async fn put(
    State(state): State<WidgetState>,
    client: ClientSession,
    headers: HeaderMap,
    Json(body): Json<NewConsent>,
) -> Result<Json<ConsentAnswer>> {
    let granted_at = if body.check_ins {
        Some(grant(&state, &client, &headers, &body).await?)
    } else {
        withdraw(&state, &client).await?;
        None
    };
    Ok(Json(ConsentAnswer { check_ins: granted_at.is_some(), granted_at }))
}

async fn grant(
    state: &WidgetState,
    client: &ClientSession,
    headers: &HeaderMap,
    body: &NewConsent,
) -> Result<DateTime<Utc>> {
    let zone: chrono_tz::Tz = body
        .time_zone
        .parse()
        .map_err(|_| Problem::invalid("/time_zone", "Use an IANA time zone, as in Europe/Berlin."))?;
    let (now, creator, session) = (state.clock.now(), client.creator(), &client.session);
    let mut tx = state.db.write(creator).await?;
    let account = channel_accounts::get(&mut tx, creator, session.channel_account_id)
        .await?
        .ok_or_else(switched_off)?;
    if !account.enabled || !account.settings.check_ins_offered {
        return Err(Problem::forbidden("This coach does not offer check-ins here."));
    }
    // A check-in needs a conversation to appear in, even before the client's first word.
    ensure_conversation(&mut tx, state, client, &account, "").await?;
    clients::set_time_zone(&mut tx, creator, session.client_id, zone.name()).await?;
    client.touch(&mut tx, now).await?;
    let consent = Consent {
        id: ConsentId::new(now),
        client_id: session.client_id,
        channel_account_id: session.channel_account_id,
        purpose: consents::CHECK_INS.to_owned(),
        evidence: Evidence {
            channel: ChannelKind::Widget.name().to_owned(),
            shown: body.shown.as_deref().map(|shown| kept(shown, LONGEST_SHOWN)),
            time_zone: zone.name().to_owned(),
            user_agent: headers
                .get(header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(|agent| kept(agent, 300)),
        },
        granted_at: now,
        withdrawn_at: None,
    };
    let granted_at = consents::grant(&mut tx, creator, &consent).await?.granted_at;
    schedule::reschedule_client(&mut tx, now, creator, session.client_id).await?;
    tx.commit().await?;
    state.live.reschedule();
    Ok(granted_at)
}

async fn withdraw(state: &WidgetState, client: &ClientSession) -> Result<()> {
    let (now, creator, person) = (state.clock.now(), client.creator(), client.session.client_id);
    let mut tx = state.db.write(creator).await?;
    consents::withdraw(&mut tx, now, creator, person, consents::CHECK_INS).await?;
    schedule::reschedule_client(&mut tx, now, creator, person).await?;
    tx.commit().await?;
    state.live.reschedule();
    Ok(())
}

fn kept(text: &str, characters: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(characters).collect()
}
