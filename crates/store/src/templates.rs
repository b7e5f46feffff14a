//! Templates of a `WhatsApp` account, as last synchronised: what may be sent outside the 24-hour window.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::{ChannelAccountId, CreatorId, TemplateId};

use crate::{Result, Tx};

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Template {
    /// Its id; another one each time it is new to us.
    pub id: TemplateId,
    /// Whose account's.
    pub channel_account_id: ChannelAccountId,
    /// Its name, unique with the language.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// As the provider says: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: String,
    /// As the provider says: `APPROVED`, `PAUSED`, `DISABLED`, `REJECTED`, …
    pub state: String,
    /// Why it may not be sent, as the provider says.
    pub reason: Option<String>,
    /// How people like it, as the provider says: `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// The body, with its places for parameters.
    pub body: String,
    /// How many parameters the body takes.
    pub parameters: i64,
    /// When it was last synchronised.
    pub synced_at: DateTime<Utc>,
}

/// Puts what the provider lists in place of what was known of an account. Templates keep their ids, and their
/// quality, which lists do not tell.
pub async fn replace(
    tx: &mut Tx,
    now: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    templates: &[Template],
) -> Result<()> {
    for template in templates {
        execute!(
            tx,
            "INSERT INTO templates (id, creator_id, channel_account_id, name, language, category, state, body, parameters,
               synced_at, told_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
             ON CONFLICT (channel_account_id, name, language) DO UPDATE SET category = excluded.category,
               reason = CASE WHEN templates.state = excluded.state THEN templates.reason END, told_at = excluded.told_at,
               state = excluded.state, body = excluded.body, parameters = excluded.parameters, synced_at = excluded.synced_at",
            template.id,
            creator,
            account,
            &template.name,
            &template.language,
            &template.category,
            &template.state,
            &template.body,
            template.parameters,
            now,
        )?;
    }
    execute!(
        tx,
        "DELETE FROM templates WHERE creator_id = $1 AND channel_account_id = $2 AND synced_at < $3",
        creator,
        account,
        now,
    )?;
    Ok(())
}

/// The templates of an account, by name and language.
pub async fn list(tx: &mut Tx, creator: CreatorId, account: ChannelAccountId) -> Result<Vec<Template>> {
    fetch_all!(
        tx,
        Template,
        "SELECT id, channel_account_id, name, language, category, state, reason, quality, body, parameters, synced_at
         FROM templates WHERE creator_id = $1 AND channel_account_id = $2 ORDER BY name, language",
        creator,
        account,
    )
}

/// One template of an account.
pub async fn get(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    name: &str,
    language: &str,
) -> Result<Option<Template>> {
    fetch_optional!(
        tx,
        Template,
        "SELECT id, channel_account_id, name, language, category, state, reason, quality, body, parameters, synced_at
         FROM templates WHERE creator_id = $1 AND channel_account_id = $2 AND name = $3 AND language = $4",
        creator,
        account,
        name,
        language,
    )
}

/// What a provider says about one template between two synchronisations; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News<'a> {
    /// Whether it may be sent.
    pub state: Option<&'a str>,
    /// Why it may not; goes with the state.
    pub reason: Option<&'a str>,
    /// How people like it.
    pub quality: Option<&'a str>,
    /// What it is for.
    pub category: Option<&'a str>,
}

/// How far the provider's clock and ours may be apart.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// Notes what the provider said at `told_at`, unless what is known of its state is newer. What we cannot fill in
/// stays so when it is approved. False: it is not known, or that was no news.
pub async fn note(
    tx: &mut Tx,
    told_at: DateTime<Utc>,
    creator: CreatorId,
    account: ChannelAccountId,
    (name, language): (&str, &str),
    news: News<'_>,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE templates SET
           state = CASE WHEN $1 IS NULL OR ($1 = 'APPROVED' AND state = 'UNSUPPORTED') THEN state ELSE $1 END,
           reason = CASE WHEN $1 IS NULL THEN reason ELSE $2 END,
           told_at = CASE WHEN $1 IS NULL THEN told_at ELSE $3 END,
           quality = COALESCE($4, quality), category = COALESCE($5, category)
         WHERE creator_id = $6 AND channel_account_id = $7 AND name = $8 AND language = $9
           AND ($1 IS NULL OR told_at IS NULL OR told_at <= $10)",
        news.state,
        news.reason,
        told_at,
        news.quality,
        news.category,
        creator,
        account,
        name,
        language,
        told_at + SKEW,
    )?;
    Ok(touched == 1)
}
