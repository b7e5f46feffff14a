//! Templates: fetched from Meta, and checked before they are sent.

use serde::Deserialize;
use serde_json::Value;

use super::{
    rich::{Rich, length},
    send::{Whatsapp, credentials, path_segment},
    tolerant::{Several, Text},
};
use crate::road::messenger::{Refusal, TemplateUse};
use coxswain_store::connections::Connection;

/// Longest parameter, in characters.
const PARAMETER_AT_MOST: usize = 1_024;
/// Most spaces in a row within a parameter.
const SPACES_AT_MOST: usize = 4;

/// A template as Meta has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language, as Meta writes it (`en_US`).
    pub language: String,
    /// As Meta says: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: String,
    /// As Meta says: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, … Our own `UNSUPPORTED`: approved,
    /// but it wants more than texts for the places of its body.
    pub state: String,
    /// The body with its `{{1}}` places.
    pub body: String,
    /// How many places the body has.
    pub parameters: u32,
}

/// What is wrong with a template that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It has another number of places.
    #[error("the template has {expected} places and {given} texts for them")]
    Count {
        /// Places in the body.
        expected: usize,
        /// Texts given.
        given: usize,
    },
    /// Meta refuses line breaks, tabs and more than four spaces in a row.
    #[error("the text for place {0} has a line break, a tab or more than four spaces in a row")]
    Shape(usize),
    /// Nothing, or too much.
    #[error("the text for place {0} is empty or longer than 1,024 characters")]
    Length(usize),
}

impl Wrong {
    /// Meta's own code for the same mistake.
    pub const fn code(&self) -> i64 {
        match self {
            Self::Count { .. } => 132_000,
            Self::Shape(_) => 132_012,
            Self::Length(_) => 132_005,
        }
    }
}

/// Whether a template can be sent as it is filled in; `expected` is how many places it has, where that is known.
pub fn check(template: &TemplateUse, expected: Option<usize>) -> Result<(), Wrong> {
    let given = template.parameters.len();
    if let Some(expected) = expected.filter(|expected| *expected != given) {
        return Err(Wrong::Count { expected, given });
    }
    for (place, text) in (1..).zip(&template.parameters) {
        if text.contains(['\n', '\r', '\t']) || text.contains(&" ".repeat(SPACES_AT_MOST + 1)) {
            return Err(Wrong::Shape(place));
        }
        if text.trim().is_empty() || length(text) > PARAMETER_AT_MOST {
            return Err(Wrong::Length(place));
        }
    }
    Ok(())
}

/// A text as it may stand in a place of a template: on one line, cut behind a sentence where it is too long.
pub fn fit(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Rich::plain(one_line).written(PARAMETER_AT_MOST)
}

/// Every template of a connection's business account.
pub async fn fetch(whatsapp: &Whatsapp, connection: &Connection) -> Result<Vec<Template>, Refusal> {
    let (token, business_account_id) = credentials(connection)?;
    let path = format!("{}/message_templates", path_segment(business_account_id)?);
    let fields = "name,language,status,category,parameter_format,components";
    let found = whatsapp.graph.all(&path, fields, token).await?;
    Ok(found
        .into_iter()
        .filter_map(|template| serde_json::from_value(template).ok())
        .filter_map(|found| template(&found))
        .collect())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    name: Text,
    language: Text,
    status: Text,
    category: Text,
    parameter_format: Text,
    components: Several<Component>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Component {
    #[serde(rename = "type")]
    kind: Text,
    format: Text,
    text: Text,
    buttons: Several<Value>,
}

fn template(found: &Found) -> Option<Template> {
    let is = |component: &Component, kind: &str| {
        component.kind.get().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    };
    let body = found.components.iter().find(|component| is(component, "body"));
    let body = body.and_then(|body| body.text.owned()).unwrap_or_default();
    let header = found.components.iter().find(|component| is(component, "header"));
    let header_wants = header.is_some_and(|header| {
        header.format.get().is_some_and(|format| !format.eq_ignore_ascii_case("text"))
            || header.text.get().is_some_and(|text| places(text) > 0)
    });
    let buttons = found.components.iter().flat_map(|component| component.buttons.iter());
    let buttons_want = buttons.into_iter().any(|button| {
        let kind = button["type"].as_str().unwrap_or_default().to_ascii_uppercase();
        matches!(kind.as_str(), "OTP" | "COPY_CODE" | "FLOW" | "CATALOG" | "MPM" | "SPM")
            || button["url"].as_str().is_some_and(|url| places(url) > 0)
    });
    let named = found.parameter_format.get().is_some_and(|format| format.eq_ignore_ascii_case("named"));
    let parameters = places(&body);
    let state = found.status.get().unwrap_or("UNKNOWN").to_ascii_uppercase();
    let unsupported = header_wants || buttons_want || (named && parameters > 0);
    Some(Template {
        name: found.name.owned()?,
        language: found.language.owned()?,
        category: found.category.get().unwrap_or("UNKNOWN").to_ascii_uppercase(),
        state: if unsupported && state == "APPROVED" { "UNSUPPORTED".into() } else { state },
        body,
        parameters,
    })
}

/// How many different `{{…}}` a text has.
fn places(text: &str) -> u32 {
    let names =
        text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim());
    let distinct: std::collections::HashSet<&str> = names.collect();
    u32::try_from(distinct.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn used(parameters: &[&str]) -> TemplateUse {
        let parameters = parameters.iter().map(|text| (*text).to_owned()).collect();
        TemplateUse { name: "check_in".into(), language: "en".into(), parameters }
    }

    #[test]
    fn what_meta_would_refuse_is_found_before_it_is_sent() {
        assert_eq!(check(&used(&["How was the week?"]), Some(1)), Ok(()));
        assert_eq!(check(&used(&["a"]), Some(2)), Err(Wrong::Count { expected: 2, given: 1 }));
        for text in ["a\nb", "a\tb", "a     b"] {
            assert_eq!(check(&used(&["ok", text]), None), Err(Wrong::Shape(2)), "{text:?}");
        }
        assert_eq!(check(&used(&["a    b"]), None), Ok(()));
        assert_eq!(check(&used(&[" "]), None), Err(Wrong::Length(1)));
        assert_eq!(check(&used(&[&"x".repeat(1_025)]), None), Err(Wrong::Length(1)));
    }

    #[test]
    fn a_template_that_wants_more_than_texts_is_not_offered() {
        let read = |json| template(&serde_json::from_value(json).unwrap()).unwrap();
        let body = json!({"type": "BODY", "text": "Hi {{1}}, {{2}} and {{1}}"});
        let plain = read(
            json!({"name": "a", "language": "en", "status": "APPROVED", "category": "UTILITY", "components": [body]}),
        );
        assert_eq!(
            (plain.parameters, plain.state.as_str(), plain.category.as_str()),
            (2, "APPROVED", "UTILITY")
        );
        for extra in [
            json!({"type": "HEADER", "format": "IMAGE"}),
            json!({"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://e.example/{{1}}"}]}),
        ] {
            let components = json!([body, extra]);
            let found =
                read(json!({"name": "a", "language": "en", "status": "APPROVED", "components": components}));
            assert_eq!(found.state, "UNSUPPORTED");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_fitted_may_be_sent(text in any::<String>()) {
            prop_assume!(!text.trim().is_empty());
            prop_assert_eq!(check(&used(&[&fit(&text)]), Some(1)), Ok(()));
        }
    }
}
