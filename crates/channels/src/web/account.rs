use coxswain_domain::channel::ChannelKind;
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Tx,
    channel_accounts::{self, ChannelAccount},
    creators,
    widget_sessions::WidgetSession,
};

use super::{links, state::WidgetState};

/// A widget, found by the public key in its address.
pub(super) struct Widget {
    pub(super) account: ChannelAccount,
    /// The name in the panel's header.
    pub(super) name: String,
    /// Messengers on which the coach can be reached too, each once.
    pub(super) elsewhere: Vec<ChannelKind>,
}

impl Widget {
    /// 404 when there is no such widget, whoever asks.
    pub(super) async fn find(state: &WidgetState, key: &str) -> Result<Self> {
        let unknown = || Problem::not_found("widget");
        if key.is_empty() || key.len() > 64 || key.contains('\0') {
            return Err(unknown());
        }
        let mut tx = state.db.system_glance().await?;
        let account = channel_accounts::by_public_key(&mut tx, key).await?.ok_or_else(unknown)?;
        Self::of(&mut tx, account).await
    }

    async fn of(tx: &mut Tx, account: ChannelAccount) -> Result<Self> {
        let name = match account.settings.coach_name.trim() {
            "" => {
                let creator = creators::get(tx, account.creator_id).await?;
                creator.ok_or_else(|| Problem::not_found("widget"))?.name
            }
            name => name.to_owned(),
        };
        let mut elsewhere: Vec<ChannelKind> = Vec::new();
        for connection in links::messengers(tx, account.creator_id).await? {
            if !elsewhere.contains(&connection.kind) {
                elsewhere.push(connection.kind);
            }
        }
        Ok(Self { account, name, elsewhere })
    }

    /// The widget a session was begun in.
    pub(super) async fn of_session(tx: &mut Tx, session: &WidgetSession) -> Result<Self> {
        let account = channel_accounts::get(tx, session.creator_id, session.channel_account_id)
            .await?
            .ok_or_else(switched_off)?;
        Self::of(tx, account).await
    }
}

/// What a client reads when the widget they wrote in was switched off.
pub(super) fn switched_off() -> Problem {
    Problem::new(
        axum::http::StatusCode::FORBIDDEN,
        "switched_off",
        "This chat is switched off at the moment. What was said before is kept.",
    )
}
