//! Parameters of a call, in any of the ways the Bot API takes them.

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use serde_json::{Map, Value};

use super::answer::{Refused, bad};

/// Parameters by name. Forms carry strings, so numbers and objects may be strings too.
#[derive(Default)]
pub(super) struct Params(pub(super) Map<String, Value>);

impl Params {
    /// Reads the query and the body, whatever kind it is.
    pub(super) async fn read(request: Request) -> Result<Self, Refused> {
        let mut params = Self::default();
        params.form(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        if kind.starts_with("multipart/form-data") {
            let parts = Multipart::from_request(request, &()).await;
            params.multipart(parts.map_err(|_| unreadable())?).await?;
            return Ok(params);
        }
        let body = Bytes::from_request(request, &()).await.map_err(|_| unreadable())?;
        if kind.starts_with("application/json") && !body.is_empty() {
            let object: Map<String, Value> =
                serde_json::from_slice(&body).map_err(|_| bad("can't parse JSON object"))?;
            params.0.extend(object);
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            params.form(&body);
        }
        Ok(params)
    }

    fn form(&mut self, text: &[u8]) {
        for pair in text.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            self.0.insert(name, Value::String(value));
        }
    }

    async fn multipart(&mut self, mut parts: Multipart) -> Result<(), Refused> {
        while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
            let Some(name) = part.name().map(str::to_owned) else { continue };
            let text = part.text().await.map_err(|_| unreadable())?;
            self.0.insert(name, Value::String(text));
        }
        Ok(())
    }

    /// A text; empty when absent.
    pub(super) fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A yes or no.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "true" | "True" | "1")
    }

    /// An object or a list, as itself or as JSON in a string; `Null` when absent.
    pub(super) fn value(&self, name: &str) -> Result<Value, Refused> {
        match self.0.get(name) {
            Some(Value::String(text)) if text.is_empty() => Ok(Value::Null),
            Some(Value::String(text)) => {
                serde_json::from_str(text).map_err(|_| bad(&format!("can't parse {name} JSON object")))
            }
            Some(value) => Ok(value.clone()),
            None => Ok(Value::Null),
        }
    }
}

fn unreadable() -> Refused {
    bad("can't read the request")
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut place = 0;
    while place < text.len() {
        let hex = text.get(place + 1..place + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (text[place], hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                place += 2;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        place += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
