//! The side of the customers: what they do, and how it becomes a webhook.

use chrono::Duration;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    FakeWhatsApp, deliver,
    send::wamid,
    state::{Message, Offer, State},
    status,
};

/// A customer of a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// Their business-scoped user id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Digits of their phone number.
    pub phone: String,
    /// Whether the business learns only the user id.
    pub phone_hidden: bool,
    /// Whether they have blocked the business.
    pub blocked: bool,
}

/// A file a customer sends.
#[derive(Clone, Debug)]
pub struct File {
    /// `image`, `audio`, `video`, `document` or `sticker`.
    pub kind: String,
    /// Its type.
    pub mime: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What they write with it.
    pub caption: String,
    /// Its name, for documents.
    pub name: Option<String>,
}

impl Customer {
    pub(super) fn contact(&self) -> Value {
        let mut contact = json!({ "profile": { "name": self.name }, "user_id": self.id });
        if !self.phone_hidden {
            contact["wa_id"] = json!(self.phone);
        }
        contact
    }
}

impl State {
    /// A customer by phone number or business-scoped user id.
    pub(super) fn find_customer(&self, to: &str) -> Option<String> {
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        let found =
            self.customers.values().find(|it| it.id == to || (it.phone == digits && !to.contains('.')));
        found.map(|customer| customer.id.clone())
    }
}

impl FakeWhatsApp {
    /// Makes a customer with this phone number (digits) and says their business-scoped user id.
    pub fn add_customer(&self, name: &str, phone: &str) -> String {
        // Of the same number the same id, also after a restart.
        let hash = Sha256::digest(phone);
        let digits = hash.iter().take(8).fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        let id = format!("DE.{digits:020}");
        let (name, phone) = (name.to_owned(), phone.to_owned());
        let customer = Customer { id: id.clone(), name, phone, phone_hidden: false, blocked: false };
        self.shared.state.lock().customers.insert(id.clone(), customer);
        self.shared.touch();
        id
    }

    /// A customer hides their phone number behind a user name, or shows it again.
    pub fn hide_phone(&self, customer: &str, hidden: bool) {
        if let Some(customer) = self.shared.state.lock().customers.get_mut(customer) {
            customer.phone_hidden = hidden;
        }
    }

    /// A customer blocks every business, or lets them in again. Businesses are not told.
    pub fn block(&self, customer: &str, blocked: bool) {
        if let Some(customer) = self.shared.state.lock().customers.get_mut(customer) {
            customer.blocked = blocked;
        }
    }

    /// Lets the latest message of a customer be more than 24 hours old.
    pub fn close_window(&self, number: &str, customer: &str) {
        let past = self.shared.clock.now() - Duration::hours(25);
        self.shared.state.lock().chat(number, customer).last_inbound = Some(past);
        self.shared.touch();
    }

    /// A customer writes to a number. Says the message's id.
    pub fn say(&self, number: &str, customer: &str, text: &str) -> String {
        self.send_content(number, customer, "text", &json!({ "body": text }), None, text)
    }

    /// A customer taps a button or a row, found by what is on it. `None` without such a one.
    pub fn tap(&self, number: &str, customer: &str, message: &str, title: &str) -> Option<String> {
        let offer: Offer = {
            let mut state = self.shared.state.lock();
            let message = state.message(number, customer, message)?;
            message.offers.iter().find(|offer| offer.title == title)?.clone()
        };
        let kind = if offer.row { "list_reply" } else { "button_reply" };
        let mut reply = json!({ "id": offer.id, "title": offer.title });
        if let Some(description) = &offer.description {
            reply["description"] = json!(description);
        }
        let mut content = json!({ "type": kind });
        content[kind] = reply;
        Some(self.send_content(number, customer, "interactive", &content, Some(message), title))
    }

    /// A customer sends a file. Says the message's id.
    pub fn send_file(&self, number: &str, customer: &str, file: &File) -> String {
        let id = self.shared.store(number, &file.mime, file.bytes.clone());
        let mut content = json!({ "id": id, "mime_type": file.mime, "sha256": "" });
        if !file.caption.is_empty() {
            content["caption"] = json!(file.caption);
        }
        if file.kind == "audio" {
            content["voice"] = json!(true);
        }
        if let Some(name) = &file.name {
            content["filename"] = json!(name);
        }
        let shown = format!("[{}] {}", file.kind, file.caption);
        self.send_content(number, customer, &file.kind, &content, None, &shown)
    }

    /// A customer sends a message of any kind: `content` is what stands under the kind's name.
    pub fn send_content(
        &self,
        number: &str,
        customer: &str,
        kind: &str,
        content: &Value,
        answers: Option<&str>,
        shown: &str,
    ) -> String {
        let now = self.shared.clock.now();
        let wamid = wamid();
        let mut state = self.shared.state.lock();
        let mut message = json!({ "id": wamid, "timestamp": now.timestamp().to_string(), "type": kind });
        message[kind] = content.clone();
        let mut value = state.envelope(number);
        if let Some(known) = state.customers.get(customer) {
            message["from_user_id"] = json!(known.id);
            if !known.phone_hidden {
                message["from"] = json!(known.phone);
            }
            value["contacts"] = json!([known.contact()]);
        }
        if let Some(answers) = answers {
            message["context"] = json!({ "from": value["metadata"]["display_phone_number"], "id": answers });
        }
        value["messages"] = json!([message]);
        let chat = state.chat(number, customer);
        chat.last_inbound = Some(now);
        chat.messages.push(Message {
            wamid: wamid.clone(),
            from_business: false,
            kind: kind.to_owned(),
            text: shown.to_owned(),
            offers: Vec::new(),
            sent_at: now,
            status: "sent".to_owned(),
            code: None,
            opaque: None,
        });
        deliver::queue(&self.shared, &mut state, number, customer, "messages", &value);
        drop(state);
        self.shared.touch();
        wamid
    }

    /// A customer reads everything that was delivered to them.
    pub fn read(&self, number: &str, customer: &str) {
        let mut state = self.shared.state.lock();
        let messages = &state.chat(number, customer).messages;
        let unread: Vec<String> = messages
            .iter()
            .filter(|message| message.from_business && message.status == "delivered")
            .map(|message| message.wamid.clone())
            .collect();
        for wamid in unread {
            status::report(&self.shared, &mut state, (number, customer, &wamid), "read", "service", None);
        }
        drop(state);
        self.shared.touch();
    }

    /// A customer wants no marketing any more (`true`), or wants it again.
    pub fn stop_marketing(&self, number: &str, customer: &str, stop: bool) {
        let mut state = self.shared.state.lock();
        let mut value = state.envelope(number);
        let Some(known) = state.customers.get(customer) else { return };
        let word = if stop { "stop" } else { "resume" };
        value["contacts"] = json!([known.contact()]);
        let mut preference = json!({
            "user_id": known.id,
            "detail": format!("User requested to {word} marketing messages"),
            "category": "marketing_messages",
            "value": word,
            "timestamp": self.shared.clock.now().timestamp(),
        });
        if !known.phone_hidden {
            preference["wa_id"] = json!(known.phone);
        }
        value["user_preferences"] = json!([preference]);
        deliver::queue(&self.shared, &mut state, number, customer, "user_preferences", &value);
        drop(state);
        self.shared.touch();
    }

    /// Reports a change of any kind about a number.
    pub fn send_change(&self, number: &str, field: &str, value: &Value) {
        deliver::queue(&self.shared, &mut self.shared.state.lock(), number, "", field, value);
        self.shared.touch();
    }
}
