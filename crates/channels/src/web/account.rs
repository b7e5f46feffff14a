use coxswain_http::{Problem, Result};
use coxswain_store::{
    channel_accounts::{self, ChannelAccount},
    creators,
};

use super::state::WidgetState;

/// A widget, found by the public key in its address.
pub(super) struct Widget {
    pub(super) account: ChannelAccount,
    /// The name in the panel's header.
    pub(super) name: String,
}

impl Widget {
    /// 404 when there is no such widget, whoever asks.
    pub(super) async fn find(state: &WidgetState, key: &str) -> Result<Self> {
        let unknown = || Problem::not_found("widget");
        if key.is_empty() || key.len() > 64 || key.contains('\0') {
            return Err(unknown());
        }
        let mut tx = state.db.system_read().await?;
        let account = channel_accounts::by_public_key(&mut tx, key).await?.ok_or_else(unknown)?;
        let name = match account.settings.coach_name.trim() {
            "" => creators::get(&mut tx, account.creator_id).await?.ok_or_else(unknown)?.name,
            name => name.to_owned(),
        };
        Ok(Self { account, name })
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
