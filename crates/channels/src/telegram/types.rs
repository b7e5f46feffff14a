//! Telegram's updates, as far as we read them.
//!
//! Read from the raw bytes and forgiving in everything: each field may be missing, be null or have a shape
//! we do not expect, and costs nothing but itself. What we do not name is kept, so that its kind can be told.

#![expect(clippy::struct_field_names, reason = "the names are Telegram's")]

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A field that is `None` whenever it is not what we expect.
#[derive(Clone, Debug)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(serde_json::from_value(value).ok()))
    }
}

/// One update.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Update {
    pub(super) update_id: Maybe<i64>,
    pub(super) message: Maybe<Message>,
    pub(super) edited_message: Maybe<Message>,
    pub(super) callback_query: Maybe<CallbackQuery>,
    pub(super) my_chat_member: Maybe<ChatMemberUpdated>,
    pub(super) message_reaction: Maybe<MessageReaction>,
    pub(super) managed_bot: Maybe<ManagedBot>,
    /// Whatever else it carries, by name.
    #[serde(flatten)]
    pub(super) other: Map<String, Value>,
}

/// A message of somebody's, or about a chat.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) message_id: Maybe<i64>,
    pub(super) from: Maybe<User>,
    pub(super) chat: Maybe<Chat>,
    pub(super) date: Maybe<i64>,
    pub(super) edit_date: Maybe<i64>,
    pub(super) text: Maybe<String>,
    pub(super) caption: Maybe<String>,
    pub(super) photo: Maybe<Vec<Maybe<PhotoSize>>>,
    pub(super) voice: Maybe<File>,
    pub(super) audio: Maybe<File>,
    pub(super) video: Maybe<File>,
    pub(super) video_note: Maybe<File>,
    pub(super) live_photo: Maybe<File>,
    pub(super) animation: Maybe<File>,
    pub(super) document: Maybe<File>,
    pub(super) sticker: Maybe<File>,
    pub(super) location: Maybe<Location>,
    pub(super) venue: Maybe<Venue>,
    pub(super) contact: Maybe<Contact>,
    pub(super) migrate_to_chat_id: Maybe<i64>,
    pub(super) migrate_from_chat_id: Maybe<i64>,
    pub(super) managed_bot_created: Maybe<ManagedBot>,
    /// Whatever else it carries, by name: entities, what it answers, kinds we do not handle.
    #[serde(flatten)]
    pub(super) other: Map<String, Value>,
}

/// A person or a bot.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Maybe<i64>,
    pub(super) is_bot: Maybe<bool>,
    pub(super) first_name: Maybe<String>,
    pub(super) last_name: Maybe<String>,
    pub(super) username: Maybe<String>,
    pub(super) language_code: Maybe<String>,
}

/// Where a message is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chat {
    pub(super) id: Maybe<i64>,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(rename = "type")]
    pub(super) kind: Maybe<String>,
    pub(super) first_name: Maybe<String>,
    pub(super) last_name: Maybe<String>,
}

/// One size of a photo.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PhotoSize {
    pub(super) file_id: Maybe<String>,
    pub(super) file_size: Maybe<u64>,
    /// Pixels.
    pub(super) width: Maybe<u64>,
    /// Pixels.
    pub(super) height: Maybe<u64>,
}

/// Any file but a photo.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub(super) file_id: Maybe<String>,
    pub(super) file_name: Maybe<String>,
    pub(super) mime_type: Maybe<String>,
    /// Bytes.
    pub(super) file_size: Maybe<u64>,
    /// What a sticker stands for.
    pub(super) emoji: Maybe<String>,
}

/// A place. Degrees.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub(super) latitude: Maybe<f64>,
    pub(super) longitude: Maybe<f64>,
}

/// A place with a name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Venue {
    pub(super) location: Maybe<Location>,
    pub(super) title: Maybe<String>,
    pub(super) address: Maybe<String>,
}

/// Somebody's contact.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub(super) phone_number: Maybe<String>,
    pub(super) first_name: Maybe<String>,
    pub(super) last_name: Maybe<String>,
}

/// A tap on a button. The message it hangs under may be too old to be seen: then its date is 0.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallbackQuery {
    pub(super) id: Maybe<String>,
    pub(super) from: Maybe<User>,
    pub(super) message: Maybe<Tapped>,
    pub(super) data: Maybe<String>,
}

/// The message under which a button was tapped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tapped {
    pub(super) message_id: Maybe<i64>,
    pub(super) chat: Maybe<Chat>,
    pub(super) reply_markup: Maybe<Keyboard>,
}

/// Buttons under a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Keyboard {
    pub(super) inline_keyboard: Maybe<Vec<Vec<Button>>>,
}

/// One button.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub(super) text: Maybe<String>,
    pub(super) callback_data: Maybe<String>,
}

/// The bot's own standing in a chat changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMemberUpdated {
    pub(super) chat: Maybe<Chat>,
    pub(super) from: Maybe<User>,
    pub(super) date: Maybe<i64>,
    pub(super) new_chat_member: Maybe<ChatMember>,
}

/// A standing: `member`, `kicked` (in a private chat: the person blocked the bot) and others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMember {
    pub(super) status: Maybe<String>,
}

/// Somebody changed their reaction to a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageReaction {
    pub(super) chat: Maybe<Chat>,
    pub(super) message_id: Maybe<i64>,
    pub(super) user: Maybe<User>,
    pub(super) date: Maybe<i64>,
    pub(super) new_reaction: Maybe<Vec<Maybe<Reaction>>>,
}

/// One reaction; only ordinary emoji are named.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    pub(super) emoji: Maybe<String>,
}

/// A bot that is managed by ours was made or changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ManagedBot {
    pub(super) user: Maybe<User>,
    pub(super) bot: Maybe<User>,
}

impl User {
    /// First and last name, as people write them.
    pub(super) fn name(&self) -> Option<String> {
        full_name(&self.first_name, &self.last_name)
    }
}

/// First and last name with a space between, where there is either.
pub(super) fn full_name(first: &Maybe<String>, last: &Maybe<String>) -> Option<String> {
    let parts = [first, last].into_iter().filter_map(|name| name.0.as_deref()).map(str::trim);
    let name = parts.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

impl Chat {
    /// Whether one person alone is in it. The only chats we serve.
    pub(super) fn is_private(&self) -> bool {
        self.kind.0.as_deref() == Some("private")
    }
}
