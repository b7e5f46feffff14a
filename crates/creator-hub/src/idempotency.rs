//! `Idempotency-Key`: a POST that is sent again answers what it answered the first time.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use coxswain_domain::CreatorId;
use coxswain_http::{Problem, Result};
use coxswain_store::{
    Db, Tx,
    idempotency::{self, Answer},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes a key may have.
const MAX_KEY: usize = 200;

/// The request's `Idempotency-Key`, if it carries one.
#[derive(Clone, Debug)]
pub(crate) struct Key(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if !key.is_empty() && key.len() <= MAX_KEY => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "bad_idempotency_key",
                format!("Use an Idempotency-Key of 1 to {MAX_KEY} visible characters."),
            )),
        }
    }
}

impl Key {
    /// The key as the sender's own id of a message: itself where it is a UUID, else made from it.
    pub(crate) fn as_uuid(&self) -> Option<Uuid> {
        let key = self.0.as_deref()?;
        Some(key.parse().unwrap_or_else(|_| {
            let digest = Sha256::digest(key.as_bytes());
            Uuid::from_slice(&digest[..16]).unwrap_or_default()
        }))
    }

    /// One request under this key. `content` is all that makes it this request and no other.
    pub(crate) fn request(
        &self,
        creator: CreatorId,
        endpoint: &'static str,
        content: &impl Serialize,
    ) -> Result<Request> {
        let content = serde_json::to_vec(content).map_err(|error| Problem::internal(&error))?;
        let hash = Sha256::digest(&content).to_vec();
        Ok(Request { creator, endpoint, key: self.0.clone(), hash })
    }
}

/// A request that may be a repeat.
#[derive(Debug)]
pub(crate) struct Request {
    creator: CreatorId,
    endpoint: &'static str,
    key: Option<String>,
    hash: Vec<u8>,
}

impl Request {
    /// What the request was answered before, if it was.
    pub(crate) async fn answered(&self, db: &Db) -> Result<Option<Response>> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        let mut tx = db.read(self.creator).await?;
        let Some(answer) = idempotency::get(&mut tx, self.creator, self.endpoint, key).await? else {
            return Ok(None);
        };
        if answer.request_hash != self.hash {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used for a different request. Use a new one.",
            ));
        }
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        let headers = [(header::CONTENT_TYPE, "application/json"), (REPLAYED, "true")];
        Ok(Some((status, headers, answer.body).into_response()))
    }

    /// Keeps the answer and commits the transaction that did what was asked.
    pub(crate) async fn commit(
        self,
        mut tx: Tx,
        now: DateTime<Utc>,
        status: StatusCode,
        body: &impl Serialize,
    ) -> Result<Response> {
        let body = serde_json::to_vec(body).map_err(|error| Problem::internal(&error))?;
        if let Some(key) = &self.key {
            let answer = Answer { request_hash: self.hash, status: status.as_u16(), body: body.clone() };
            if !idempotency::keep(&mut tx, now, self.creator, self.endpoint, key, &answer).await? {
                let mut problem = Problem::conflict(
                    "repeat_in_progress",
                    "The same request is being done right now. Send it again in a moment.",
                );
                problem.retry_after = Some(1);
                return Err(problem);
            }
        }
        tx.commit().await?;
        Ok((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
    }
}

/// Tells that an answer is the first one's, given again.
const REPLAYED: header::HeaderName = header::HeaderName::from_static("idempotent-replayed");
