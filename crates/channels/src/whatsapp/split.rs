//! Takes a webhook apart. Meta puts several accounts, changes, messages and statuses into one body; each
//! goes its own way from here, as its own bytes, so that one that cannot be read holds up no other.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    envelope::{Envelope, WHOLE},
    identity::{self, Fit},
    tolerant::Text,
    types::{Contact, Head},
};

/// Longest id of the provider's that is used as it is, in bytes.
const ID_AT_MOST: usize = 200;

/// What a webhook held.
#[derive(Debug, Default)]
pub struct Split {
    /// Each thing that happened.
    pub items: Vec<Item>,
    /// What could not be taken apart, with the reason.
    pub strays: Vec<Stray>,
}

/// One thing that happened, for the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The business number it came to. `None`: it is about the whole business account.
    pub phone_number_id: Option<String>,
    /// The `WhatsApp` Business Account.
    pub business_account_id: Option<String>,
    /// The same for every copy of it, and for nothing else on the number.
    pub provider_message_id: String,
    /// Whose it is, as the provider says it; empty for news about the account.
    pub sender: String,
    /// When, by the provider's clock.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its own bytes with its surroundings, for [`super::read::read`].
    pub raw: Vec<u8>,
}

/// Bytes that belong nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Why, for people to read.
    pub reason: &'static str,
    /// As they came.
    pub raw: Vec<u8>,
}

type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Where a value stood.
#[derive(Clone, Copy)]
struct Place<'a> {
    field: &'a str,
    business_account_id: Option<&'a str>,
    made_at: Option<DateTime<Utc>>,
    received_at: DateTime<Utc>,
}

/// Takes a webhook's body apart. Nothing of it is dropped: it is an item, or a stray.
pub fn split(body: &[u8], received_at: DateTime<Utc>) -> Split {
    let mut split = Split::default();
    let root = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str::<Object<'_>>(text).ok());
    let Some(root) = root else {
        split.stray("it is not a JSON object", body);
        return split;
    };
    let entries = list(root.get("entry"));
    if entries.is_empty() {
        split.stray("it has no entry", body);
    }
    for entry in entries {
        split.entry(entry, received_at);
    }
    split
}

impl Split {
    fn stray(&mut self, reason: &'static str, raw: &[u8]) {
        self.strays.push(Stray { reason, raw: raw.to_vec() });
    }

    fn entry(&mut self, raw: &RawValue, received_at: DateTime<Utc>) {
        let Some(entry) = object(raw) else {
            return self.stray("an entry is not an object", raw.get().as_bytes());
        };
        let changes = list(entry.get("changes"));
        if changes.is_empty() {
            return self.stray("an entry has no changes", raw.get().as_bytes());
        }
        let business_account_id = text(entry.get("id"));
        let made_at = parsed::<Text>(entry.get("time")).and_then(|time| time.moment());
        for change in changes {
            let parts = object(change).and_then(|change| {
                Some((text(change.get("field")), *change.get("value")?, object(change.get("value")?)?))
            });
            let Some((field, raw, value)) = parts else {
                self.stray("a change has no value", change.get().as_bytes());
                continue;
            };
            let place = Place {
                field: field.as_deref().unwrap_or_default(),
                business_account_id: business_account_id.as_deref(),
                made_at,
                received_at,
            };
            self.value(place, raw, &value);
        }
    }

    /// A value is several lists of things beside the number they came to, or one piece of news as a whole.
    fn value(&mut self, place: Place<'_>, raw: &RawValue, value: &Object<'_>) {
        let is_about_a_number = ["metadata", "messaging_product", "messages", "statuses"]
            .iter()
            .any(|key| value.contains_key(*key));
        let metadata = value.get("metadata").and_then(|metadata| object(metadata));
        let number = metadata.and_then(|metadata| text(metadata.get("phone_number_id")));
        let contacts: Vec<(Contact, &RawValue)> = list(value.get("contacts"))
            .into_iter()
            .filter_map(|raw| Some((serde_json::from_str(raw.get()).ok()?, raw)))
            .collect();
        let before = self.items.len();
        for (key, things) in value {
            let is_list = things.get().starts_with(['[', '{']);
            if !is_about_a_number || !is_list || matches!(key.as_str(), "metadata" | "contacts") {
                continue;
            }
            for thing in list(Some(things)) {
                let contact = contact_of(&contacts, thing);
                self.items.extend(item(place, number.clone(), key, contact, thing));
            }
        }
        if self.items.len() == before {
            self.items.extend(item(place, number, WHOLE, None, raw));
        }
    }
}

/// The contact a thing is about: the one that shares an id with it, or the only one if it can be.
fn contact_of<'a>(contacts: &[(Contact, &'a RawValue)], thing: &RawValue) -> Option<&'a RawValue> {
    let head: Head = serde_json::from_str(thing.get()).unwrap_or_default();
    let (user, number) = identity::ids(&head);
    let surely = contacts.iter().find(|(contact, _)| identity::fits(contact, user, number) == Fit::Surely);
    let perhaps = match contacts {
        [only] if identity::fits(&only.0, user, number) == Fit::Perhaps => Some(only),
        _ => None,
    };
    surely.or(perhaps).map(|(_, raw)| *raw)
}

fn item(
    place: Place<'_>,
    number: Option<String>,
    list: &str,
    contact: Option<&RawValue>,
    thing: &RawValue,
) -> Option<Item> {
    let is_object = thing.get().starts_with('{');
    let head: Head =
        if is_object { serde_json::from_str(thing.get()).unwrap_or_default() } else { Head::default() };
    let envelope = Envelope {
        list: list.to_owned(),
        field: place.field.to_owned(),
        business_account_id: place.business_account_id.map(str::to_owned),
        phone_number_id: number.clone(),
        made_at: place.made_at,
        received_at: place.received_at,
        contact: contact.map(ToOwned::to_owned),
        item: thing.to_owned(),
    };
    let (user, phone) = identity::ids(&head);
    let person = identity::sender(user, phone, envelope.person().as_ref());
    Some(Item {
        phone_number_id: number,
        business_account_id: envelope.business_account_id.clone(),
        provider_message_id: dedupe_key(&envelope, &head),
        sender: person
            .filter(|_| envelope.is_about_a_person())
            .map(|person| tame(&person.id))
            .unwrap_or_default(),
        sent_at: head.timestamp.moment().or(place.made_at),
        raw: serde_json::to_vec(&envelope).ok()?,
    })
}

/// By what a copy is known. A message has its own id, as do its edits, reactions and revocations. A status
/// is one stage of one message on its way to one person. Anything else is known by its bytes.
fn dedupe_key(envelope: &Envelope, head: &Head) -> String {
    let key = match (envelope.list.as_str(), head.id.get()) {
        ("messages", Some(id)) => id.to_owned(),
        ("statuses", Some(id)) => {
            let recipient = head.recipient_user_id.get().or(head.recipient_id.get()).unwrap_or_default();
            format!("{id}:{}:{recipient}", head.status.get().unwrap_or_default())
        }
        _ => {
            let made_at = envelope.made_at.map(|at| at.to_rfc3339()).unwrap_or_default();
            let parts = [&envelope.field, &envelope.list, &made_at, envelope.item.get()];
            return hash(&parts.join("\n"));
        }
    };
    tame(&key)
}

/// An id as a column takes it: what is too long or holds control characters is known by its hash.
fn tame(id: &str) -> String {
    if id.len() <= ID_AT_MOST && !id.chars().any(char::is_control) { id.to_owned() } else { hash(id) }
}

fn hash(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}

fn object(raw: &RawValue) -> Option<Object<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// The elements of a list; a single thing where a list was expected; nothing for nothing.
fn list<'a>(raw: Option<&&'a RawValue>) -> Vec<&'a RawValue> {
    match raw.map(|raw| raw.get()) {
        None | Some("null") => Vec::new(),
        Some(json) => serde_json::from_str(json).unwrap_or_else(|_| raw.into_iter().copied().collect()),
    }
}

fn parsed<T: serde::de::DeserializeOwned>(raw: Option<&&RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

fn text(raw: Option<&&RawValue>) -> Option<String> {
    parsed::<Text>(raw)?.owned()
}
