//! `/control/whatsapp`: numbers, customers and what they do.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coxswain_test_support::whatsapp::{Callback, File, Template};
use serde::Deserialize;
use serde_json::json;

use super::{
    Desk,
    control::{Answer, missing},
};

pub(crate) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/numbers", post(add_number))
        .route("/customers", post(add_customer))
        .route("/templates", post(add_template))
        .route("/callback", post(callback))
        .route("/reading", post(reading))
        .route("/say", post(say))
        .route("/tap", post(tap))
        .route("/file", post(file))
        .route("/person", post(person))
        .route("/calls", get(calls))
        .route("/chats", get(chats))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNumber {
    name: String,
    display: String,
}

async fn add_number(State(desk): State<Arc<Desk>>, Json(new): Json<NewNumber>) -> Answer {
    let number = desk.whatsapp.add_number(&new.name, &new.display);
    Ok(Json(json!({
        "phone_number_id": number.phone_number_id,
        "business_account_id": number.business_account_id,
        "access_token": number.access_token,
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    name: String,
    phone: String,
}

async fn add_customer(State(desk): State<Arc<Desk>>, Json(new): Json<NewCustomer>) -> Answer {
    Ok(Json(json!({ "id": desk.whatsapp.add_customer(&new.name, &new.phone) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTemplate {
    business_account_id: String,
    template: Template,
}

async fn add_template(State(desk): State<Arc<Desk>>, Json(new): Json<NewTemplate>) -> Answer {
    desk.whatsapp.add_template(&new.business_account_id, new.template);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCallback {
    url: String,
    app_secret: String,
    /// When given, the address has to answer Meta's challenge first.
    verify_token: Option<String>,
}

async fn callback(State(desk): State<Arc<Desk>>, Json(new): Json<NewCallback>) -> Answer {
    let callback = Callback { url: new.url, app_secret: new.app_secret };
    match new.verify_token {
        Some(token) => {
            let verified = desk.whatsapp.verify_callback(callback, &token).await;
            verified.map_err(|error| (StatusCode::BAD_GATEWAY, error))?;
        }
        None => desk.whatsapp.set_callback(callback),
    }
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    at_once: bool,
}

async fn reading(State(desk): State<Arc<Desk>>, Json(reading): Json<Reading>) -> Answer {
    desk.whatsapp.reading(reading.at_once);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    number: String,
    customer: String,
    text: String,
}

async fn say(State(desk): State<Arc<Desk>>, Json(said): Json<Said>) -> Answer {
    known(&desk, &said.number, &said.customer)?;
    Ok(Json(json!({ "id": desk.whatsapp.say(&said.number, &said.customer, &said.text) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    number: String,
    customer: String,
    message: String,
    /// What is on the button or row.
    title: String,
}

async fn tap(State(desk): State<Arc<Desk>>, Json(tap): Json<Tap>) -> Answer {
    let id = desk.whatsapp.tap(&tap.number, &tap.customer, &tap.message, &tap.title);
    Ok(Json(json!({ "id": id.ok_or_else(|| missing("button"))? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    number: String,
    customer: String,
    /// `image`, `audio`, `video`, `document` or `sticker`.
    kind: String,
    name: String,
    mime: String,
    /// Base64.
    bytes: String,
    #[serde(default)]
    caption: String,
}

async fn file(State(desk): State<Arc<Desk>>, Json(sent): Json<Sent>) -> Answer {
    known(&desk, &sent.number, &sent.customer)?;
    let name = (sent.kind == "document").then_some(sent.name);
    let bytes = STANDARD.decode(&sent.bytes).map_err(|_| missing("bytes"))?;
    let file = File { kind: sent.kind, mime: sent.mime, bytes, caption: sent.caption, name };
    Ok(Json(json!({ "id": desk.whatsapp.send_file(&sent.number, &sent.customer, &file) })))
}

/// What a customer does beside writing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Does {
    number: String,
    customer: String,
    what: What,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Read,
    CloseWindow,
    HidePhone(bool),
    Block(bool),
    StopMarketing(bool),
}

async fn person(State(desk): State<Arc<Desk>>, Json(does): Json<Does>) -> Answer {
    let Does { number, customer, what } = does;
    known(&desk, &number, &customer)?;
    match what {
        What::Read => desk.whatsapp.read(&number, &customer),
        What::CloseWindow => desk.whatsapp.close_window(&number, &customer),
        What::HidePhone(hidden) => desk.whatsapp.hide_phone(&customer, hidden),
        What::Block(blocked) => desk.whatsapp.block(&customer, blocked),
        What::StopMarketing(stop) => desk.whatsapp.stop_marketing(&number, &customer, stop),
    }
    Ok(Json(json!({})))
}

async fn calls(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(Json(json!({ "items": desk.whatsapp.calls() })))
}

async fn chats(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(Json(json!({ "items": desk.whatsapp.chats() })))
}

fn known(desk: &Desk, number: &str, customer: &str) -> Result<(), (StatusCode, String)> {
    if !desk.whatsapp.numbers().iter().any(|it| it.phone_number_id == number) {
        return Err(missing("number"));
    }
    if !desk.whatsapp.customers().iter().any(|it| it.id == customer) {
        return Err(missing("customer"));
    }
    Ok(())
}
