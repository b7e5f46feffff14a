//! Makes an event, in words all messengers share, of one thing out of a webhook.

use super::{
    envelope::{Envelope, WHOLE},
    identity,
    message::content,
    news,
    types::{Fault, Head, Message, Preference, StatusUpdate},
};
use crate::road::{
    arrival::{Arrival, Content, Reached, Sender, Status},
    messenger::{Code, Refusal, Unreadable},
};

/// Reads the bytes of one [`super::split::Item`].
pub fn read(raw: &[u8]) -> Result<Arrival, Unreadable> {
    let envelope: Envelope = serde_json::from_slice(raw)
        .map_err(|error| Unreadable(format!("it is not what the webhook keeps ({error})")))?;
    match envelope.list.as_str() {
        "messages" => message(&envelope),
        "statuses" => status(&envelope),
        "user_preferences" => preference(&envelope),
        "errors" => {
            let fault: Fault = typed(&envelope)?;
            let detail = format!("{}: {}", fault.code.get().unwrap_or("no code"), fault.words());
            arrival(&envelope, Content::Account { field: envelope.list.clone(), detail, news: None })
        }
        WHOLE if envelope.field == "messages" => {
            let kind = "messages without any".to_owned();
            arrival(&envelope, Content::Unsupported { kind, wants_answer: false })
        }
        WHOLE => {
            let detail = news::in_words(envelope.item.get());
            let news = news::meaning(&envelope.field, envelope.item.get());
            arrival(&envelope, Content::Account { field: envelope.field.clone(), detail, news })
        }
        other => arrival(&envelope, Content::Unsupported { kind: other.to_owned(), wants_answer: false }),
    }
}

/// The thing itself. Whatever is no object is not what Meta means by one.
fn typed<T: serde::de::DeserializeOwned>(envelope: &Envelope) -> Result<T, Unreadable> {
    let json = envelope.item.get();
    if !json.starts_with('{') {
        return Err(Unreadable(format!("an element of {} is not an object", envelope.list)));
    }
    serde_json::from_str(json)
        .map_err(|error| Unreadable(format!("an element of {} cannot be read ({error})", envelope.list)))
}

fn arrival(envelope: &Envelope, content: Content) -> Result<Arrival, Unreadable> {
    let head: Head = typed(envelope)?;
    let (user, phone) = identity::ids(&head);
    let sender = identity::sender(user, phone, envelope.person().as_ref());
    let needs_nobody =
        matches!(content, Content::Account { .. } | Content::Unsupported { wants_answer: false, .. });
    let sender = match sender.filter(|_| envelope.is_about_a_person()) {
        Some(sender) => sender,
        None if needs_nobody => Sender::default(),
        None => return Err(Unreadable("nothing says who it is from".into())),
    };
    let sent_at = head.timestamp.moment().or(envelope.made_at).unwrap_or(envelope.received_at);
    let message_id = if envelope.list == WHOLE { None } else { head.id.owned() };
    Ok(Arrival { sender, sent_at, message_id, content })
}

fn message(envelope: &Envelope) -> Result<Arrival, Unreadable> {
    let message: Message = typed(envelope)?;
    let mut arrival = arrival(envelope, content(&message))?;
    let Some(system) = message.system.as_ref() else {
        return Ok(arrival);
    };
    // Both numbers are names of theirs: the one they gave up, and the one they have now.
    if let Content::Moved { from, to } = &arrival.content {
        let sender = &mut arrival.sender;
        sender.id.clone_from(from);
        let number = system.wa_id.get().or(system.new_wa_id.get()).map(identity::phone);
        let new = [number, message.from.get().map(identity::phone)];
        for alias in new.into_iter().flatten() {
            if !sender.aliases.contains(&alias) {
                sender.aliases.push(alias);
            }
        }
        sender.aliases.retain(|alias| alias != from && alias != to);
    }
    Ok(arrival)
}

fn status(envelope: &Envelope) -> Result<Arrival, Unreadable> {
    let status: StatusUpdate = typed(envelope)?;
    let kind = status.status.get().unwrap_or("none");
    let reached = match kind {
        "sent" => Reached::Sent,
        "delivered" => Reached::Delivered,
        "read" | "played" => Reached::Read,
        "failed" => Reached::Failed,
        other => {
            let kind = format!("status {other}");
            return arrival(envelope, Content::Unsupported { kind, wants_answer: false });
        }
    };
    let Some(message_id) = status.id.owned() else {
        return Err(Unreadable("a status does not say of which message".into()));
    };
    let refusal = (reached == Reached::Failed).then(|| status.errors.first().map(refusal)).flatten();
    let progress = Status {
        message_id,
        opaque: status.biz_opaque_callback_data.owned(),
        reached,
        refusal,
        pricing: status.pricing.clone().filter(|pricing| !pricing.is_null()),
    };
    arrival(envelope, Content::Status(progress))
}

/// Why a message failed, as its status says. An error without a number is one nobody knows.
fn refusal(fault: &Fault) -> Refusal {
    let code = fault.code.number().map_or(Code::Meta(131_000), Code::Meta);
    Refusal { code, detail: fault.words().to_owned(), retry_after: None }
}

fn preference(envelope: &Envelope) -> Result<Arrival, Unreadable> {
    let preference: Preference = typed(envelope)?;
    let content = match preference.value.get() {
        Some("stop") => Content::OptOut(true),
        Some("resume") => Content::OptOut(false),
        other => {
            let kind = format!("user_preferences {}", other.unwrap_or("without a value"));
            Content::Unsupported { kind, wants_answer: false }
        }
    };
    arrival(envelope, content)
}
