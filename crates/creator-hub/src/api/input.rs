//! Reading requests: ids in paths, versions to match, fields that may be null, texts within bounds.

use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use coxswain_domain::CreatorId;
use coxswain_http::{FieldError, Problem, Result};
use coxswain_store::{Tx, audit};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

/// The id at the end of a path. One that cannot be an id is one that does not exist.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = text.and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(|| Problem::not_found("thing"))
    }
}

/// Two ids in a path, the outer one first. Ones that cannot be ids are ones that do not exist.
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let ids = texts.and_then(|Path((outer, inner))| Some((outer.parse().ok()?, inner.parse().ok()?)));
        ids.map(|(outer, inner)| Self(outer, inner)).ok_or_else(|| Problem::not_found("thing"))
    }
}

/// The query of a request, with problems like everybody's.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|rejection| Problem::invalid("", rejection.body_text()))
    }
}

/// A field of a merge patch: absent (it stays), null (it is cleared) or a value.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(untagged)]
pub(crate) enum Given<T> {
    /// It stays.
    #[default]
    Absent,
    /// It becomes this, or nothing.
    To(Option<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::To)
    }
}

impl<T> Given<T> {
    /// The new value, or the old one where nothing was given.
    pub(crate) fn or(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Absent => old,
            Self::To(new) => new,
        }
    }
}

/// The version a change is based on, if its sender says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected(Option<i64>);

/// The version in `If-Match`, if there is one.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Expected> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(Expected(None));
    };
    let version = value.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse().ok());
    version.map(|version| Expected(Some(version))).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "bad_if_match", "Send If-Match: \"<version>\" as you read it.")
    })
}

impl Expected {
    /// 412 unless the thing still has this version, naming whoever last did `action` to `subject`.
    pub(crate) async fn check(
        self,
        tx: &mut Tx,
        creator: CreatorId,
        version: i64,
        (action, subject): (&str, Option<&str>),
    ) -> Result<()> {
        if self.0.is_none_or(|expected| expected == version) {
            return Ok(());
        }
        let who = audit::last_actor(tx, creator, action, subject).await?;
        Err(version_conflict(who.as_deref()))
    }
}

/// 412, naming who changed it meanwhile.
pub(crate) fn version_conflict(who: Option<&str>) -> Problem {
    let who = who.unwrap_or("Somebody");
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "version_conflict",
        format!(
            "{who} changed this meanwhile. Nothing of yours was saved: load it again and repeat your change."
        ),
    )
}

/// Collects what is wrong with a request, to tell all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes a wrong field unless `ok`.
    pub(crate) fn that(&mut self, ok: bool, pointer: &str, detail: impl Display) {
        if !ok {
            self.0.push(FieldError { pointer: pointer.to_owned(), detail: detail.to_string() });
        }
    }

    /// The text without space around it, which must then have 1 to `most` characters.
    pub(crate) fn text(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        self.that(!text.is_empty(), pointer, "This cannot be empty.");
        self.that(text.chars().count() <= most, pointer, format_args!("Use at most {most} characters."));
        text.to_owned()
    }

    /// Nothing is wrong, or a 422 that says what is.
    pub(crate) fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid_fields(self.0)) }
    }
}
