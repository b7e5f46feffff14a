//! Who somebody is. A business-scoped user id names a person; a phone number, where there is one at all,
//! is another name of the same person and may change.

use super::types::{Contact, Head};
use crate::road::arrival::Sender;

/// A phone number's digits. Whatever is no phone number, a business-scoped user id above all, stays as it is.
pub(super) fn phone(text: &str) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_phone = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'));
    if is_phone && text.chars().any(|c| c.is_ascii_digit()) { digits(text) } else { text.trim().to_owned() }
}

/// Whether an id of ours is a phone number, which is written to in another field than a user id.
pub(super) fn is_phone(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ids an element names a person by: user id and phone number.
pub(super) fn ids(head: &Head) -> (Option<&str>, Option<&str>) {
    let previous = head.system.as_ref().and_then(|system| system.previous_user_id.get());
    let user = head.from_user_id.get().or(head.recipient_user_id.get()).or(head.user_id.get()).or(previous);
    let phone = head.from.get().or(head.recipient_id.get()).or(head.wa_id.get());
    (user, phone)
}

/// Whether a contact can be the person with these ids: they share one, or nothing speaks against it.
pub(super) fn fits(contact: &Contact, user: Option<&str>, number: Option<&str>) -> Fit {
    let same = |left: Option<&str>, right: Option<&str>| left.zip(right).map(|(left, right)| left == right);
    let number = number.map(phone);
    let theirs = contact.wa_id.get().map(phone);
    match (same(contact.user_id.get(), user), same(theirs.as_deref(), number.as_deref())) {
        (Some(true), _) | (None, Some(true)) => Fit::Surely,
        (None, None) => Fit::Perhaps,
        _ => Fit::No,
    }
}

/// How a contact goes with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// They share an id.
    Surely,
    /// They have no kind of id in common: right if there is only one of them.
    Perhaps,
    /// They are two people.
    No,
}

/// The person. `None`: nothing names them.
pub(super) fn sender(user: Option<&str>, number: Option<&str>, contact: Option<&Contact>) -> Option<Sender> {
    let user = user.or(contact.and_then(|contact| contact.user_id.get())).map(str::to_owned);
    let number = number.map(phone);
    let wa_id = contact.and_then(|contact| contact.wa_id.get()).map(phone);
    let mut names = user.into_iter().chain(number).chain(wa_id);
    let id = names.next()?;
    let mut aliases: Vec<String> = Vec::new();
    for name in names {
        if name != id && !aliases.contains(&name) {
            aliases.push(name);
        }
    }
    let profile = contact.and_then(|contact| contact.profile.as_ref());
    let name = profile.and_then(|profile| profile.name.owned().or(profile.username.owned()));
    Some(Sender { id, aliases, name, locale: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_phone_numbers_become_digits() {
        assert_eq!(phone("+1 (650) 555-1234"), "16505551234");
        assert_eq!(phone("US.13491208655302741918"), "US.13491208655302741918");
        assert_eq!(phone("ES.0034600"), "ES.0034600");
        assert!(is_phone("16505551234"));
        assert!(!is_phone("US.1349"));
    }

    #[test]
    fn two_people_are_never_taken_for_one() {
        let contact: Contact = serde_json::from_str(r#"{"wa_id": "49151", "user_id": "DE.1"}"#).unwrap();
        assert_eq!(fits(&contact, Some("DE.1"), Some("49999")), Fit::Surely);
        assert_eq!(fits(&contact, Some("DE.2"), Some("49151")), Fit::No);
        assert_eq!(fits(&contact, None, Some("49999")), Fit::No);
        assert_eq!(fits(&contact, None, None), Fit::Perhaps);
    }
}
