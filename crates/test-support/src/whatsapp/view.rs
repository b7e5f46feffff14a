//! The double as a person looks at it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    FakeWhatsApp,
    customer::Customer,
    state::{Chat, Message, Number},
};

/// A business number.
#[derive(Clone, Debug, Serialize)]
pub struct NumberView {
    /// Meta's id of it.
    pub phone_number_id: String,
    /// The account it belongs to.
    pub business_account_id: String,
    /// Bearer token for both.
    pub access_token: String,
    /// For people to read.
    pub name: String,
    /// The number itself.
    pub display: String,
}

/// What a customer sees of a chat with a number.
#[derive(Clone, Debug, Serialize)]
pub struct ChatView {
    /// The `phone_number_id`.
    pub number: String,
    /// The customer's id.
    pub customer: String,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// When the business last showed that it writes; it is seen for 25 s.
    pub typing_at: Option<DateTime<Utc>>,
    /// When the customer last wrote.
    pub last_inbound_at: Option<DateTime<Utc>>,
}

impl FakeWhatsApp {
    /// Every business number.
    pub fn numbers(&self) -> Vec<NumberView> {
        let state = self.shared.state.lock();
        let view = |(id, number): (&String, &Number)| NumberView {
            phone_number_id: id.clone(),
            business_account_id: number.business.clone(),
            access_token: number.token.clone(),
            name: number.name.clone(),
            display: number.display.clone(),
        };
        state.numbers.iter().map(view).collect()
    }

    /// Every customer.
    pub fn customers(&self) -> Vec<Customer> {
        self.shared.state.lock().customers.values().cloned().collect()
    }

    /// Every chat in which something was said.
    pub fn chats(&self) -> Vec<ChatView> {
        let state = self.shared.state.lock();
        let view = |((number, customer), chat): (&(String, String), &Chat)| ChatView {
            number: number.clone(),
            customer: customer.clone(),
            messages: chat.messages.clone(),
            typing_at: chat.typing,
            last_inbound_at: chat.last_inbound,
        };
        state.chats.iter().map(view).collect()
    }

    /// Where webhooks go.
    pub fn callback_url(&self) -> Option<String> {
        self.shared.state.lock().callback.as_ref().map(|callback| callback.url.clone())
    }
}
