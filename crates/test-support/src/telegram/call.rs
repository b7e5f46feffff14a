//! Which method is called, and by whom.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State as Extract},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Shared,
    answer::{Refused, bad, done, plain},
    media,
    params::Params,
    send,
    state::{Call, State},
    updates,
};
use crate::faults::{Fault, spoil};

/// Methods whose calls go wrong by chance.
const SENDING: [&str; 3] = ["sendmessage", "sendmessagedraft", "editmessagetext"];

pub(super) async fn unknown() -> Refused {
    plain(404, "Not Found")
}

pub(super) async fn call(
    Extract(shared): Extract<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(token) = bot.strip_prefix("bot") else {
        return plain(404, "Not Found").into_response();
    };
    let bot = match shared.state.lock().authenticate(token) {
        Ok(bot) => bot,
        Err(refused) => return refused.into_response(),
    };
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(refused) => return refused.into_response(),
    };
    let name = method.to_lowercase();
    let fault = shared.faults.draw(&name, SENDING.contains(&name.as_str()));
    let result = match &fault {
        Some(fault) if fault.refuses() => Err(Refused::by(fault)),
        _ if name == "getupdates" => updates::get_updates(&shared, bot, &params).await,
        _ => run(&shared, bot, &name, &params),
    };
    let status = result.as_ref().map_or_else(|refused| refused.status, |_| 200);
    // Long polling would drown everything else.
    if name != "getupdates" {
        let answer_lost =
            status == 200 && matches!(fault, Some(Fault::LostAnswer { .. } | Fault::BrokenJson));
        let message_id = result.as_ref().ok().and_then(|result| result["message_id"].as_i64());
        let params = params.0;
        shared.state.lock().calls.push(Call { bot, method, params, status, answer_lost, message_id });
    }
    shared.touch();
    let answer = match result {
        Ok(result) => done(&result),
        Err(refused) => refused.into_response(),
    };
    spoil(fault, answer).await
}

fn run(shared: &Arc<Shared>, bot: i64, name: &str, params: &Params) -> Result<Value, Refused> {
    match name {
        "getme" => Ok(shared.state.lock().me(bot)),
        "setwebhook" => updates::set_webhook(shared, bot, params),
        "deletewebhook" => Ok(updates::delete_webhook(shared, bot, params)),
        "getwebhookinfo" => Ok(updates::webhook_info(shared, bot)),
        "sendmessage" => send::message(shared, bot, params),
        "sendmessagedraft" => send::draft(shared, bot, params),
        "editmessagetext" => send::edit(shared, bot, params),
        "editmessagereplymarkup" => send::edit_buttons(shared, bot, params),
        "sendchataction" => send::action(shared, bot, params),
        "answercallbackquery" => send::answer_tap(shared, bot, params),
        "getfile" => media::get_file(shared, bot, params),
        "setmycommands" => set_commands(shared, bot, params),
        "deletemycommands" => {
            shared.state.lock().bot(bot)?.commands = json!([]);
            Ok(json!(true))
        }
        "getmycommands" => Ok(shared.state.lock().bot(bot)?.commands.clone()),
        _ => Err(plain(404, "Not Found")),
    }
}

fn set_commands(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let commands = params.value("commands")?;
    for command in commands.as_array().ok_or_else(|| bad("can't parse commands JSON object"))? {
        let name = command["command"].as_str().unwrap_or_default();
        let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if !(1..=32).contains(&name.len()) || !name.chars().all(letters) {
            return Err(bad("BOT_COMMAND_INVALID"));
        }
        let description = command["description"].as_str().unwrap_or_default();
        if !(1..=256).contains(&description.encode_utf16().count()) {
            return Err(bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    shared.state.lock().bot(bot)?.commands = commands;
    Ok(json!(true))
}

impl State {
    fn authenticate(&self, token: &str) -> Result<i64, Refused> {
        let id = token.split_once(':').and_then(|(id, _)| id.parse::<i64>().ok());
        // Telegram does not even look for what has not the shape of a token.
        let id = id.ok_or_else(|| plain(404, "Not Found"))?;
        let known = self.bots.get(&id).is_some_and(|bot| bot.token == token && !bot.revoked);
        if known { Ok(id) } else { Err(plain(401, "Unauthorized")) }
    }

    pub(super) fn bot(&mut self, id: i64) -> Result<&mut super::state::Bot, Refused> {
        self.bots.get_mut(&id).ok_or_else(|| plain(401, "Unauthorized"))
    }

    /// A bot as a user, as it appears in messages.
    pub(super) fn bot_user(&self, id: i64) -> Value {
        let (name, username) =
            self.bots.get(&id).map(|bot| (bot.name.as_str(), bot.username.as_str())).unwrap_or_default();
        json!({ "id": id, "is_bot": true, "first_name": name, "username": username })
    }

    fn me(&self, id: i64) -> Value {
        let mut me = self.bot_user(id);
        for (what, can) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
            ("has_topics_enabled", false),
        ] {
            me[what] = json!(can);
        }
        me
    }
}
