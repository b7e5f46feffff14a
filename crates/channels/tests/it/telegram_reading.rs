//! What is made of Telegram's updates.

use std::{env, fs, path::Path};

use anyhow::{Context, Result};
use axum::{Router, http::StatusCode};
use chrono::DateTime;
use coxswain_channels::{
    road::{
        arrival::{Arrival, Content, MediaKind},
        messenger::Code,
    },
    telegram::{Telegram, read},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const HANDLE: &str = "mira_coach_bot";

/// What happened, in few words, as the fixtures write it.
fn told(content: &Content) -> Value {
    match content {
        Content::Text(text) => json!({ "text": text }),
        Content::Choice { token, title, query_id } => json!({ "choice": [token, title, query_id] }),
        Content::Command { name, argument } => json!({ "command": [name, argument] }),
        Content::Media(media) => {
            let kind = match media.kind {
                MediaKind::Photo => "photo",
                MediaKind::Voice => "voice",
                MediaKind::Audio => "audio",
                MediaKind::Video => "video",
                MediaKind::Sticker => "sticker",
                MediaKind::Document => "document",
            };
            let (file, mime, name) = (&media.provider_file_id, &media.mime, &media.file_name);
            json!({ "media": [kind, file, mime, name, media.size, media.caption] })
        }
        Content::Location { latitude, longitude, name } => json!({ "location": [latitude, longitude, name] }),
        Content::Contact(text) => json!({ "contact": text }),
        Content::Reaction { target, emoji } => json!({ "reaction": [target, emoji] }),
        Content::Edited { target, text } => json!({ "edited": [target, text] }),
        Content::Reachable(reachable) => json!({ "reachable": reachable }),
        Content::Moved { from, to } => json!({ "moved": [from, to] }),
        Content::Unsupported { kind, wants_answer } => json!({ "unsupported": [kind, wants_answer] }),
        Content::Account { field, detail, .. } => json!({ "account": [field, detail] }),
        Content::Revoked { .. } | Content::Status(_) | Content::OptOut(_) => json!("not from Telegram"),
    }
}

fn cases() -> Result<Vec<Value>> {
    Ok(serde_json::from_str(include_str!("../fixtures/telegram/updates.json"))?)
}

#[test]
fn every_kind_of_update_is_read_for_what_it_is() -> Result<()> {
    for case in cases()? {
        let arrival = read(case["update"].to_string().as_bytes(), HANDLE)?;
        assert_eq!(told(&arrival.content), case["expected"], "{}", case["name"]);
    }
    Ok(())
}

#[test]
fn the_sender_is_known_by_the_private_chat_and_told_by_name() -> Result<()> {
    let cases = cases()?;
    let named = |name: &str| -> Result<Arrival> {
        let case = cases.iter().find(|case| case["name"] == name).context("there is such a case")?;
        Ok(read(case["update"].to_string().as_bytes(), HANDLE)?)
    };
    for name in ["text", "tap", "blocked", "reaction", "edited text"] {
        let arrival = named(name)?;
        assert_eq!(arrival.sender.id, "41230001", "{name}");
        assert_eq!(arrival.sender.name.as_deref(), Some("Ada Winter"), "{name}");
        assert_eq!(arrival.sender.locale.as_deref(), Some("de"), "{name}");
    }
    let text = named("text")?;
    assert_eq!(Some(text.sent_at), DateTime::from_timestamp(1_790_000_000, 0));
    assert_eq!(text.message_id.as_deref(), Some("77"));
    // The group is not a person, and who writes in it does not become a client by that.
    assert_eq!(named("group message")?.sender.id, "-1009000001");
    assert_eq!(named("group message")?.sender.name, None);
    // The message under a button says nothing about when it was tapped.
    assert_eq!(named("tap")?.sent_at, DateTime::UNIX_EPOCH);
    Ok(())
}

#[test]
fn invariant_3_what_makes_no_sense_is_an_error_and_nothing_worse() {
    let senseless = [
        "",
        "null",
        "[]",
        "\"text\"",
        "{\"update_id\":1",
        "{}",
        "{\"update_id\":1}",
        "{\"update_id\":1,\"message\":null}",
        "{\"update_id\":1,\"message\":5}",
        "{\"update_id\":1,\"message\":{\"text\":\"nobody wrote this\"}}",
        "{\"update_id\":1,\"message\":{\"chat\":{\"id\":\"x\"},\"from\":[]}}",
    ];
    for raw in senseless {
        assert!(read(raw.as_bytes(), HANDLE).is_err(), "{raw}");
    }
    assert!(read(&[0xff, 0xfe, 0], HANDLE).is_err());
}

/// Every field may be gone or of another type: reading goes on, and a text that is there is not lost.
#[test]
fn no_field_but_text_and_chat_is_needed_for_a_text() -> Result<()> {
    let update = json!({
        "update_id": 7,
        "message": {
            "message_id": 1, "date": 1_790_000_000, "text": "still here",
            "chat": {"id": 5, "type": "private"}, "from": {"id": 5, "first_name": "A"},
            "entities": [], "photo": [], "sticker": {}, "other": {},
        },
    });
    for name in ["message_id", "date", "from", "entities", "photo", "sticker", "other"] {
        for odd in [Value::Null, json!(5), json!("x"), json!([[]]), json!({"a": {}}), json!(-1.5)] {
            let mut update = update.clone();
            update["message"][name] = odd;
            let arrival = read(update.to_string().as_bytes(), HANDLE)?;
            assert_eq!(arrival.content, Content::Text("still here".into()), "{name}");
            assert_eq!(arrival.sender.id, "5", "{name}");
        }
    }
    Ok(())
}

/// Reads a folder of real updates, where there is one: `COXSWAIN_FIXTURES` names the folder above `telegram`.
#[test]
fn real_updates_are_read_without_loss() -> Result<()> {
    let Some(folder) = env::var_os("COXSWAIN_FIXTURES") else { return Ok(()) };
    let mut read_so_far = 0;
    for entry in fs::read_dir(Path::new(&folder).join("telegram"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Those are answers of the API.
        if name.starts_with("response_") {
            continue;
        }
        let raw = fs::read(&path)?;
        let arrival = read(&raw, HANDLE).with_context(|| name.clone())?;
        let update: Value = serde_json::from_slice(&raw)?;
        assert!(is_kept(&update, &arrival.content), "{name}: {:?}", arrival.content);
        assert_ne!(arrival.sender.id, "", "{name}");
        read_so_far += 1;
    }
    assert!(read_so_far > 0, "there are no updates in {}", folder.display());
    Ok(())
}

/// Whether what a person sent in a private chat is in what we made of it.
fn is_kept(update: &Value, content: &Content) -> bool {
    let (message, edited) = (&update["message"], &update["edited_message"]);
    if message["chat"]["type"] != "private" {
        let tapped = update["callback_query"]["data"].as_str();
        return match content {
            Content::Edited { text, .. } => edited["text"] == **text || edited["caption"] == **text,
            Content::Choice { token, .. } => tapped == Some(token),
            _ => edited.is_null() && tapped.is_none(),
        };
    }
    let files = ["voice", "audio", "video", "video_note", "animation", "document", "sticker"];
    let is_file = |id: &str| {
        let photo = message["photo"].as_array().into_iter().flatten();
        photo.chain(files.iter().map(|kind| &message[*kind])).any(|file| file["file_id"] == *id)
    };
    match content {
        Content::Text(text) => message["text"] == **text,
        Content::Command { name, argument } => message["text"].as_str().is_some_and(|text| {
            text.to_lowercase().starts_with(&format!("/{name}")) && text.ends_with(argument)
        }),
        Content::Media(media) => {
            is_file(&media.provider_file_id) && message["caption"].as_str() == media.caption.as_deref()
                || media.kind == MediaKind::Sticker
        }
        Content::Location { latitude, .. } => message["location"]["latitude"] == *latitude,
        Content::Contact(text) => text.contains(message["contact"]["phone_number"].as_str().unwrap_or("?")),
        Content::Moved { to, .. } => message["migrate_to_chat_id"].as_i64() == to.parse().ok(),
        Content::Account { .. } => !message["managed_bot_created"].is_null(),
        _ => {
            ["text", "photo", "location", "contact"].iter().chain(&files).all(|kind| message[*kind].is_null())
        }
    }
}

/// The API's answers in the same folder become refusals with number, words and wish.
#[tokio::test]
async fn real_answers_become_refusals() -> Result<()> {
    let Some(folder) = env::var_os("COXSWAIN_FIXTURES") else { return Ok(()) };
    for entry in fs::read_dir(Path::new(&folder).join("telegram"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("response_") {
            continue;
        }
        let answer: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let (body, status) =
            (answer.to_string(), u16::try_from(answer["error_code"].as_u64().unwrap_or(200))?);
        let status = StatusCode::from_u16(status)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new().fallback(move || std::future::ready((status, body.clone())));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let refusal = Telegram::new(&url.parse()?).check("1:AA").await;
        server.abort();
        let refusal = refusal.err().with_context(|| format!("{name} is no refusal"))?;
        assert_eq!(refusal.code, Code::Telegram(status.as_u16()), "{name}");
        assert_eq!(answer["description"], refusal.detail, "{name}");
        let wish = answer["parameters"]["retry_after"].as_u64();
        assert_eq!(refusal.retry_after.map(|wait| wait.as_secs()), wish, "{name}");
    }
    Ok(())
}
