//! The bodies of what we send, within Meta's limits.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{
    format::TEXT_AT_MOST,
    identity::{is_phone, phone},
    rich::{Rich, length},
};
use crate::road::messenger::{Address, Part, TemplateUse};

/// Longest text above buttons, in characters.
const ABOVE_BUTTONS: usize = 1_024;
/// Reply buttons: how many, how long their titles and ids.
const BUTTONS: usize = 3;
const BUTTON_TITLE: usize = 20;
const BUTTON_ID: usize = 256;
/// Rows of a list: how many, how long their titles, descriptions and ids.
const ROWS: usize = 10;
const ROW_TITLE: usize = 24;
const ROW_DESCRIPTION: usize = 72;
const ROW_ID: usize = 200;

/// The body that sends one part.
pub(super) fn message(to: &Address, part: &Part) -> Value {
    let (kind, content) = match (&part.template, buttons(part)) {
        (Some(template), _) => ("template", self::template(template)),
        (None, Some(interactive)) => ("interactive", interactive),
        (None, None) => ("text", json!({"preview_url": false, "body": with_titles(part)})),
    };
    // A business-scoped user id is no phone number, and goes into a field of its own.
    let user = phone(&to.user);
    let address = if is_phone(&user) { "to" } else { "recipient" };
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        address: user,
        "type": kind,
        kind: content,
        "biz_opaque_callback_data": part.outbox.to_string(),
    })
}

/// Marks everything up to a message as read, and shows that an answer is being written for some 25 seconds.
pub(super) fn typing(message_id: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
        "typing_indicator": {"type": "text"},
    })
}

/// Buttons or a list, where the part's buttons keep within the limits of one.
fn buttons(part: &Part) -> Option<Value> {
    if part.buttons.is_empty() || length(&part.text) > ABOVE_BUTTONS {
        return None;
    }
    let distinct = |texts: HashSet<&String>| texts.len() == part.buttons.len();
    let all_differ = distinct(part.buttons.iter().map(|(id, _)| id).collect())
        && distinct(part.buttons.iter().map(|(_, title)| title).collect());
    let within = |most: usize, id_most: usize, title_most: usize| {
        part.buttons.len() <= most
            && part.buttons.iter().all(|(id, title)| {
                (1..=id_most).contains(&length(id)) && (1..=title_most).contains(&length(title))
            })
    };
    if !all_differ {
        None
    } else if within(BUTTONS, BUTTON_ID, BUTTON_TITLE) {
        let buttons = part
            .buttons
            .iter()
            .map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}}));
        let action = json!({"buttons": buttons.collect::<Vec<_>>()});
        Some(json!({"type": "button", "body": {"text": part.text}, "action": action}))
    } else if within(ROWS, ROW_ID, ROW_DESCRIPTION) {
        let rows: Vec<Value> = part.buttons.iter().map(|(id, title)| row(id, title)).collect();
        // The label that opens the list needs no language.
        let action = json!({"button": format!("1 – {}", rows.len()), "sections": [{"rows": rows}]});
        Some(json!({"type": "list", "body": {"text": part.text}, "action": action}))
    } else {
        None
    }
}

/// A row whose title is too long says it in full below.
fn row(id: &str, title: &str) -> Value {
    if length(title) <= ROW_TITLE {
        return json!({"id": id, "title": title});
    }
    let short = Rich::plain(title).written(ROW_TITLE);
    json!({"id": id, "title": short, "description": title})
}

/// The text, with what could not be offered as buttons listed below it.
fn with_titles(part: &Part) -> String {
    let titles: String = part.buttons.iter().flat_map(|(_, title)| ["\n- ", title]).collect();
    let room = TEXT_AT_MOST.saturating_sub(length(&titles) + 1);
    if titles.is_empty() || room < TEXT_AT_MOST / 2 {
        return part.text.clone();
    }
    if length(&part.text) <= room {
        return format!("{}\n{titles}", part.text);
    }
    let cut = Rich::plain(&part.text).written(room);
    format!("{cut}\n{titles}")
}

fn template(template: &TemplateUse) -> Value {
    let parameters: Vec<Value> =
        template.parameters.iter().map(|text| json!({"type": "text", "text": text})).collect();
    let mut content = json!({"name": template.name, "language": {"code": template.language}});
    if !parameters.is_empty() {
        content["components"] = json!([{"type": "body", "parameters": parameters}]);
    }
    content
}

#[cfg(test)]
mod tests {
    use coxswain_domain::OutboxId;
    use proptest::prelude::*;

    use super::*;

    fn part(text: &str, buttons: &[(&str, &str)]) -> Part {
        let own = |(token, title): &(&str, &str)| ((*token).to_owned(), (*title).to_owned());
        Part {
            outbox: OutboxId(uuid::Uuid::nil()),
            text: text.to_owned(),
            buttons: buttons.iter().map(own).collect(),
            template: None,
        }
    }

    fn to(user: &str) -> Address {
        Address { user: user.into(), phone: None, last_message_id: None }
    }

    #[test]
    fn a_scoped_user_id_is_written_to_as_a_recipient() {
        let sent = message(&to("US.13491208655302741918"), &part("Hi", &[]));
        assert_eq!(sent["recipient"], "US.13491208655302741918");
        assert!(sent.get("to").is_none());
        let sent = message(&to("16505551234"), &part("Hi", &[]));
        assert_eq!((&sent["to"], sent.get("recipient")), (&json!("16505551234"), None));
        assert_eq!(
            message(&to("+1 650 555-1234"), &part("Hi", &[]))["to"],
            "16505551234",
            "as a person types it"
        );
        assert_eq!(sent["biz_opaque_callback_data"], uuid::Uuid::nil().to_string());
    }

    #[test]
    fn buttons_that_do_not_fit_become_a_list_and_then_text() {
        let kind = |buttons: &[(&str, &str)]| message(&to("1"), &part("Which?", buttons));
        assert_eq!(kind(&[("a", "Yes"), ("b", "No")])["interactive"]["type"], "button");
        let four =
            kind(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "A title of more than twenty-four characters")]);
        let rows = &four["interactive"]["action"]["sections"][0]["rows"];
        assert_eq!(rows[3]["description"], "A title of more than twenty-four characters");
        assert!(length(rows[3]["title"].as_str().unwrap()) <= ROW_TITLE);
        assert_eq!(kind(&[("a", "Yes"), ("a", "No")])["text"]["body"], "Which?\n\n- Yes\n- No");
        let long = message(&to("1"), &part(&"x".repeat(1_025), &[("a", "Yes")]));
        assert_eq!(long["type"], "text");
    }

    proptest! {
        #[test]
        fn nothing_leaves_that_meta_would_refuse(
            text in ".{1,4096}", buttons in prop::collection::vec(("[a-z0-9]{0,300}", ".{0,90}"), 0..14),
        ) {
            let text = Rich::plain(text).written(TEXT_AT_MOST);
            let buttons: Vec<_> = buttons.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
            let sent = message(&to("49151"), &part(&text, &buttons));
            match sent["type"].as_str() {
                Some("text") => prop_assert!(length(sent["text"]["body"].as_str().unwrap()) <= TEXT_AT_MOST),
                Some("interactive") => {
                    let inner = &sent["interactive"];
                    prop_assert!(length(inner["body"]["text"].as_str().unwrap()) <= ABOVE_BUTTONS);
                    let buttons = inner["action"]["buttons"].as_array().map_or(0, Vec::len);
                    let rows = inner["action"]["sections"][0]["rows"].as_array().map_or(0, Vec::len);
                    prop_assert!(buttons <= 3 && rows <= 10 && buttons + rows > 0);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
