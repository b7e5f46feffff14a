//! The documented limits of what a business sends (Meta's `OpenAPI` description, v23).

use std::collections::HashSet;

use serde_json::Value;

use super::{
    answer::{Refused, invalid, parameter, refused},
    state::Offer,
};

const TEXT: usize = 4096;
const INTERACTIVE_BODY: usize = 1024;

/// What a customer reads of a message, and what they can tap.
pub(super) struct Readable {
    pub(super) text: String,
    pub(super) offers: Vec<Offer>,
}

fn within(value: &str, least: usize, most: usize, name: &str) -> Result<(), Refused> {
    let length = value.chars().count();
    if length < least {
        return Err(refused(131_008, &format!("{name} is required")));
    }
    if length > most {
        return Err(parameter(&format!("Param {name} must be at most {most} characters long.")));
    }
    Ok(())
}

fn field<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// `text`.
pub(super) fn text(message: &Value) -> Result<Readable, Refused> {
    let body = field(&message["text"], "body");
    within(body, 1, TEXT, "text['body']")?;
    Ok(Readable { text: body.to_owned(), offers: Vec::new() })
}

/// `interactive`: reply buttons or a list.
pub(super) fn interactive(message: &Value) -> Result<Readable, Refused> {
    let it = &message["interactive"];
    let body = field(&it["body"], "text");
    within(body, 1, INTERACTIVE_BODY, "interactive['body']['text']")?;
    within(field(&it["footer"], "text"), 0, 60, "interactive['footer']['text']")?;
    within(field(&it["header"], "text"), 0, 60, "interactive['header']['text']")?;
    let offers = match field(it, "type") {
        "button" => buttons(&it["action"])?,
        "list" => rows(&it["action"])?,
        other => return Err(refused(131_051, &format!("interactive type {other:?} is not supported"))),
    };
    let mut seen = HashSet::new();
    if !offers.iter().all(|offer| seen.insert(offer.id.as_str())) {
        return Err(invalid("Duplicated reply id"));
    }
    Ok(Readable { text: body.to_owned(), offers })
}

fn buttons(action: &Value) -> Result<Vec<Offer>, Refused> {
    let buttons = action["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=3).contains(&buttons.len()) {
        return Err(invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
    }
    let mut titles = HashSet::new();
    buttons
        .iter()
        .map(|button| {
            let (id, title) = (field(&button["reply"], "id"), field(&button["reply"], "title"));
            if !(1..=20).contains(&title.chars().count()) {
                return Err(invalid("Button title length invalid. Min length: 1, Max length: 20"));
            }
            if !titles.insert(title) {
                return Err(invalid("Duplicated button title"));
            }
            if !(1..=256).contains(&id.chars().count()) {
                return Err(invalid("Button reply id length invalid. Min length: 1, Max length: 256"));
            }
            Ok(Offer { id: id.to_owned(), title: title.to_owned(), description: None, row: false })
        })
        .collect()
}

fn rows(action: &Value) -> Result<Vec<Offer>, Refused> {
    within(field(action, "button"), 1, 20, "interactive['action']['button']")?;
    let sections = action["sections"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=10).contains(&sections.len()) {
        return Err(invalid("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10"));
    }
    let mut offers = Vec::new();
    for section in sections {
        within(field(section, "title"), usize::from(sections.len() > 1), 24, "section['title']")?;
        for row in section["rows"].as_array().map(Vec::as_slice).unwrap_or_default() {
            within(field(row, "id"), 1, 200, "row['id']")?;
            within(field(row, "title"), 1, 24, "row['title']")?;
            within(field(row, "description"), 0, 72, "row['description']")?;
            offers.push(Offer {
                id: field(row, "id").to_owned(),
                title: field(row, "title").to_owned(),
                description: row["description"].as_str().map(str::to_owned),
                row: true,
            });
        }
    }
    if !(1..=10).contains(&offers.len()) {
        return Err(invalid("Total row count exceed max allowed count: 10"));
    }
    Ok(offers)
}

/// A file with what is written under it.
pub(super) fn media(message: &Value, kind: &str) -> Result<Readable, Refused> {
    let caption = field(&message[kind], "caption");
    within(caption, 0, 1024, "caption")?;
    if message[kind]["id"].is_null() && message[kind]["link"].is_null() {
        return Err(refused(131_008, &format!("{kind}['id'] or {kind}['link'] is required")));
    }
    Ok(Readable { text: format!("[{kind}] {caption}"), offers: Vec::new() })
}
