//! Changing and disconnecting a messenger account.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use coxswain_domain::{ChannelAccountId, channel::ChannelKind};
use coxswain_http::{Json, Problem, Result};
use coxswain_store::{
    Tx, channel_accounts,
    connections::{self, ConnectionSettings, ConnectionState},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    find, note, refused,
    view::{BotCommand, Channel, TemplateRef},
};
use crate::{
    HubState,
    api::input::{Checks, Given, Id, if_match, version_conflict},
    auth::Admin,
    messengers::MessengerError,
};

const CHANGED: &str = "channel.changed";
/// Commands a bot may have beside our own; Telegram shows up to a hundred.
const COMMANDS: usize = 50;
/// Why nothing is sent by an account that is switched off.
const SWITCHED_OFF: &str = "It is switched off.";
/// Commands that every bot knows.
const OURS: [&str; 3] = ["start", "stop", "human"];

/// What is to change about how an account works; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionSettingsPatch {
    /// Telegram: by webhook instead of long polling.
    webhook: Option<bool>,
    /// What a person reads first; empty for the usual words.
    greeting: Option<String>,
    /// Telegram: all commands of the creator's own.
    commands: Option<Vec<BotCommand>>,
    /// `WhatsApp`: what carries a check-in outside the 24-hour window; null for nothing.
    #[serde(default)]
    #[schema(value_type = Option<TemplateRef>)]
    nudge_template: Given<TemplateRef>,
    /// `WhatsApp`: the id of the portfolio at Meta whose numbers share one limit; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    portfolio: Given<String>,
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelPatch {
    /// What the team calls it.
    name: Option<String>,
    /// Whether clients may use it. Takes effect at once.
    enabled: Option<bool>,
    /// How it works.
    #[serde(default)]
    settings: ConnectionSettingsPatch,
}

/// Changes a bot or a number, and has its provider follow.
#[utoipa::path(patch, path = "/api/v1/channels/{id}", tag = "Channels",
    params(("id" = ChannelAccountId, Path),
        ("If-Match" = Option<String>, Header, description = "The version the change is based on")),
    request_body = ChannelPatch, responses((status = 200, description = "Changed", body = Channel)))]
pub(crate) async fn change(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
    headers: HeaderMap,
    Json(patch): Json<ChannelPatch>,
) -> Result<Json<Channel>> {
    let expected = if_match(&headers)?;
    let creator = caller.creator;
    let mut tx = hub.db.write(creator).await?;
    let (mut account, mut connection) = find(&mut tx, creator, id).await?;
    expected.check(&mut tx, creator, account.version, (CHANGED, Some(&id.to_string()))).await?;
    let mut checks = Checks::default();
    if let Some(name) = &patch.name {
        account.name = checks.text("/name", name, 100);
    }
    account.enabled = patch.enabled.unwrap_or(account.enabled);
    let resumes = patch.enabled == Some(true) || patch.settings.webhook.is_some();
    connection.settings = patch.settings.onto(&mut checks, connection.kind, connection.settings);
    checks.done()?;
    let account =
        channel_accounts::update(&mut tx, creator, &account).await?.ok_or_else(|| version_conflict(None))?;
    connections::set_settings(&mut tx, creator, id, &connection.settings).await?;
    if patch.enabled == Some(false) {
        set_state(&hub, &mut tx, &mut connection, Some(SWITCHED_OFF.to_owned())).await?;
    } else if resumes && account.enabled {
        set_state(&hub, &mut tx, &mut connection, None).await?;
    }
    note(&hub, &mut tx, &caller, CHANGED, id, json!({ "enabled": patch.enabled })).await?;
    tx.commit().await?;
    follow(&hub, account.enabled, &mut connection).await?;
    Ok(Json(Channel::new(account, Some(connection))))
}

impl ConnectionSettingsPatch {
    fn onto(self, checks: &mut Checks, kind: ChannelKind, mut old: ConnectionSettings) -> ConnectionSettings {
        let telegram = kind == ChannelKind::Telegram;
        let only = |kind: &str| format!("Only {kind} has this.");
        if let Some(webhook) = self.webhook {
            checks.that(telegram || !webhook, "/settings/webhook", only("Telegram"));
            old.webhook = webhook;
        }
        if let Some(greeting) = self.greeting {
            let most = greeting.chars().count() <= 1000;
            checks.that(most, "/settings/greeting", "Use at most 1000 characters.");
            greeting.trim().clone_into(&mut old.greeting);
        }
        if let Some(commands) = self.commands {
            checks.that(telegram || commands.is_empty(), "/settings/commands", only("Telegram"));
            old.commands = check_commands(checks, commands);
        }
        if let Given::To(template) = self.nudge_template {
            let pointer = "/settings/nudge_template";
            checks.that(kind == ChannelKind::Whatsapp || template.is_none(), pointer, only("WhatsApp"));
            old.nudge_template = template.map(|template| (template.name, template.language));
        }
        if let Given::To(portfolio) = self.portfolio {
            let pointer = "/settings/portfolio";
            checks.that(kind == ChannelKind::Whatsapp || portfolio.is_none(), pointer, only("WhatsApp"));
            let digits = |id: &String| id.len() <= 40 && id.chars().all(|char| char.is_ascii_digit());
            checks.that(
                portfolio.as_ref().is_none_or(digits),
                pointer,
                "Use the id as Meta shows it: digits only.",
            );
            old.portfolio = portfolio.filter(|id| !id.is_empty());
        }
        old
    }
}

fn check_commands(checks: &mut Checks, commands: Vec<BotCommand>) -> Vec<(String, String)> {
    let pointer = "/settings/commands";
    checks.that(commands.len() <= COMMANDS, pointer, format_args!("Use at most {COMMANDS} commands."));
    let mut kept: Vec<(String, String)> = Vec::with_capacity(commands.len());
    for (index, command) in commands.into_iter().enumerate() {
        let at = format!("{pointer}/{index}/name");
        let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
        let fits = (1..=32).contains(&command.name.len()) && command.name.chars().all(plain);
        checks.that(fits, &at, "Use 1 to 32 of a–z, 0–9 and _, without the slash.");
        checks.that(!OURS.contains(&command.name.as_str()), &at, "Every bot has this command already.");
        checks.that(kept.iter().all(|(name, _)| *name != command.name), &at, "This command is there twice.");
        let text = checks.text(&format!("{pointer}/{index}/text"), &command.text, 4000);
        kept.push((command.name, text));
    }
    kept
}

/// Pauses a connection for a reason, or, without one, has it work again. A revoked one stays revoked.
async fn set_state(
    hub: &HubState,
    tx: &mut Tx,
    connection: &mut connections::Connection,
    reason: Option<String>,
) -> Result<()> {
    if connection.state == ConnectionState::Revoked {
        return Ok(());
    }
    let state = if reason.is_some() { ConnectionState::Paused } else { ConnectionState::Connected };
    let (creator, id) = (connection.creator_id, connection.channel_account_id);
    connections::set_state(tx, hub.clock.now(), creator, id, state, reason.as_deref()).await?;
    connection.state = state;
    connection.state_reason = reason;
    Ok(())
}

/// Has the provider follow what was decided and is committed. What it will not do pauses the connection.
async fn follow(hub: &HubState, enabled: bool, connection: &mut connections::Connection) -> Result<()> {
    if connection.state == ConnectionState::Revoked {
        return Ok(());
    }
    let messengers = hub.messengers()?;
    if !enabled {
        if let Err(error) = messengers.detach(connection).await {
            let account = connection.channel_account_id;
            tracing::warn!(%error, %account, "the provider was not told that an account is switched off");
        }
        return Ok(());
    }
    match messengers.attach(connection).await {
        Ok(()) => Ok(()),
        Err(error @ MessengerError::Unreachable(_)) => {
            let detail = "Your change is kept, but the messenger's servers could not be told. Save it again in a moment.";
            Err(Problem { detail: detail.to_owned(), ..refused(error) })
        }
        Err(error) => {
            let mut tx = hub.db.write(connection.creator_id).await?;
            set_state(hub, &mut tx, connection, Some(error.to_string())).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// Disconnects a bot or a number: nothing is received or sent any more. Its conversations stay.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = ChannelAccountId, Path)),
    responses((status = 204, description = "Disconnected")))]
pub(crate) async fn remove(
    State(hub): State<HubState>,
    caller: Admin,
    Id(id): Id<ChannelAccountId>,
) -> Result<StatusCode> {
    let mut tx = hub.db.read(caller.creator).await?;
    let (_, connection) = find(&mut tx, caller.creator, id).await?;
    drop(tx);
    // A bot that its provider will not let go of is let go of here all the same.
    if let Some(messengers) = &hub.messengers
        && let Err(error) = messengers.detach(&connection).await
    {
        tracing::warn!(%error, account = %id, "the provider was not told that an account is disconnected");
    }
    let mut tx = hub.db.write(caller.creator).await?;
    let (account, connection) = find(&mut tx, caller.creator, id).await?;
    channel_accounts::delete(&mut tx, caller.creator, id).await?;
    let detail = json!({ "kind": account.kind, "name": account.name, "handle": connection.handle });
    note(&hub, &mut tx, &caller, "channel.disconnected", id, detail).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
