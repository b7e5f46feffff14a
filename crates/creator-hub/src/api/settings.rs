//! What holds for all of a creator's clients.

use axum::{extract::State, http::HeaderMap};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use coxswain_domain::{
    CreatorId,
    account::{CreatorSettings, QuietHours},
};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx,
    audit::{self, NewEntry},
    check_ins, creators,
    page::Page,
    schedule,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    input::{Checks, if_match, version_conflict},
    views::CreatorView,
};
use crate::{HubState, auth::Admin};

const CHANGED: &str = "settings.changed";

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatorSettingsPatch {
    /// What the creator is called.
    name: Option<String>,
    /// IANA time zone.
    time_zone: Option<String>,
    /// How answers should sound, in the creator's words.
    voice: Option<String>,
    /// What a client reads when the knowledge does not cover the question.
    no_answer_message: Option<String>,
    /// When clients are left in peace.
    quiet_hours: Option<QuietHours>,
    /// Most unprompted messages one client gets in one local day, 1 to 20.
    daily_cap: Option<u8>,
    /// Whether clients are answered, and reached out to, on `WhatsApp`. Switched off, what they write is kept and
    /// shown, one line a day tells them where else they are answered, and only what members write is sent.
    whatsapp: Option<bool>,
}

/// Changes settings. Takes effect with the next answer and the next check-in.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "Account",
    params(("If-Match" = Option<String>, Header, description = "The version the change is based on")),
    request_body = CreatorSettingsPatch, responses((status = 200, description = "Changed", body = CreatorView)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Admin,
    headers: HeaderMap,
    Json(patch): Json<CreatorSettingsPatch>,
) -> Result<Json<CreatorView>> {
    let expected = if_match(&headers)?;
    let mut tx = hub.db.write(caller.creator).await?;
    let old = creators::get(&mut tx, caller.creator).await?.ok_or_else(|| Problem::not_found("creator"))?;
    expected.check(&mut tx, caller.creator, old.version, (CHANGED, None)).await?;
    let mut checks = Checks::default();
    let name = patch.name.as_deref().map_or(old.name.clone(), |name| checks.text("/name", name, 100));
    let settings = merged(&mut checks, &old.settings, patch);
    checks.done()?;
    let changed = creators::update(&mut tx, caller.creator, old.version, &name, &settings)
        .await?
        .ok_or_else(|| version_conflict(None))?;
    if changed.settings.time_zone != old.settings.time_zone {
        // Clients whose own zone is unknown live in the creator's.
        reschedule(&mut tx, hub.clock.now(), caller.creator).await?;
    }
    let entry = NewEntry {
        actor: &caller.actor,
        action: CHANGED,
        subject: None,
        detail: json!({ "fields": changed_fields(&old.settings, &changed.settings, old.name != changed.name) }),
    };
    audit::record(&mut tx, hub.clock.now(), caller.creator, entry).await?;
    tx.commit().await?;
    hub.live.reschedule();
    Ok(Json(changed.into()))
}

/// Computes the next moments of all check-ins anew.
async fn reschedule(tx: &mut Tx, now: DateTime<Utc>, creator: CreatorId) -> Result<()> {
    let mut page = Page { limit: 100, after: None };
    loop {
        let listed = check_ins::list(tx, creator, page).await?;
        for check_in in &listed.items {
            schedule::reschedule_check_in(tx, now, creator, check_in.id).await?;
        }
        match listed.next {
            Some(next) => page.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// The settings as they would be, checked.
fn merged(checks: &mut Checks, old: &CreatorSettings, patch: CreatorSettingsPatch) -> CreatorSettings {
    let settings = CreatorSettings {
        time_zone: patch.time_zone.unwrap_or_else(|| old.time_zone.clone()),
        voice: patch.voice.unwrap_or_else(|| old.voice.clone()),
        no_answer_message: patch.no_answer_message.unwrap_or_else(|| old.no_answer_message.clone()),
        quiet_hours: patch.quiet_hours.unwrap_or_else(|| old.quiet_hours.clone()),
        daily_cap: patch.daily_cap.unwrap_or(old.daily_cap),
        whatsapp: patch.whatsapp.unwrap_or(old.whatsapp),
    };
    checks.that(
        settings.time_zone.parse::<Tz>().is_ok(),
        "/time_zone",
        "Use an IANA time zone, as in Europe/Lisbon.",
    );
    checks.that(settings.voice.chars().count() <= 2000, "/voice", "Use at most 2000 characters.");
    checks.text("/no_answer_message", &settings.no_answer_message, 1000);
    checks.that((1..=20).contains(&settings.daily_cap), "/daily_cap", "Use a number from 1 to 20.");
    for (pointer, time) in
        [("/quiet_hours/start", &settings.quiet_hours.start), ("/quiet_hours/end", &settings.quiet_hours.end)]
    {
        checks.that(is_time(time), pointer, "Use a time as in 21:00.");
    }
    settings
}

/// Whether this is a time of day, `HH:MM`.
fn is_time(text: &str) -> bool {
    text.len() == 5 && chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok()
}

fn changed_fields(old: &CreatorSettings, new: &CreatorSettings, renamed: bool) -> Vec<&'static str> {
    [
        ("name", renamed),
        ("time_zone", old.time_zone != new.time_zone),
        ("voice", old.voice != new.voice),
        ("no_answer_message", old.no_answer_message != new.no_answer_message),
        ("quiet_hours", old.quiet_hours != new.quiet_hours),
        ("daily_cap", old.daily_cap != new.daily_cap),
        ("whatsapp", old.whatsapp != new.whatsapp),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
}
