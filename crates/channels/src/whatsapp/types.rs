//! What Meta sends, as far as we look at it. Every field may be missing, and texts may be numbers.
//!
//! Source: the Cloud API's webhook reference and Meta's published OpenAPI document (v23).

use serde::Deserialize;
use serde_json::Value;

use super::tolerant::{Maybe, Several, Text};

/// A person, as beside a message or a status.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub(super) profile: Maybe<Profile>,
    pub(super) wa_id: Text,
    pub(super) user_id: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) name: Text,
    pub(super) username: Text,
}

/// What somebody sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) from: Text,
    pub(super) from_user_id: Text,
    pub(super) id: Text,
    pub(super) timestamp: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) text: Maybe<Body>,
    pub(super) button: Maybe<Button>,
    pub(super) interactive: Maybe<Interactive>,
    pub(super) image: Maybe<Attachment>,
    pub(super) audio: Maybe<Attachment>,
    pub(super) voice: Maybe<Attachment>,
    pub(super) video: Maybe<Attachment>,
    pub(super) document: Maybe<Attachment>,
    pub(super) sticker: Maybe<Attachment>,
    pub(super) reaction: Maybe<Reaction>,
    pub(super) location: Maybe<Location>,
    pub(super) contacts: Several<Card>,
    pub(super) order: Maybe<Order>,
    pub(super) referral: Maybe<Referral>,
    pub(super) system: Maybe<System>,
    pub(super) edit: Maybe<Box<Edit>>,
    pub(super) revoke: Maybe<Target>,
    pub(super) unsupported: Maybe<Unsupported>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    pub(super) body: Text,
}

/// The quick reply of a template.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub(super) payload: Text,
    pub(super) text: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Interactive {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) button_reply: Maybe<Reply>,
    pub(super) list_reply: Maybe<Reply>,
    pub(super) nfm_reply: Maybe<FormReply>,
}

/// A tapped button or list row.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    pub(super) id: Text,
    pub(super) title: Text,
}

/// A form that was filled in; its fields are JSON within a text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FormReply {
    pub(super) body: Text,
    pub(super) response_json: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attachment {
    pub(super) id: Text,
    pub(super) mime_type: Text,
    pub(super) filename: Text,
    pub(super) file_size: Text,
    pub(super) caption: Text,
    pub(super) voice: Maybe<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    pub(super) message_id: Text,
    pub(super) emoji: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub(super) latitude: Text,
    pub(super) longitude: Text,
    pub(super) name: Text,
    pub(super) address: Text,
}

/// Somebody's contact, passed on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Card {
    pub(super) name: Maybe<Name>,
    pub(super) org: Maybe<Organisation>,
    pub(super) phones: Several<Phone>,
    pub(super) emails: Several<Email>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Name {
    #[serde(rename = "formatted_name")]
    pub(super) formatted: Text,
    #[serde(rename = "first_name")]
    pub(super) first: Text,
    #[serde(rename = "last_name")]
    pub(super) last: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Organisation {
    pub(super) company: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Phone {
    pub(super) phone: Text,
    pub(super) wa_id: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Email {
    pub(super) email: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    pub(super) text: Text,
    pub(super) product_items: Several<OrderedItem>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrderedItem {
    pub(super) product_retailer_id: Text,
    pub(super) quantity: Text,
    pub(super) item_price: Text,
    pub(super) currency: Text,
}

/// The advertisement or post they came from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Referral {
    pub(super) headline: Text,
    pub(super) body: Text,
    pub(super) source_url: Text,
}

/// News about the person, not from them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct System {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) wa_id: Text,
    /// As older versions name `wa_id`.
    pub(super) new_wa_id: Text,
    pub(super) user_id: Text,
    pub(super) previous_user_id: Text,
}

/// A message that takes the place of an earlier one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Edit {
    pub(super) original_message_id: Text,
    pub(super) message_id: Text,
    pub(super) message: Maybe<Message>,
    pub(super) text: Maybe<Body>,
}

/// The message something is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Target {
    pub(super) original_message_id: Text,
    pub(super) message_id: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Unsupported {
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

/// How far a message of ours has come.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusUpdate {
    pub(super) id: Text,
    pub(super) status: Text,
    pub(super) timestamp: Text,
    pub(super) recipient_id: Text,
    pub(super) recipient_user_id: Text,
    pub(super) biz_opaque_callback_data: Text,
    pub(super) pricing: Option<Value>,
    pub(super) errors: Several<Fault>,
}

/// An error of the platform, in a webhook or as the answer to a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault {
    pub(super) code: Text,
    pub(super) title: Text,
    pub(super) message: Text,
    pub(super) error_data: Maybe<FaultData>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FaultData {
    pub(super) details: Text,
}

impl Fault {
    /// What Meta wrote about it, the most precise first. For people; decisions go by the code.
    pub(super) fn words(&self) -> &str {
        let details = self.error_data.as_ref().and_then(|data| data.details.get());
        details.or(self.message.get()).or(self.title.get()).unwrap_or("no reason given")
    }
}

/// Somebody stopped or resumed marketing messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Preference {
    pub(super) wa_id: Text,
    pub(super) user_id: Text,
    pub(super) value: Text,
    pub(super) timestamp: Text,
}

/// What every element of a list may say about who and when.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    pub(super) id: Text,
    pub(super) status: Text,
    pub(super) timestamp: Text,
    pub(super) from: Text,
    pub(super) from_user_id: Text,
    pub(super) recipient_id: Text,
    pub(super) recipient_user_id: Text,
    pub(super) wa_id: Text,
    pub(super) user_id: Text,
    pub(super) system: Maybe<System>,
}
