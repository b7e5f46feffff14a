//! News about the account, for people to read: restricted, template rejected, quality lowered.

use serde_json::Value;

/// Longest text, in characters.
const AT_MOST: usize = 1_000;

/// A value in words: every text and number in it after its name, as in `event: REJECTED; reason: INVALID_FORMAT`.
pub(super) fn in_words(json: &str) -> String {
    let mut words = Vec::new();
    match serde_json::from_str(json) {
        Ok(value) => collect("", &value, &mut words),
        Err(_) => words.push(json.to_owned()),
    }
    let text = words.join("; ");
    if text.chars().count() <= AT_MOST {
        return text;
    }
    text.chars().take(AT_MOST - 1).chain(['…']).collect()
}

fn collect(name: &str, value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, words)),
        Value::Array(values) => values.iter().for_each(|value| collect(name, value, words)),
        Value::String(text) => words.push(format!("{name}: {text}")),
        Value::Null => {}
        other => words.push(format!("{name}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_name_what_they_are_about() {
        let json = r#"{"event": "REJECTED", "info": {"why": ["a", "b"]}, "id": 7, "none": null}"#;
        assert_eq!(in_words(json), "event: REJECTED; why: a; why: b; id: 7");
        assert_eq!(in_words(&format!("\"{}\"", "x".repeat(5_000))).chars().count(), AT_MOST);
    }
}
