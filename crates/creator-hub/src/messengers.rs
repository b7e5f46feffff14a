//! What the hub asks of the messengers' providers. The server plugs the adapters in.
//!
//! The hub owns the rows: it checks an account with the provider, keeps its connection, and only then
//! has messages flow. So whatever fails in between leaves either nothing, or a connection that can be
//! connected again or taken away.

use async_trait::async_trait;
use coxswain_store::connections::Connection;

/// A messenger account as its provider describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider's own id for it: the bot's id, the `phone_number_id`.
    pub provider_id: String,
    /// What people know it by: the bot's user name without `@`, the phone number with its `+`.
    pub handle: String,
    /// What it calls itself.
    pub name: String,
}

/// A number on the `WhatsApp` Business Cloud API and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct WhatsappNumber {
    /// The number's id at Meta.
    pub phone_number_id: String,
    /// The `WhatsApp` Business Account its templates belong to.
    pub business_account_id: String,
    /// Bearer token for the Graph API.
    pub access_token: String,
}

impl std::fmt::Debug for WhatsappNumber {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "WhatsappNumber({})", self.phone_number_id)
    }
}

/// A template as the provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTemplate {
    /// Its name.
    pub name: String,
    /// Its language, as the provider writes it (`en_US`).
    pub language: String,
    /// As the provider says: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: String,
    /// As the provider says: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`.
    pub state: String,
    /// The body with its `{{1}}` places.
    pub body: String,
    /// How many places the body has.
    pub parameters: u32,
}

/// How an account stands with its provider. What it does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderStanding {
    /// How people like what it sends: `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// How many people may be written to first in 24 hours, as the provider names it: `TIER_2K`.
    pub tier: Option<String>,
    /// The same as a number.
    pub people_a_day: Option<i64>,
}

/// Why a provider did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessengerError {
    /// It will not, however often it is asked: a wrong token, an unknown number, a closed window.
    #[error("{detail}")]
    Refused {
        /// The provider's code, as in `401` or `131047`.
        code: String,
        /// What it said, in a sentence and without secrets.
        detail: String,
    },
    /// It could not be reached, or had no time: worth another try.
    #[error("the provider could not be reached: {0}")]
    Unreachable(String),
    /// This server lacks what it takes, as in a public address for webhooks. Says what to set.
    #[error("{0}")]
    NotSetUp(String),
}

/// The providers' side of channel accounts. Each call waits some 15 seconds at most.
#[async_trait]
pub trait Messengers: Send + Sync + 'static {
    /// Whose bot a token is (`getMe`). Changes nothing at Telegram.
    async fn check_telegram(&self, token: &str) -> Result<Account, MessengerError>;

    /// Whether a token reaches a number and its business account. Changes nothing at Meta.
    async fn check_whatsapp(&self, number: &WhatsappNumber) -> Result<Account, MessengerError>;

    /// Has messages flow, as the connection's settings say: sets or removes the webhook, wakes the poller,
    /// subscribes the app, registers the commands. Called once the connection is committed and again after
    /// every change of its settings; doing it twice is no matter.
    async fn attach(&self, connection: &Connection) -> Result<(), MessengerError>;

    /// Ends the flow of messages at the provider, before the connection is deleted or when it is paused.
    async fn detach(&self, connection: &Connection) -> Result<(), MessengerError>;

    /// Sends one plain text at once, past the outbox: to a chat id, a business-scoped user id or a phone number.
    /// The provider's id of the message.
    async fn send_test(
        &self,
        connection: &Connection,
        to: &str,
        text: &str,
    ) -> Result<String, MessengerError>;

    /// All templates of the connection's business account. Telegram has none.
    async fn templates(&self, connection: &Connection) -> Result<Vec<ProviderTemplate>, MessengerError>;

    /// How the connection's account stands. `None`: its provider does not say.
    async fn standing(&self, connection: &Connection) -> Result<Option<ProviderStanding>, MessengerError>;
}
