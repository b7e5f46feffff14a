//! Pages of lists: `?limit=&cursor=` in, `{"items": […], "next_cursor": …}` out.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use coxswain_store::page::{Cursor, Listed, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Problem;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 100;

/// Which page is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items at most, 1 to 100; 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// What to ask the store for.
    pub fn page(&self) -> Result<Page, Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::invalid("/limit", "Use a limit from 1 to 100."));
        }
        let after = self.cursor.as_deref().map(|text| {
            decode(text).ok_or_else(|| {
                Problem::invalid("/cursor", "Use the next_cursor of the page before, unchanged.")
            })
        });
        Ok(Page { limit, after: after.transpose()? })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Query::<Self>::try_from_uri(&parts.uri)
            .map(|Query(query)| query)
            .map_err(|rejection| Problem::invalid("", rejection.body_text()))
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageOf<T> {
    /// The items, newest first unless said otherwise.
    pub items: Vec<T>,
    /// Asks for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> From<Listed<T>> for PageOf<T> {
    fn from(listed: Listed<T>) -> Self {
        Self { items: listed.items, next_cursor: listed.next.map(encode) }
    }
}

fn encode(cursor: Cursor) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&cursor.at.timestamp_micros().to_be_bytes());
    bytes[8..].copy_from_slice(cursor.id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Cursor> {
    let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (micros, id) = bytes.split_at(8);
    Some(Cursor {
        at: DateTime::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?,
        id: Uuid::from_slice(id).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor {
            at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            id: Uuid::from_u128(7),
        };
        assert_eq!(decode(&encode(cursor)), Some(cursor));
        assert_eq!(decode("nonsense"), None);
    }
}
