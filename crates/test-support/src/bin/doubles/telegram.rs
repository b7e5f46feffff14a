//! `/control/telegram`: bots, people and what they do.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coxswain_test_support::telegram::Attachment;
use serde::Deserialize;
use serde_json::json;

use super::{
    Desk,
    control::{Answer, missing},
};

pub(crate) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/bots", post(add_bot))
        .route("/people", post(add_person))
        .route("/say", post(say))
        .route("/tap", post(tap))
        .route("/file", post(file))
        .route("/block", post(block))
        .route("/calls", get(calls))
        .route("/chats", get(chats))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBot {
    username: String,
    name: String,
}

async fn add_bot(State(desk): State<Arc<Desk>>, Json(new): Json<NewBot>) -> Answer {
    let bot = desk.telegram.add_bot(&new.username, &new.name);
    Ok(Json(json!({ "id": bot.id, "token": bot.token })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    name: String,
    #[serde(default)]
    language: String,
}

async fn add_person(State(desk): State<Arc<Desk>>, Json(new): Json<NewPerson>) -> Answer {
    Ok(Json(json!({ "id": desk.telegram.add_person(&new.name, &new.language) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    bot: i64,
    person: i64,
    text: String,
}

async fn say(State(desk): State<Arc<Desk>>, Json(said): Json<Said>) -> Answer {
    known(&desk, said.bot, said.person)?;
    Ok(Json(json!({ "update_id": desk.telegram.say(said.bot, said.person, &said.text) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    bot: i64,
    person: i64,
    message_id: i64,
    /// What is on the button.
    button: String,
}

async fn tap(State(desk): State<Arc<Desk>>, Json(tap): Json<Tap>) -> Answer {
    let query = desk.telegram.tap(tap.bot, tap.person, tap.message_id, &tap.button);
    Ok(Json(json!({ "callback_query_id": query.ok_or_else(|| missing("button"))? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    bot: i64,
    person: i64,
    /// `photo`, `voice` or `document`.
    kind: String,
    name: String,
    mime: String,
    /// Base64.
    bytes: String,
    #[serde(default)]
    caption: String,
}

async fn file(State(desk): State<Arc<Desk>>, Json(sent): Json<Sent>) -> Answer {
    known(&desk, sent.bot, sent.person)?;
    let bytes = STANDARD.decode(&sent.bytes).map_err(|_| missing("bytes"))?;
    let file = match sent.kind.as_str() {
        "photo" => Attachment::Photo(bytes),
        "voice" => Attachment::Voice(bytes),
        _ => Attachment::Document { name: sent.name, mime: sent.mime, bytes },
    };
    Ok(Json(json!({ "update_id": desk.telegram.send_file(sent.bot, sent.person, &file, &sent.caption) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    bot: i64,
    person: i64,
    blocked: bool,
}

async fn block(State(desk): State<Arc<Desk>>, Json(block): Json<Block>) -> Answer {
    known(&desk, block.bot, block.person)?;
    desk.telegram.block(block.bot, block.person, block.blocked);
    Ok(Json(json!({})))
}

async fn calls(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(Json(json!({ "items": desk.telegram.calls() })))
}

async fn chats(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(Json(json!({ "items": desk.telegram.chats() })))
}

fn known(desk: &Desk, bot: i64, person: i64) -> Result<(), (axum::http::StatusCode, String)> {
    if !desk.telegram.bots().iter().any(|it| it.id == bot) {
        return Err(missing("bot"));
    }
    if !desk.telegram.people().iter().any(|it| it.id == person) {
        return Err(missing("person"));
    }
    Ok(())
}
