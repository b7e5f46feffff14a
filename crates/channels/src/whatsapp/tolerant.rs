//! Reading JSON whose shape nobody promised: a field of the wrong shape is missing, and nothing else is lost by it.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Seconds since 1970 above this are taken for milliseconds: the year 5138.
const SECONDS_AT_MOST: i64 = 100_000_000_000;

/// A value, if it is there and has the expected shape.
#[derive(Clone, Debug)]
pub(super) struct Maybe<T>(Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Maybe<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(serde_json::from_value(value).ok()))
    }
}

/// A list, or one thing where a list was expected. Elements of another shape are left out.
#[derive(Clone, Debug)]
pub(super) struct Several<T>(Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Several<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = match Value::deserialize(deserializer)? {
            Value::Array(values) => values,
            value => vec![value],
        };
        Ok(Self(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect()))
    }
}

/// Text, or a number written as text.
#[derive(Clone, Debug)]
pub(super) struct Loose(String);

/// A text that may be missing.
pub(super) type Text = Maybe<Loose>;

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("neither text nor a number")),
        }
    }
}

impl Maybe<Loose> {
    /// The text, unless it is missing or empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_ref().map(|text| text.0.as_str()).filter(|text| !text.trim().is_empty())
    }

    /// As [`Self::get`], for keeps.
    pub(super) fn owned(&self) -> Option<String> {
        self.get().map(str::to_owned)
    }

    /// The text as a number.
    pub(super) fn number<N: std::str::FromStr>(&self) -> Option<N> {
        self.get()?.trim().parse().ok()
    }

    /// The moment it tells: seconds or milliseconds since 1970, or RFC 3339.
    pub(super) fn moment(&self) -> Option<DateTime<Utc>> {
        let text = self.get()?.trim();
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        match whole.parse::<i64>() {
            Ok(number) if number.abs() > SECONDS_AT_MOST => DateTime::from_timestamp_millis(number),
            Ok(number) => DateTime::from_timestamp(number, 0),
            Err(_) => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Thing {
        id: Text,
        at: Text,
        parts: Several<Thing>,
        inner: Maybe<Box<Thing>>,
    }

    #[test]
    fn a_field_of_another_shape_costs_only_itself() {
        let thing: Thing = serde_json::from_str(
            r#"{"id": 12, "at": {"no": "moment"}, "parts": [3, {"id": "a"}, null], "inner": "none", "more": 1}"#,
        )
        .unwrap();
        assert_eq!(thing.id.get(), Some("12"));
        assert_eq!(thing.at.get(), None);
        assert_eq!(thing.parts.iter().filter_map(|part| part.id.get()).collect::<Vec<_>>(), ["a"]);
        assert!(thing.inner.is_none());
    }

    #[test]
    fn moments_come_in_several_forms() {
        let moment =
            |json: &str| serde_json::from_str::<Text>(json).unwrap().moment().map(|at| at.timestamp());
        for json in
            ["\"1697043223\"", "1697043223", "1697043223.5", "1697043223000", "\"2023-10-11T16:53:43Z\""]
        {
            assert_eq!(moment(json), Some(1_697_043_223), "{json}");
        }
        assert_eq!(moment("\"yesterday\""), None);
    }
}
