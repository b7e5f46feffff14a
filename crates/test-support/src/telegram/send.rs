//! Methods that people see something of, with the documented limits.

use serde_json::{Value, json};

use super::{
    Shared,
    answer::{Refused, bad, forbidden},
    html::{self, Entity},
    params::Params,
    state::{Button, Chat, Draft, Message, State},
};

/// UTF-16 units of a text after parsing.
const TEXT_LIMIT: usize = 4096;

type Formatted = (String, Vec<Entity>);

/// `sendMessage`.
pub(super) fn message(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let mut state = shared.state.lock();
    let person = reachable(&mut state, bot, params)?;
    let (text, entities) = formatted(params)?;
    if text.is_empty() {
        return Err(bad("message text is empty"));
    }
    let buttons = buttons(params)?;
    let replied = params.value("reply_parameters")?;
    let chat = state.chats.entry((bot, person)).or_default();
    if let Some(target) = replied["message_id"].as_i64() {
        let known = chat.messages.iter().any(|message| message.message_id == target);
        if !known && replied["allow_sending_without_reply"] != json!(true) {
            return Err(bad("message to be replied not found"));
        }
    }
    let message_id = state.next_message(bot)?;
    let now = shared.clock.now();
    let message = Message {
        message_id,
        from_bot: true,
        text,
        entities,
        buttons,
        sent_at: now,
        edited_at: None,
        toast: None,
    };
    let view = state.view(bot, person, &message);
    let chat = state.chats.entry((bot, person)).or_default();
    chat.messages.push(message);
    // A real message takes the place of the draft and of the action.
    chat.draft = None;
    chat.action = None;
    Ok(view)
}

/// `sendMessageDraft`: a preview of an answer that is being written.
pub(super) fn draft(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let mut state = shared.state.lock();
    let person = reachable(&mut state, bot, params)?;
    let draft_id =
        params.int("draft_id").filter(|&id| id != 0).ok_or_else(|| bad("draft_id must be non-zero"))?;
    let (text, entities) = formatted(params)?;
    let chat = state.chats.entry((bot, person)).or_default();
    chat.draft = Some(Draft { draft_id, text, entities });
    Ok(json!(true))
}

/// `editMessageText`.
pub(super) fn edit(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let mut state = shared.state.lock();
    let person = reachable(&mut state, bot, params)?;
    let (text, entities) = formatted(params)?;
    if text.is_empty() {
        return Err(bad("message text is empty"));
    }
    let buttons = buttons(params)?;
    let now = shared.clock.now();
    let message = own_message(&mut state, bot, person, params)?;
    if message.text == text && message.entities == entities && message.buttons == buttons {
        return Err(not_modified());
    }
    (message.text, message.entities, message.buttons, message.edited_at) =
        (text, entities, buttons, Some(now));
    let message = message.clone();
    Ok(state.view(bot, person, &message))
}

/// `editMessageReplyMarkup`: other buttons, or none.
pub(super) fn edit_buttons(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let mut state = shared.state.lock();
    let person = reachable(&mut state, bot, params)?;
    let buttons = buttons(params)?;
    let message = own_message(&mut state, bot, person, params)?;
    if message.buttons == buttons {
        return Err(not_modified());
    }
    message.buttons = buttons;
    let message = message.clone();
    Ok(state.view(bot, person, &message))
}

/// `sendChatAction`.
pub(super) fn action(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let mut state = shared.state.lock();
    let person = reachable(&mut state, bot, params)?;
    let action = params.text("action");
    if !ACTIONS.contains(&action.as_str()) {
        return Err(bad("wrong parameter action in request"));
    }
    state.chats.entry((bot, person)).or_default().action = Some((action, shared.clock.now()));
    Ok(json!(true))
}

/// `answerCallbackQuery`.
pub(super) fn answer_tap(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let text = params.text("text");
    if text.encode_utf16().count() > 200 {
        return Err(bad("MESSAGE_TOO_LONG"));
    }
    let mut state = shared.state.lock();
    let Some((person, message_id)) = state.bot(bot)?.taps.remove(&params.text("callback_query_id")) else {
        return Err(bad("query is too old and response timeout expired or query ID is invalid"));
    };
    let chat = state.chats.entry((bot, person)).or_default();
    if let Some(message) = chat.messages.iter_mut().find(|message| message.message_id == message_id) {
        message.toast = Some(text);
    }
    Ok(json!(true))
}

fn not_modified() -> Refused {
    bad("message is not modified: specified new message content and reply markup are exactly the same as \
         a current content and reply markup of the message")
}

fn own_message<'s>(
    state: &'s mut State,
    bot: i64,
    person: i64,
    params: &Params,
) -> Result<&'s mut Message, Refused> {
    let wanted = params.int("message_id");
    let chat = state.chats.entry((bot, person)).or_default();
    let message = chat.messages.iter_mut().find(|message| Some(message.message_id) == wanted);
    let message = message.ok_or_else(|| bad("message to edit not found"))?;
    if message.from_bot { Ok(message) } else { Err(bad("message can't be edited")) }
}

/// The person behind `chat_id`, if the bot may write to them.
fn reachable(state: &mut State, bot: i64, params: &Params) -> Result<i64, Refused> {
    if params.text("chat_id").is_empty() {
        return Err(bad("chat_id is empty"));
    }
    let person = params.int("chat_id").ok_or_else(|| bad("chat not found"))?;
    let chat = state.chats.get(&(bot, person));
    if let Some(to) = chat.and_then(|chat| chat.migrated_to) {
        let mut refused = bad("group chat was upgraded to a supergroup chat");
        refused.parameters = Some(json!({ "migrate_to_chat_id": to }));
        return Err(refused);
    }
    let known = state.people.get(&person).ok_or_else(|| bad("chat not found"))?;
    if known.deactivated {
        return Err(forbidden("user is deactivated"));
    }
    match chat {
        Some(Chat { blocked: true, .. }) => Err(forbidden("bot was blocked by the user")),
        Some(Chat { started: true, .. }) => Ok(person),
        // A bot that has never met a person does not know their chat.
        _ => Err(bad("chat not found")),
    }
}

fn formatted(params: &Params) -> Result<Formatted, Refused> {
    let raw = params.text("text");
    let (text, entities) = match params.text("parse_mode").to_lowercase().as_str() {
        "" => (raw, Vec::new()),
        "html" => html::parse(&raw).map_err(|wrong| bad(&format!("can't parse entities: {wrong}")))?,
        // Not understood here, and so not let through as if it were.
        other => return Err(bad(&format!("unsupported parse_mode {other}"))),
    };
    if text.encode_utf16().count() > TEXT_LIMIT {
        return Err(bad("message is too long"));
    }
    if text.trim().is_empty() { Ok((String::new(), Vec::new())) } else { Ok((text, entities)) }
}

fn buttons(params: &Params) -> Result<Vec<Vec<Button>>, Refused> {
    let markup = params.value("reply_markup")?;
    let rows = match &markup["inline_keyboard"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(rows) => rows,
        _ => return Err(bad("object expected as reply markup")),
    };
    if rows.iter().filter_map(Value::as_array).map(Vec::len).sum::<usize>() > 100 {
        return Err(bad("REPLY_MARKUP_TOO_LONG"));
    }
    rows.iter()
        .map(|row| {
            let row = row.as_array().ok_or_else(|| bad("can't parse inline keyboard"))?;
            row.iter().map(button).collect()
        })
        .filter(|row: &Result<Vec<_>, _>| row.as_ref().map_or(true, |row| !row.is_empty()))
        .collect()
}

fn button(value: &Value) -> Result<Button, Refused> {
    let text = value["text"].as_str().unwrap_or_default().to_owned();
    if text.trim().is_empty() {
        return Err(bad("can't parse inline keyboard button: Text buttons are empty"));
    }
    let callback_data = value["callback_data"].as_str().map(str::to_owned);
    let url = value["url"].as_str().map(str::to_owned);
    match (&callback_data, &url) {
        (Some(data), None) if !(1..=64).contains(&data.len()) => Err(bad("BUTTON_DATA_INVALID")),
        (None, Some(url)) if !url.contains("://") => {
            Err(bad(&format!("inline keyboard button URL '{url}' is invalid: URL host is empty")))
        }
        (Some(_), None) | (None, Some(_)) => Ok(Button { text, callback_data, url }),
        _ => {
            Err(bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"))
        }
    }
}

impl State {
    pub(super) fn next_message(&mut self, bot: i64) -> Result<i64, Refused> {
        let bot = self.bot(bot)?;
        bot.next_message += 1;
        Ok(bot.next_message)
    }

    /// A message as the Bot API shows it.
    pub(super) fn view(&self, bot: i64, person: i64, message: &Message) -> Value {
        let from = if message.from_bot { self.bot_user(bot) } else { self.person_user(person) };
        let mut view = json!({
            "message_id": message.message_id,
            "from": from,
            "chat": self.private_chat(person),
            "date": message.sent_at.timestamp(),
            "text": message.text,
        });
        if !message.entities.is_empty() {
            view["entities"] = json!(message.entities);
        }
        if let Some(edited) = message.edited_at {
            view["edit_date"] = json!(edited.timestamp());
        }
        if !message.buttons.is_empty() {
            let rows: Vec<Vec<Value>> =
                message.buttons.iter().map(|row| row.iter().map(Button::view).collect()).collect();
            view["reply_markup"] = json!({ "inline_keyboard": rows });
        }
        view
    }

    pub(super) fn person_user(&self, id: i64) -> Value {
        let person = self.people.get(&id);
        let name = person.map(|person| person.first_name.as_str()).unwrap_or_default();
        let mut user = json!({ "id": id, "is_bot": false, "first_name": name });
        if let Some(language) = person.map(|person| &person.language).filter(|tag| !tag.is_empty()) {
            user["language_code"] = json!(language);
        }
        user
    }

    pub(super) fn private_chat(&self, id: i64) -> Value {
        let name = self.people.get(&id).map(|person| person.first_name.as_str()).unwrap_or_default();
        json!({ "id": id, "first_name": name, "type": "private" })
    }
}

impl Button {
    fn view(&self) -> Value {
        let mut view = json!({ "text": self.text });
        if let Some(data) = &self.callback_data {
            view["callback_data"] = json!(data);
        }
        if let Some(url) = &self.url {
            view["url"] = json!(url);
        }
        view
    }
}
