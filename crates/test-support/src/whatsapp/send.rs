//! `POST /{number}/messages`: what a business sends, and marks of reading and typing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Shared,
    answer::{Refused, invalid, parameter, refused},
    limits::{self, Readable},
    state::{Message, State},
    status::{self, Course},
    templates,
};

pub(super) fn messages(shared: &Shared, number: &str, body: &Value) -> Result<Value, Refused> {
    if body["messaging_product"] != json!("whatsapp") {
        return Err(parameter("The parameter messaging_product is required."));
    }
    if body["status"] == json!("read") {
        return mark(shared, number, body);
    }
    let recipient = recipient(body)?;
    let opaque = opaque(body)?;
    let mut state = shared.state.lock();
    let readable = check(&state, number, body)?;
    let customer = state.find_customer(&recipient);
    if let Some(target) = body["context"]["message_id"].as_str() {
        let customer = customer.as_deref().unwrap_or_default();
        state.message(number, customer, target).ok_or_else(|| invalid("context: unknown message_id"))?;
    }
    let wamid = wamid();
    let kind = body["type"].as_str().unwrap_or("text");
    let course = course(shared, &mut state, number, customer.as_deref(), kind);
    let message = Message {
        wamid: wamid.clone(),
        from_business: true,
        kind: kind.to_owned(),
        text: readable.text,
        offers: readable.offers,
        sent_at: shared.clock.now(),
        status: "accepted".to_owned(),
        code: None,
        opaque,
    };
    let to = customer.unwrap_or_else(|| recipient.clone());
    state.chat(number, &to).messages.push(message);
    state.chat(number, &to).typing = None;
    status::follow(shared, &mut state, number, &to, &wamid, &course);
    let contact = if state.customers.contains_key(&recipient) {
        json!({ "input": recipient, "user_id": recipient })
    } else {
        let digits: String = recipient.chars().filter(char::is_ascii_digit).collect();
        json!({ "input": recipient, "wa_id": digits })
    };
    let mut sent = json!({ "id": wamid });
    if kind == "template" {
        sent["message_status"] = json!("accepted");
    }
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [sent] }))
}

/// A phone number in `to`, or a business-scoped user id in `recipient`.
fn recipient(body: &Value) -> Result<String, Refused> {
    let given = body["to"].as_str().or_else(|| body["recipient"].as_str()).unwrap_or_default();
    if given.is_empty() {
        return Err(refused(131_008, "to or recipient is required"));
    }
    if body["to"].is_string()
        && !given.trim_start_matches('+').chars().all(|it| it.is_ascii_digit() || it == ' ')
    {
        return Err(invalid("to is not a valid phone number"));
    }
    Ok(given.to_owned())
}

fn opaque(body: &Value) -> Result<Option<String>, Refused> {
    let opaque = body["biz_opaque_callback_data"].as_str();
    if opaque.is_some_and(|opaque| opaque.chars().count() > 512) {
        return Err(parameter("Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    Ok(opaque.map(str::to_owned))
}

fn check(state: &State, number: &str, body: &Value) -> Result<Readable, Refused> {
    match body["type"].as_str().unwrap_or("text") {
        "text" => limits::text(body),
        "interactive" => limits::interactive(body),
        "template" => {
            let business = state.numbers.get(number).map(|number| number.business.clone());
            templates::fill(state, &business.unwrap_or_default(), body)
        }
        kind @ ("image" | "audio" | "video" | "document" | "sticker") => {
            let readable = limits::media(body, kind)?;
            match body[kind]["id"].as_str() {
                Some(id) if !state.files.contains_key(id) => Err(refused(131_053, "Media ID is not known")),
                _ => Ok(readable),
            }
        }
        "reaction" => {
            let emoji = body["reaction"]["emoji"].as_str().unwrap_or_default();
            Ok(Readable { text: format!("[reaction] {emoji}"), offers: Vec::new() })
        }
        other => Err(refused(131_051, &format!("type {other:?} is not supported"))),
    }
}

/// How a message that was accepted goes on.
fn course(shared: &Shared, state: &mut State, number: &str, customer: Option<&str>, kind: &str) -> Course {
    let Some(customer) = customer else {
        return Course::fails(131_026, "Message undeliverable.");
    };
    let now = shared.clock.now();
    let open = state.chat(number, customer).last_inbound.is_some_and(|last| now - last < Duration::hours(24));
    if kind != "template" && !open {
        return Course::fails(
            131_047,
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        );
    }
    if shared.faults.happens(|plan| plan.late_failure) {
        return Course::fails_late(shared.faults.plan().late_failure_code);
    }
    let blocked = state.customers.get(customer).is_some_and(|customer| customer.blocked);
    Course::arrives(if kind == "template" { "utility" } else { "service" }, !blocked)
}

/// `status: read`, with or without the typing indicator.
fn mark(shared: &Shared, number: &str, body: &Value) -> Result<Value, Refused> {
    let id = body["message_id"].as_str().ok_or_else(|| refused(131_008, "message_id is required"))?;
    let typing = &body["typing_indicator"];
    if !typing.is_null() && typing["type"] != json!("text") {
        return Err(invalid("typing_indicator['type'] must be text"));
    }
    let now = shared.clock.now();
    let mut state = shared.state.lock();
    let theirs = |message: &Message| message.wamid == id && !message.from_business;
    let chats = state.chats.iter_mut().filter(|((it, _), _)| it == number);
    for (_, chat) in chats {
        let Some(place) = chat.messages.iter().position(theirs) else { continue };
        for message in chat.messages[..=place].iter_mut().filter(|message| !message.from_business) {
            "read".clone_into(&mut message.status);
        }
        if !typing.is_null() {
            chat.typing = Some(now);
        }
        return Ok(json!({ "success": true }));
    }
    Err(invalid("message_id is not the id of a message of a customer"))
}

/// A new id in Meta's shape.
pub(super) fn wamid() -> String {
    format!("wamid.{}", STANDARD.encode(Uuid::new_v4().simple().to_string()))
}
