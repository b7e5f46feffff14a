//! JSON bodies, read strictly: a wrong or unknown field is named by its pointer.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_path_to_error::Segment;

use crate::Problem;

/// A JSON request body, or a JSON response.
///
/// Request types carry `#[serde(deny_unknown_fields)]`, so that a misspelt field is an error and not a silence.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        if !json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send the body as JSON, with Content-Type: application/json.",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            Problem::new(rejection.status(), "unreadable_body", rejection.body_text())
        })?;
        parse(&body).map(Self)
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// Reads what came otherwise than as a body, as strictly.
    pub fn read(text: &str) -> Result<T, Problem> {
        parse(text.as_bytes())
    }
}

/// Reads a value, pointing at what is wrong.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_syntax() || error.inner().is_eof() {
            return Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed_json",
                format!("The body is not JSON: {}.", error.inner()),
            );
        }
        let mut pointer: String = error.path().iter().map(segment).collect();
        let detail = error.inner().to_string();
        // serde names an unknown or missing field in its message, not in the path.
        if let Some(field) = ["unknown field `", "missing field `"]
            .iter()
            .find_map(|lead| detail.strip_prefix(lead)?.split('`').next())
            && !pointer.ends_with(&format!("/{field}"))
        {
            pointer = format!("{pointer}/{field}");
        }
        let sentence = detail.split(" at line ").next().unwrap_or(&detail);
        Problem::invalid(&pointer, sentence)
    })?;
    reader.end().map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_json",
            format!("The body holds more than one value: {error}."),
        )
    })?;
    Ok(value)
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        days: Vec<u8>,
    }

    fn pointer(body: &str) -> String {
        parse::<Outer>(body.as_bytes()).unwrap_err().errors[0].pointer.clone()
    }

    #[test]
    fn wrong_fields_are_named_by_pointer() {
        assert_eq!(pointer(r#"{"inner":{"days":[1,"x"]}}"#), "/inner/days/1");
        assert_eq!(pointer(r#"{"inner":{"days":[],"weeks":1}}"#), "/inner/weeks");
        assert_eq!(pointer(r#"{"inner":{}}"#), "/inner/days");
        assert_eq!(pointer("{}"), "/inner");
    }

    #[test]
    fn broken_json_is_a_400() {
        assert_eq!(parse::<Outer>(b"{").unwrap_err().status, 400);
        assert_eq!(parse::<Outer>(br#"{"inner":{"days":[]}} {}"#).unwrap_err().status, 400);
    }
}
