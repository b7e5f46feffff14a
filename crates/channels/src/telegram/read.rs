//! One update → one [`Arrival`].
//!
//! Only private chats are served: there the chat's id is the person's. Everything else is named and left.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    message,
    types::{CallbackQuery, Chat, ChatMemberUpdated, ManagedBot, MessageReaction, Update, User, full_name},
};
use crate::road::{
    arrival::{Arrival, Content, Sender},
    messenger::Unreadable,
};

/// What the webhook and the poller have to know before anything else is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Unique for the bot.
    pub(super) update_id: i64,
    /// Who sent it, where that can be told; empty otherwise.
    pub(super) sender: String,
    /// When, by Telegram's clock, where it tells.
    pub(super) sent_at: Option<DateTime<Utc>>,
}

/// The envelope of an update; `None` when it has no id that could name it.
pub(super) fn envelope(raw: &[u8], handle: &str) -> Option<Envelope> {
    let update: Update = serde_json::from_slice(raw).ok()?;
    let update_id = update.update_id.0?;
    let arrival = arrival(update, handle).ok();
    Some(Envelope {
        update_id,
        sender: arrival.as_ref().map(|arrival| arrival.sender.id.clone()).unwrap_or_default(),
        sent_at: arrival.map(|arrival| arrival.sent_at).filter(|at| *at != DateTime::UNIX_EPOCH),
    })
}

/// Makes an event of an update's raw bytes. `handle` is the bot's user name. Where Telegram names no time,
/// as for a tap on a button, `sent_at` is the Unix epoch.
pub fn read(raw: &[u8], handle: &str) -> Result<Arrival, Unreadable> {
    let update = serde_json::from_slice(raw)
        .map_err(|error| Unreadable(format!("this is no update of Telegram's: {error}")))?;
    arrival(update, handle)
}

fn arrival(update: Update, handle: &str) -> Result<Arrival, Unreadable> {
    if let Some(message) = update.message.0 {
        return message::read(message, handle);
    }
    if let Some(message) = update.edited_message.0 {
        return message::read_edited(message);
    }
    if let Some(query) = update.callback_query.0 {
        return tap(query);
    }
    if let Some(change) = update.my_chat_member.0 {
        return standing(change);
    }
    if let Some(reaction) = update.message_reaction.0 {
        return reacted(reaction);
    }
    if let Some(bot) = update.managed_bot.0 {
        return Ok(managed("managed_bot", Sender::default(), None, &bot));
    }
    unhandled(update.other.iter().next())
}

/// Messages of business accounts and channels, polls, payments, and whatever Telegram invents next.
fn unhandled(first: Option<(&String, &Value)>) -> Result<Arrival, Unreadable> {
    let Some((kind, value)) = first else {
        return Err(Unreadable("the update carries nothing we know by name".to_owned()));
    };
    let id = |path: &str| value.pointer(path).and_then(Value::as_i64).map(|id| id.to_string());
    let date = value.get("date").and_then(Value::as_i64);
    let sender = Sender {
        id: id("/chat/id").or_else(|| id("/from/id")).or_else(|| id("/user/id")).unwrap_or_default(),
        ..Sender::default()
    };
    Ok(Arrival {
        sender,
        sent_at: at(date),
        message_id: id("/message_id"),
        content: unsupported(kind.clone(), false),
    })
}

fn tap(query: CallbackQuery) -> Result<Arrival, Unreadable> {
    let message = query.message.0.unwrap_or_default();
    let chat = message.chat.0;
    let private = chat.as_ref().is_none_or(Chat::is_private);
    let sender = sender(chat.as_ref(), query.from.0.as_ref())?;
    let content = match query.data.0 {
        Some(token) if private => {
            let buttons = message.reply_markup.0.and_then(|keyboard| keyboard.inline_keyboard.0);
            let title = buttons
                .into_iter()
                .flatten()
                .flatten()
                .find(|button| button.callback_data.0.as_deref() == Some(token.as_str()))
                .and_then(|button| button.text.0)
                .unwrap_or_default();
            Content::Choice { token, title, query_id: query.id.0 }
        }
        _ => unsupported("callback_query".to_owned(), false),
    };
    let message_id = message.message_id.0.map(|id| id.to_string());
    // A tap has no time of its own, and the time of the message it hangs under says nothing about it.
    Ok(Arrival { sender, sent_at: at(None), message_id, content })
}

fn standing(change: ChatMemberUpdated) -> Result<Arrival, Unreadable> {
    let chat = change.chat.0;
    let private = chat.as_ref().is_some_and(Chat::is_private);
    let status = change.new_chat_member.0.and_then(|member| member.status.0);
    let content = match status.as_deref() {
        Some("kicked") if private => Content::Reachable(false),
        Some("member") if private => Content::Reachable(true),
        _ => unsupported("my_chat_member".to_owned(), false),
    };
    let sender = sender(chat.as_ref(), change.from.0.as_ref())?;
    Ok(Arrival { sender, sent_at: at(change.date.0), message_id: None, content })
}

fn reacted(reaction: MessageReaction) -> Result<Arrival, Unreadable> {
    let chat = reaction.chat.0;
    let private = chat.as_ref().is_some_and(Chat::is_private);
    let sender = sender(chat.as_ref(), reaction.user.0.as_ref())?;
    let target = reaction.message_id.0.map(|id| id.to_string());
    let now = reaction.new_reaction.0.unwrap_or_default();
    // One that is no ordinary emoji cannot be shown, but it is not taken away either.
    let nameless = !now.is_empty();
    let emoji = now.into_iter().find_map(|one| one.0?.emoji.0);
    let content = match target.clone() {
        Some(target) if private && (emoji.is_some() || !nameless) => Content::Reaction { target, emoji },
        _ => unsupported("message_reaction".to_owned(), false),
    };
    Ok(Arrival { sender, sent_at: at(reaction.date.0), message_id: target, content })
}

/// News of a bot that ours manages.
pub(super) fn managed(field: &str, sender: Sender, date: Option<i64>, news: &ManagedBot) -> Arrival {
    let owner = news.user.0.as_ref().and_then(User::name).or_else(|| sender.name.clone());
    let bot = news.bot.0.clone().unwrap_or_default();
    let name = bot.username.0.map_or_else(|| "without a name".to_owned(), |name| format!("@{name}"));
    let id = bot.id.0.map(|id| format!(" ({id})")).unwrap_or_default();
    let owner = owner.map(|owner| format!(" of {owner}")).unwrap_or_default();
    let detail = format!("The managed bot {name}{id}{owner} was made or changed.");
    let content = Content::Account { field: field.to_owned(), detail, news: None };
    Arrival { sender, sent_at: at(date), message_id: None, content }
}

/// Whoever is in a private chat, or else the chat: nobody in a group is a client by writing there.
pub(super) fn sender(chat: Option<&Chat>, from: Option<&User>) -> Result<Sender, Unreadable> {
    let chat_id = chat.and_then(|chat| chat.id.0);
    let id = chat_id.or_else(|| from.and_then(|user| user.id.0));
    let id = id.ok_or_else(|| Unreadable("it says neither who sent it nor in which chat".to_owned()))?;
    if chat.is_some_and(|chat| !chat.is_private()) {
        return Ok(Sender { id: id.to_string(), ..Sender::default() });
    }
    let name = from.and_then(User::name);
    let name = name.or_else(|| chat.and_then(|chat| full_name(&chat.first_name, &chat.last_name)));
    let name = name.or_else(|| from.and_then(|user| user.username.0.clone()));
    let locale = from.and_then(|user| user.language_code.0.clone());
    Ok(Sender { id: id.to_string(), aliases: Vec::new(), name, locale })
}

/// Seconds since the Unix epoch; the epoch itself where Telegram tells no time.
pub(super) fn at(seconds: Option<i64>) -> DateTime<Utc> {
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default()
}

pub(super) const fn unsupported(kind: String, wants_answer: bool) -> Content {
    Content::Unsupported { kind, wants_answer }
}
