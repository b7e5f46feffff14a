//! One message → one [`Arrival`].

use serde_json::Value;

use super::{
    read::{at, managed, sender, unsupported},
    types::{Chat, Contact, File, Location, Maybe, Message, PhotoSize, User, full_name},
};
use crate::road::{
    arrival::{Arrival, Content, Media, MediaKind},
    messenger::Unreadable,
};

/// What a message may carry beside its content.
const BESIDE: &[&str] = &[
    "author_signature",
    "business_connection_id",
    "caption_entities",
    "direct_messages_topic",
    "effect_id",
    "entities",
    "external_reply",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_origin",
    "forward_sender_name",
    "forward_signature",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "guest_query_id",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "reply_markup",
    "reply_to_checklist_task_id",
    "reply_to_message",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_chat",
    "sender_tag",
    "show_caption_above_media",
    "suggested_post_info",
    "via_bot",
];

/// Notes about a chat, to which nobody waits for an answer. Most others say what happened in a participle,
/// as in `forum_topic_created`; what does neither is taken for something a person sent.
const NOTES: &[&str] = &[
    "chat_background_set",
    "checklist_tasks_done",
    "connected_website",
    "delete_chat_photo",
    "gift",
    "giveaway",
    "giveaway_winners",
    "invoice",
    "left_chat_member",
    "new_chat_members",
    "new_chat_photo",
    "new_chat_title",
    "pinned_message",
    "refunded_payment",
    "successful_payment",
    "unique_gift",
];

pub(super) fn read(message: Message, handle: &str) -> Result<Arrival, Unreadable> {
    let chat = message.chat.0.as_ref();
    let sender = sender(chat, message.from.0.as_ref())?;
    let date = message.date.0;
    if let Some(news) = message.managed_bot_created.0.as_ref() {
        return Ok(managed("managed_bot_created", sender, date, news));
    }
    let message_id = message.message_id.0.map(|id| id.to_string());
    let from_bot = message.from.0.as_ref().is_some_and(is_bot);
    let content = if let Some(content) = moved(&message) {
        content
    } else if chat.is_some_and(|chat| !chat.is_private()) {
        unsupported(group_kind(chat), false)
    } else if from_bot {
        // Two bots that answer each other would never end.
        unsupported("message_of_a_bot".to_owned(), false)
    } else {
        content(message, handle)
    };
    Ok(Arrival { sender, sent_at: at(date), message_id, content })
}

pub(super) fn read_edited(message: Message) -> Result<Arrival, Unreadable> {
    let chat = message.chat.0.as_ref();
    let sender = sender(chat, message.from.0.as_ref())?;
    let sent_at = at(message.edit_date.0.or(message.date.0));
    let private = chat.is_none_or(Chat::is_private);
    let message_id = message.message_id.0.map(|id| id.to_string());
    let text = message.text.0.or(message.caption.0);
    let content = match (message_id.clone(), text) {
        (Some(target), Some(text)) if private => Content::Edited { target, text },
        // A live location moves by edits; there is nothing to answer in that.
        _ => unsupported("edited_message".to_owned(), false),
    };
    Ok(Arrival { sender, sent_at, message_id, content })
}

fn is_bot(user: &User) -> bool {
    user.is_bot.0 == Some(true)
}

fn group_kind(chat: Option<&Chat>) -> String {
    let kind = chat.and_then(|chat| chat.kind.0.as_deref()).unwrap_or("unknown");
    format!("{kind}_message")
}

/// Telegram tells of a group that became a supergroup twice: in the old chat and in the new one.
fn moved(message: &Message) -> Option<Content> {
    let here = message.chat.0.as_ref()?.id.0?;
    let (from, to) = match (message.migrate_to_chat_id.0, message.migrate_from_chat_id.0) {
        (Some(to), _) => (here, to),
        (None, Some(from)) => (from, here),
        (None, None) => return None,
    };
    Some(Content::Moved { from: from.to_string(), to: to.to_string() })
}

fn content(message: Message, handle: &str) -> Content {
    if let Some(text) = message.text.0 {
        return command(&text, handle).unwrap_or(Content::Text(text));
    }
    let caption = message.caption.0;
    if let Some(photo) = message.photo.0.and_then(largest) {
        return Content::Media(Media { caption, ..photo });
    }
    // An animation comes with a document of the same file, for apps that do not know animations.
    let files = [
        (message.voice, MediaKind::Voice),
        (message.audio, MediaKind::Audio),
        (message.video, MediaKind::Video),
        (message.video_note, MediaKind::Video),
        (message.live_photo, MediaKind::Video),
        (message.animation, MediaKind::Video),
        (message.sticker, MediaKind::Sticker),
        (message.document, MediaKind::Document),
    ];
    let file = files.into_iter().find_map(|(file, kind)| Some((file.0?, kind)));
    if let Some(media) = file.and_then(|(file, kind)| media(file, kind, caption)) {
        return Content::Media(media);
    }
    if let Some(venue) = message.venue.0 {
        let words = [venue.title.0, venue.address.0].into_iter().flatten().collect::<Vec<_>>();
        let name = (!words.is_empty()).then(|| words.join(", "));
        if let Some(place) = venue.location.0.or(message.location.0).and_then(|place| located(&place, name)) {
            return place;
        }
    } else if let Some(place) = message.location.0.and_then(|place| located(&place, None)) {
        return place;
    }
    if let Some(text) = message.contact.0.as_ref().and_then(contact) {
        return Content::Contact(text);
    }
    if let Some(text) = message.other.get("rich_message").map(words).filter(|text| !text.trim().is_empty()) {
        return command(&text, handle).unwrap_or(Content::Text(text));
    }
    let mut kinds = message.other.keys().filter(|key| !BESIDE.contains(&key.as_str()));
    let Some(kind) = kinds.next().cloned() else {
        // Whatever it was, a person sent it.
        return unsupported("message".to_owned(), true);
    };
    let wants_answer = !NOTES.contains(&kind.as_str()) && !kind.ends_with("ed");
    unsupported(kind, wants_answer)
}

/// `/name argument` or `/name@bot argument`. One that names another bot is not for us to obey.
fn command(text: &str, handle: &str) -> Option<Content> {
    let (first, argument) =
        text.strip_prefix('/')?.split_once(char::is_whitespace).unwrap_or((&text[1..], ""));
    let (name, bot) = first.split_once('@').map_or((first, None), |(name, bot)| (name, Some(bot)));
    let ours = bot.is_none_or(|bot| bot.eq_ignore_ascii_case(handle.trim_start_matches('@')));
    let wellformed = (1..=32).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    (ours && wellformed)
        .then(|| Content::Command { name: name.to_ascii_lowercase(), argument: argument.trim().to_owned() })
}

/// A photo comes in several sizes of the same picture; the one with the most pixels is what was sent.
fn largest(sizes: Vec<Maybe<PhotoSize>>) -> Option<Media> {
    let pixels = |size: &PhotoSize| {
        let area = size.width.0.unwrap_or_default().saturating_mul(size.height.0.unwrap_or_default());
        (area, size.file_size.0)
    };
    let sizes = sizes.into_iter().filter_map(|size| size.0).filter(|size| size.file_id.0.is_some());
    let size = sizes.max_by_key(pixels)?;
    let file = File { file_id: size.file_id, file_size: size.file_size, ..File::default() };
    media(file, MediaKind::Photo, None)
}

fn media(file: File, kind: MediaKind, caption: Option<String>) -> Option<Media> {
    let mime = match kind {
        // Telegram re-encodes every photo and does not say so.
        MediaKind::Photo => Some("image/jpeg".to_owned()),
        _ => file.mime_type.0,
    };
    Some(Media {
        kind,
        provider_file_id: file.file_id.0?,
        mime,
        file_name: file.file_name.0,
        size: file.file_size.0,
        caption: caption.or_else(|| file.emoji.0.filter(|_| kind == MediaKind::Sticker)),
    })
}

fn located(place: &Location, name: Option<String>) -> Option<Content> {
    let (latitude, longitude) = (place.latitude.0?, place.longitude.0?);
    Some(Content::Location { latitude, longitude, name })
}

fn contact(contact: &Contact) -> Option<String> {
    let parts = [full_name(&contact.first_name, &contact.last_name), contact.phone_number.0.clone()];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!text.is_empty()).then_some(text)
}

/// The words of a rich message (Bot API 10.1): blocks around texts, which are strings, lists of texts, or
/// objects around more text. Only the words matter to us.
fn words(value: &Value) -> String {
    joined(value, "\n")
}

/// `between` stands between the parts of a list: a new line between blocks, nothing within a text.
fn joined(value: &Value, between: &str) -> String {
    match value {
        Value::Object(fields) => {
            let inline = ["summary", "text", "caption"].map(|name| (name, ""));
            let blocks = ["blocks", "items", "cells"].map(|name| (name, "\n"));
            let found = inline.into_iter().chain(blocks);
            let found = found.filter_map(|(name, between)| Some(joined(fields.get(name)?, between)));
            found.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Value::Array(parts) => {
            let found = parts.iter().map(|part| joined(part, between)).filter(|text| !text.is_empty());
            found.collect::<Vec<_>>().join(between)
        }
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}
