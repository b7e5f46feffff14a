//! The side of the people: what they do, and how it becomes an update.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    BotToken, FakeTelegram, deliver,
    state::{Bot, Lane, Message, Pending, Person, State, Stored},
};

/// A file a person sends.
#[derive(Clone, Debug)]
pub enum Attachment {
    /// A picture.
    Photo(Vec<u8>),
    /// A spoken message.
    Voice(Vec<u8>),
    /// Any other file.
    Document {
        /// Its name.
        name: String,
        /// Its type.
        mime: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
}

impl FakeTelegram {
    /// Makes a bot, as Telegram does for those who ask its own bot for one.
    pub fn add_bot(&self, username: &str, name: &str) -> BotToken {
        let mut state = self.shared.state.lock();
        let id = 7_000_000_001 + i64::try_from(state.bots.len()).unwrap_or_default();
        // The same after a restart, so that what was connected stays connected.
        let secret = Uuid::from_bytes(first16(&Sha256::digest(format!("bot {username}"))));
        let token = format!("{id}:AA{}", secret.simple());
        // Grows over restarts, as Telegram's ids do.
        let next_update = self.shared.clock.now().timestamp() - 1_700_000_000;
        state.bots.insert(
            id,
            Bot {
                token: token.clone(),
                name: name.to_owned(),
                username: username.to_owned(),
                revoked: false,
                webhook: None,
                allowed: Vec::new(),
                next_update,
                next_message: 0,
                queue: VecDeque::new(),
                working: HashSet::new(),
                poller: 0,
                taps: HashMap::new(),
                commands: json!([]),
            },
        );
        drop(state);
        self.shared.touch();
        BotToken { id, token }
    }

    /// Makes a person and says their id, which is also that of their private chats.
    pub fn add_person(&self, first_name: &str, language: &str) -> i64 {
        let mut state = self.shared.state.lock();
        let id = 500_000_001 + i64::try_from(state.people.len()).unwrap_or_default();
        let person =
            Person { first_name: first_name.to_owned(), language: language.to_owned(), deactivated: false };
        state.people.insert(id, person);
        drop(state);
        self.shared.touch();
        id
    }

    /// A person writes to a bot; a leading `/` makes it a command. Says the update's id.
    pub fn say(&self, bot: i64, person: i64, text: &str) -> i64 {
        self.write(bot, person, text, |view| {
            view["text"] = json!(text);
            if text.starts_with('/') {
                let length = text.split_whitespace().next().unwrap_or_default().encode_utf16().count();
                view["entities"] = json!([{ "type": "bot_command", "offset": 0, "length": length }]);
            }
        })
    }

    /// A person sends a file. Says the update's id.
    pub fn send_file(&self, bot: i64, person: i64, file: &Attachment, caption: &str) -> i64 {
        let id = format!("AgAC{}", Uuid::new_v4().simple());
        let (kind, bytes) = match file {
            Attachment::Photo(bytes) => ("photo", bytes),
            Attachment::Voice(bytes) => ("voice", bytes),
            Attachment::Document { bytes, .. } => ("document", bytes),
        };
        let path = format!("{kind}s/{id}");
        let stored = Stored { bot, path, bytes: bytes.clone() };
        self.shared.state.lock().files.insert(id.clone(), stored);
        let mut view = json!({ "file_id": id, "file_unique_id": id, "file_size": bytes.len() });
        match file {
            Attachment::Photo(_) => {
                (view["width"], view["height"]) = (json!(640), json!(480));
                view = json!([view]);
            }
            Attachment::Voice(_) => {
                (view["duration"], view["mime_type"]) = (json!(3), json!("audio/ogg"));
            }
            Attachment::Document { name, mime, .. } => {
                (view["file_name"], view["mime_type"]) = (json!(name), json!(mime));
            }
        }
        self.write(bot, person, &format!("[{kind}] {caption}"), |message| {
            message[kind] = view;
            if !caption.is_empty() {
                message["caption"] = json!(caption);
            }
        })
    }

    /// A person edits what they wrote. Says the update's id, or `None` for a message that is not theirs.
    pub fn edit(&self, bot: i64, person: i64, message_id: i64, text: &str) -> Option<i64> {
        let now = self.shared.clock.now();
        let mut state = self.shared.state.lock();
        let chat = state.chats.get_mut(&(bot, person))?;
        let theirs = |it: &&mut Message| it.message_id == message_id && !it.from_bot;
        let message = chat.messages.iter_mut().find(theirs)?;
        text.clone_into(&mut message.text);
        message.edited_at = Some(now);
        let message = message.clone();
        let view = state.view(bot, person, &message);
        Some(self.update(state, bot, Lane::Chat(person), "edited_message", &view))
    }

    /// A person taps a button, found by what is on it. Says the callback query's id, or `None` without such a button.
    pub fn tap(&self, bot: i64, person: i64, message_id: i64, button: &str) -> Option<String> {
        let mut state = self.shared.state.lock();
        let chat = state.chats.get(&(bot, person))?;
        let message = chat.messages.iter().find(|message| message.message_id == message_id)?.clone();
        let data = message.buttons.iter().flatten().find(|it| it.text == button)?.callback_data.clone()?;
        let id = Uuid::new_v4().simple().to_string();
        state.bots.get_mut(&bot)?.taps.insert(id.clone(), (person, message_id));
        let view = json!({
            "id": id,
            "from": state.person_user(person),
            "message": state.view(bot, person, &message),
            "chat_instance": person.to_string(),
            "data": data,
        });
        self.update(state, bot, Lane::Taps(person), "callback_query", &view);
        Some(id)
    }

    /// A person blocks a bot, or lets it in again.
    pub fn block(&self, bot: i64, person: i64, blocked: bool) {
        let now = self.shared.clock.now().timestamp();
        let mut state = self.shared.state.lock();
        let chat = state.chats.entry((bot, person)).or_default();
        if chat.blocked == blocked {
            return;
        }
        chat.blocked = blocked;
        let status = |blocked: bool| if blocked { "kicked" } else { "member" };
        let member = |state: &State, blocked: bool| {
            let mut member = json!({ "user": state.bot_user(bot), "status": status(blocked) });
            if blocked {
                member["until_date"] = json!(0);
            }
            member
        };
        let view = json!({
            "chat": state.private_chat(person),
            "from": state.person_user(person),
            "date": now,
            "old_chat_member": member(&state, !blocked),
            "new_chat_member": member(&state, blocked),
        });
        self.update(state, bot, Lane::Chat(person), "my_chat_member", &view);
    }

    /// A person deletes their account.
    pub fn deactivate(&self, person: i64) {
        if let Some(person) = self.shared.state.lock().people.get_mut(&person) {
            person.deactivated = true;
        }
    }

    /// From now on, sending to this chat is refused with the new id.
    pub fn migrate(&self, bot: i64, chat: i64, to: i64) {
        let mut state = self.shared.state.lock();
        state.chats.entry((bot, chat)).or_default().migrated_to = Some(to);
        state.chats.entry((bot, to)).or_default().started = true;
        let (first_name, language) = ("Group".to_owned(), String::new());
        state.people.insert(to, Person { first_name, language, deactivated: false });
    }

    /// The bot's token is worth nothing any more.
    pub fn revoke(&self, bot: i64) {
        if let Some(bot) = self.shared.state.lock().bots.get_mut(&bot) {
            bot.revoked = true;
        }
    }

    /// Delivers an update of any kind: what its member `kind` holds. Says the update's id.
    pub fn send_update(&self, bot: i64, chat: i64, kind: &str, value: &Value) -> i64 {
        self.update(self.shared.state.lock(), bot, Lane::Chat(chat), kind, value)
    }

    fn write(&self, bot: i64, person: i64, shown: &str, content: impl FnOnce(&mut Value)) -> i64 {
        let now = self.shared.clock.now();
        let mut state = self.shared.state.lock();
        let message_id = state.next_message(bot).unwrap_or_default();
        let mut view = json!({
            "message_id": message_id,
            "from": state.person_user(person),
            "chat": state.private_chat(person),
            "date": now.timestamp(),
        });
        content(&mut view);
        let chat = state.chats.entry((bot, person)).or_default();
        chat.started = true;
        chat.messages.push(Message {
            message_id,
            from_bot: false,
            text: shown.to_owned(),
            entities: Vec::new(),
            buttons: Vec::new(),
            sent_at: now,
            edited_at: None,
            toast: None,
        });
        self.update(state, bot, Lane::Chat(person), "message", &view)
    }

    fn update(
        &self,
        mut state: parking_lot::MutexGuard<'_, State>,
        bot: i64,
        lane: Lane,
        kind: &str,
        value: &Value,
    ) -> i64 {
        let faults = &self.shared.faults;
        let (again, wait) = (faults.happens(|plan| plan.duplicate), faults.lateness());
        let Some(it) = state.bots.get_mut(&bot) else { return 0 };
        it.next_update += 1;
        let update_id = it.next_update;
        let mut body = json!({ "update_id": update_id });
        body[kind] = value.clone();
        if it.allowed.is_empty() || it.allowed.iter().any(|allowed| allowed == kind) {
            it.queue.push_back(Pending { update_id, lane, body, again, wait });
            deliver::start(&self.shared, &mut state, bot);
        }
        drop(state);
        self.shared.touch();
        update_id
    }
}

fn first16(hash: &[u8]) -> [u8; 16] {
    std::array::from_fn(|place| hash[place])
}
