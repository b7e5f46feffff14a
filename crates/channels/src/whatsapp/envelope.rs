//! One thing out of a webhook as the inbox keeps it: its own bytes, and what stood around it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::types::Contact;

/// The name a value goes by that is no list of things: news about the account.
pub(super) const WHOLE: &str = "value";

/// One thing, with its surroundings. JSON in the inbox.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// The list it stood in (`messages`, `statuses`, …), or [`WHOLE`].
    pub(super) list: String,
    /// The webhook's field, as in `messages` or `account_update`.
    pub(super) field: String,
    /// The `WhatsApp` Business Account.
    pub(super) business_account_id: Option<String>,
    /// The business number it came to.
    pub(super) phone_number_id: Option<String>,
    /// When Meta says the webhook was made, where it does.
    pub(super) made_at: Option<DateTime<Utc>>,
    /// When it came.
    pub(super) received_at: DateTime<Utc>,
    /// Who it is about, exactly as it came.
    pub(super) contact: Option<Box<RawValue>>,
    /// The thing itself, exactly as it came.
    pub(super) item: Box<RawValue>,
}

impl Envelope {
    /// Whether it is about a client. A call or an echo names our own number where others name a person.
    pub(super) fn is_about_a_person(&self) -> bool {
        matches!(self.list.as_str(), "messages" | "statuses" | "user_preferences")
    }

    /// Who it is about.
    pub(super) fn person(&self) -> Option<Contact> {
        serde_json::from_str(self.contact.as_ref()?.get()).ok()
    }
}
