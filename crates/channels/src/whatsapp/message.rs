//! What a person sent, by its kind.

use serde_json::Value;

use super::{
    identity::phone,
    types::{Attachment, Card, Interactive, Message, Order, Referral},
};
use crate::road::arrival::{Content, Media, MediaKind};

/// What a message says. A kind nobody knows, or one without its content, is [`Content::Unsupported`].
pub(super) fn content(message: &Message) -> Content {
    let kind = kind(message);
    let known = match kind {
        "text" => text(message),
        "button" => button(message),
        "interactive" => message.interactive.as_ref().and_then(interactive),
        "image" => media(MediaKind::Photo, message.image.as_ref()),
        "voice" => media(MediaKind::Voice, message.voice.as_ref()),
        "audio" => {
            let spoken = message.audio.as_ref().is_some_and(|audio| *audio.voice == Some(true));
            media(if spoken { MediaKind::Voice } else { MediaKind::Audio }, message.audio.as_ref())
        }
        "video" => media(MediaKind::Video, message.video.as_ref()),
        "document" => media(MediaKind::Document, message.document.as_ref()),
        "sticker" => media(MediaKind::Sticker, message.sticker.as_ref()),
        "reaction" => reaction(message),
        "location" => location(message),
        "contacts" => contacts(&message.contacts),
        "order" => message.order.as_ref().and_then(order),
        "edit" => edit(message),
        "revoke" => revoke(message),
        "system" => return system(message),
        // They opened the chat for the first time and wrote nothing yet.
        "request_welcome" => Some(Content::Command { name: "start".into(), argument: String::new() }),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let kind = unsupported(message, kind);
        // Of these nobody expects an answer, whatever they lack.
        let is_quiet = ["edit", "revoke", "reaction", "interactive call_permission"];
        let wants_answer = !is_quiet.iter().any(|quiet| kind.starts_with(quiet));
        Content::Unsupported { kind, wants_answer }
    })
}

/// Its kind: as it says, or by what it holds when it says nothing we know.
fn kind(message: &Message) -> &str {
    let said = message.kind.get();
    let known = [
        ("text", message.text.is_some()),
        ("button", message.button.is_some()),
        ("interactive", message.interactive.is_some()),
        ("image", message.image.is_some()),
        ("audio", message.audio.is_some()),
        ("voice", message.voice.is_some()),
        ("video", message.video.is_some()),
        ("document", message.document.is_some()),
        ("sticker", message.sticker.is_some()),
        ("reaction", message.reaction.is_some()),
        ("location", message.location.is_some()),
        ("contacts", !message.contacts.is_empty()),
        ("order", message.order.is_some()),
        ("edit", message.edit.is_some()),
        ("revoke", message.revoke.is_some()),
        ("system", message.system.is_some()),
    ];
    let is_known = said.is_some_and(|said| {
        matches!(said, "request_welcome" | "unsupported") || known.iter().any(|(kind, _)| *kind == said)
    });
    let held = known.iter().find(|(_, held)| *held).map(|(kind, _)| *kind);
    if is_known { said.unwrap_or("unknown") } else { held.or(said).unwrap_or("unknown") }
}

fn unsupported(message: &Message, kind: &str) -> String {
    let inner = match kind {
        "unsupported" => message.unsupported.as_ref().and_then(|what| what.kind.get()),
        "interactive" => message.interactive.as_ref().and_then(|what| what.kind.get()),
        _ => None,
    };
    inner.map_or_else(|| kind.to_owned(), |inner| format!("{kind} {inner}"))
}

fn text(message: &Message) -> Option<Content> {
    let body = message.text.as_ref().and_then(|text| text.body.owned());
    let referral = message.referral.as_ref().and_then(referral);
    match (body, referral) {
        (Some(body), Some(referral)) => Some(Content::Text(format!("{body}\n\n{referral}"))),
        (body, referral) => body.or(referral).map(Content::Text),
    }
}

/// The advertisement they came from, which "this" and "it" in their words are about.
fn referral(referral: &Referral) -> Option<String> {
    let words = [referral.headline.get(), referral.body.get()].into_iter().flatten().collect::<Vec<_>>();
    let told = words.join(": ");
    match (told.is_empty(), referral.source_url.get()) {
        (true, None) => None,
        (true, Some(url)) => Some(format!("[{url}]")),
        (false, None) => Some(format!("[{told}]")),
        (false, Some(url)) => Some(format!("[{told} – {url}]")),
    }
}

/// A template's quick reply whose payload is what stands on it carries only its own words.
fn button(message: &Message) -> Option<Content> {
    let button = message.button.as_ref()?;
    match (button.payload.owned(), button.text.owned()) {
        (Some(token), Some(title)) if token != title => Some(choice(token, title)),
        (payload, title) => title.or(payload).map(Content::Text),
    }
}

fn choice(token: String, title: String) -> Content {
    Content::Choice { token, title, query_id: None }
}

fn interactive(interactive: &Interactive) -> Option<Content> {
    if let Some(reply) = interactive.button_reply.as_ref().or(interactive.list_reply.as_ref()) {
        let title = reply.title.owned();
        return match reply.id.owned() {
            Some(token) => Some(choice(token, title.unwrap_or_default())),
            None => title.map(Content::Text),
        };
    }
    let form = interactive.nfm_reply.as_ref()?;
    let fields = match &form.response_json {
        Value::String(json) => serde_json::from_str(json).unwrap_or_default(),
        value => value.clone(),
    };
    let lines = fields.as_object().into_iter().flatten().filter(|(name, _)| *name != "flow_token");
    let lines: Vec<String> = lines
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            other => format!("{name}: {other}"),
        })
        .collect();
    if lines.is_empty() {
        form.body.owned().map(Content::Text)
    } else {
        Some(Content::Text(lines.join("\n")))
    }
}

/// A file without an id cannot be fetched; what they wrote with it still counts.
fn media(kind: MediaKind, file: Option<&Attachment>) -> Option<Content> {
    let file = file?;
    let Some(provider_file_id) = file.id.owned() else {
        return file.caption.owned().map(Content::Text);
    };
    Some(Content::Media(Media {
        kind,
        provider_file_id,
        mime: file.mime_type.owned(),
        file_name: file.filename.owned(),
        size: file.file_size.number(),
        caption: file.caption.owned(),
    }))
}

fn reaction(message: &Message) -> Option<Content> {
    let reaction = message.reaction.as_ref()?;
    Some(Content::Reaction { target: reaction.message_id.owned()?, emoji: reaction.emoji.owned() })
}

fn location(message: &Message) -> Option<Content> {
    let location = message.location.as_ref()?;
    Some(Content::Location {
        latitude: location.latitude.number()?,
        longitude: location.longitude.number()?,
        name: location.name.owned().or(location.address.owned()),
    })
}

fn contacts(cards: &[Card]) -> Option<Content> {
    let lines: Vec<String> = cards.iter().filter_map(card).collect();
    (!lines.is_empty()).then(|| Content::Contact(lines.join("\n")))
}

/// As in `Lucía Gómez (Google): +1 (983) 555-2319`.
fn card(card: &Card) -> Option<String> {
    let name = card.name.as_ref().and_then(|name| {
        let parts = [name.first.get(), name.last.get()];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        name.formatted.owned().or((!joined.is_empty()).then_some(joined))
    });
    let company = card.org.as_ref().and_then(|org| org.company.get()).map(|company| format!("({company})"));
    let who = name.into_iter().chain(company).collect::<Vec<_>>().join(" ");
    let phones = card.phones.iter().filter_map(|phone| phone.phone.get().or(phone.wa_id.get()));
    let reached = phones.chain(card.emails.iter().filter_map(|email| email.email.get()));
    let reached = reached.collect::<Vec<_>>().join(", ");
    match (who.is_empty(), reached.is_empty()) {
        (true, true) => None,
        (true, false) => Some(reached),
        (false, true) => Some(who),
        (false, false) => Some(format!("{who}: {reached}")),
    }
}

/// What they ordered, line by line, after what they wrote with it.
fn order(order: &Order) -> Option<Content> {
    let lines = order.product_items.iter().filter_map(|item| {
        let mut line =
            format!("{} × {}", item.quantity.get().unwrap_or("1"), item.product_retailer_id.get()?);
        if let Some(price) = item.item_price.get() {
            line = format!("{line} ({price} {})", item.currency.get().unwrap_or_default()).replace(" )", ")");
        }
        Some(line)
    });
    let lines: Vec<String> = order.text.owned().into_iter().chain(lines).collect();
    (!lines.is_empty()).then(|| Content::Text(lines.join("\n")))
}

fn edit(message: &Message) -> Option<Content> {
    let edit = message.edit.as_ref()?;
    let target = edit.original_message_id.owned().or(edit.message_id.owned())?;
    let inner = edit.message.as_ref().map(content);
    let text = match inner {
        Some(Content::Text(text)) => Some(text),
        Some(Content::Media(media)) => media.caption,
        _ => edit.text.as_ref().and_then(|text| text.body.owned()),
    };
    Some(Content::Edited { target, text: text? })
}

fn revoke(message: &Message) -> Option<Content> {
    let revoke = message.revoke.as_ref()?;
    Some(Content::Revoked { target: revoke.original_message_id.owned().or(revoke.message_id.owned())? })
}

/// News about the person. A new number brings a new user id with it: the ids of one kind belong together.
fn system(message: &Message) -> Content {
    let system = message.system.as_ref();
    let kind = system.and_then(|system| system.kind.get()).unwrap_or("unknown");
    let moved = system.filter(|_| kind.contains("changed_number") || kind.contains("changed_user_id"));
    let moved = moved.and_then(|system| {
        let before = system.previous_user_id.get().or(message.from_user_id.get());
        let users = before.zip(system.user_id.get()).map(|(from, to)| (from.to_owned(), to.to_owned()));
        let after = system.wa_id.get().or(system.new_wa_id.get());
        let numbers = message.from.get().zip(after).map(|(from, to)| (phone(from), phone(to)));
        let mixed =
            message.from.get().zip(system.user_id.get()).map(|(from, to)| (phone(from), to.to_owned()));
        users.or(numbers).or(mixed).filter(|(from, to)| from != to)
    });
    match moved {
        Some((from, to)) => Content::Moved { from, to },
        None => Content::Unsupported { kind: format!("system {kind}"), wants_answer: false },
    }
}
