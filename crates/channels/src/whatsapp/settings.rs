//! What an installation has to say about `WhatsApp`.

use std::fmt;

/// How the Graph API is reached, and how Meta proves itself to us.
///
/// Both secrets belong to the app at Meta, not to a creator. `Debug` hides them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WhatsappSettings {
    /// Base URL of the Graph API, as in `https://graph.facebook.com`.
    pub graph_url: String,
    /// Its version, as in `v26.0`.
    pub version: String,
    /// Signs every webhook. Empty: no webhook is taken.
    pub app_secret: String,
    /// Said by Meta when the webhook's address is registered. Empty: none can be registered.
    pub verify_token: String,
}

impl fmt::Debug for WhatsappSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WhatsappSettings")
            .field("graph_url", &self.graph_url)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
