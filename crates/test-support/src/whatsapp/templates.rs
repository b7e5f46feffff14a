//! Message templates: their list, and whether a message fits one.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::{
    answer::{Refused, parameter, refused},
    limits::Readable,
    state::{State, Template},
};

/// `GET /{business account}/message_templates`, a page at a time.
pub(super) fn list(state: &State, base: &str, business: &str, query: &HashMap<String, String>) -> Value {
    let all = state.templates.get(business).map(Vec::as_slice).unwrap_or_default();
    let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25).clamp(1, 100);
    let after = query.get("after").and_then(|cursor| cursor.strip_prefix("QVFI")?.parse().ok()).unwrap_or(0);
    let page: Vec<Value> = all.iter().enumerate().skip(after).take(limit).map(view).collect();
    let end = after + page.len();
    let mut paging =
        json!({ "cursors": { "before": format!("QVFI{after}"), "after": format!("QVFI{end}") } });
    if end < all.len() {
        paging["next"] = json!(format!("{base}/{business}/message_templates?limit={limit}&after=QVFI{end}"));
    }
    json!({ "data": page, "paging": paging })
}

fn view((place, template): (usize, &Template)) -> Value {
    let mut body = json!({ "type": "BODY", "text": template.body });
    let count = placeholders(&template.body).len();
    if count > 0 {
        let examples: Vec<String> = (1..=count).map(|n| format!("example {n}")).collect();
        body["example"] = json!({ "body_text": [examples] });
    }
    json!({
        "name": template.name,
        "parameter_format": "POSITIONAL",
        "components": [body],
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "id": format!("59400000000000{place}"),
    })
}

/// The numbers of a body's placeholders.
fn placeholders(body: &str) -> BTreeSet<u32> {
    body.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().parse().ok()).collect()
}

/// What a customer reads of a template message.
pub(super) fn fill(state: &State, business: &str, message: &Value) -> Result<Readable, Refused> {
    let wanted = &message["template"];
    let name = wanted["name"].as_str().unwrap_or_default();
    let language = wanted["language"]["code"].as_str().unwrap_or_default();
    let list = state.templates.get(business).map(Vec::as_slice).unwrap_or_default();
    let template = list.iter().find(|it| it.name == name && it.language == language);
    let template = template
        .filter(|it| !matches!(it.status.as_str(), "PENDING" | "REJECTED"))
        .ok_or_else(|| refused(132_001, &format!("template name ({name}) does not exist in {language}")))?;
    match template.status.as_str() {
        "PAUSED" => return Err(refused(132_015, "Template is paused due to low quality")),
        "DISABLED" => return Err(refused(132_016, "Template is disabled due to low quality")),
        _ => {}
    }
    let components = wanted["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let body =
        components.iter().find(|it| it["type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("body")));
    let given = body.and_then(|it| it["parameters"].as_array()).map(Vec::as_slice).unwrap_or_default();
    let expected = placeholders(&template.body);
    if given.len() != expected.len() {
        return Err(refused(
            132_000,
            &format!(
                "body: number of localizable_params ({}) does not match the expected number of params ({})",
                given.len(),
                expected.len()
            ),
        ));
    }
    let mut text = template.body.clone();
    for (number, value) in expected.iter().zip(given) {
        let value = value["text"].as_str().ok_or_else(|| refused(131_008, "parameter text is required"))?;
        if value.is_empty() || value.contains(['\n', '\t']) || value.contains("     ") {
            return Err(parameter(
                "Invalid parameter: Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
            ));
        }
        text = text.replace(&format!("{{{{{number}}}}}"), value);
    }
    Ok(Readable { text, offers: Vec::new() })
}
