//! Templates of a `WhatsApp` account, as last synchronised: what may be sent outside the 24-hour window.

use chrono::{DateTime, Utc};
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
    /// The body, with its places for parameters.
    pub body: String,
    /// How many parameters the body takes.
    pub parameters: i64,
    /// When it was last synchronised.
    pub synced_at: DateTime<Utc>,
}

/// Puts what the provider lists in place of what was known of an account. Templates keep their ids.
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
            "INSERT INTO templates (id, creator_id, channel_account_id, name, language, category, state, body, parameters, synced_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (channel_account_id, name, language) DO UPDATE SET category = excluded.category,
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
        "SELECT id, channel_account_id, name, language, category, state, body, parameters, synced_at
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
        "SELECT id, channel_account_id, name, language, category, state, body, parameters, synced_at
         FROM templates WHERE creator_id = $1 AND channel_account_id = $2 AND name = $3 AND language = $4",
        creator,
        account,
        name,
        language,
    )
}

/// Notes what the provider says about one template between two synchronisations. False: it is not known.
pub async fn set_state(
    tx: &mut Tx,
    creator: CreatorId,
    account: ChannelAccountId,
    (name, language): (&str, &str),
    state: &str,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE templates SET state = $1
         WHERE creator_id = $2 AND channel_account_id = $3 AND name = $4 AND language = $5",
        state,
        creator,
        account,
        name,
        language,
    )?;
    Ok(touched == 1)
}
