//! Which object is called, and by whom.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Path, Query, Request, State as Extract},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Shared,
    answer::{Refused, bad_token, no_object, parameter},
    media, send,
    state::{Call, State},
    templates,
};
use crate::faults::{Fault, spoil};

pub(super) async fn unknown() -> Refused {
    no_object("")
}

/// `GET /v26.0/{id}`: a number, a business account or a file.
pub(super) async fn object(
    Extract(shared): Extract<Arc<Shared>>,
    Path((version, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let fault = shared.faults.draw("object", false);
    let result = match &fault {
        Some(fault) if fault.refuses() => Err(Refused::by(fault)),
        _ => caller(&shared, &version, &request).and_then(|who| {
            let state = shared.state.lock();
            match *request.method() {
                Method::GET => state.describe(&shared.base, &id, &who),
                _ => Err(no_object(&id)),
            }
        }),
    };
    let status = result.as_ref().map_or_else(|refused| refused.status, |_| 200);
    let answer_lost = false;
    let call = Call { object: id, edge: String::new(), body: Value::Null, status, answer_lost };
    shared.state.lock().calls.push(call);
    shared.touch();
    spoil(fault, respond(result)).await
}

/// `/v26.0/{id}/{edge}`: what belongs to an object.
pub(super) async fn edge(
    Extract(shared): Extract<Arc<Shared>>,
    Path((version, id, edge)): Path<(String, String, String)>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let who = match caller(&shared, &version, &request) {
        Ok(who) => who,
        Err(refused) => return refused.into_response(),
    };
    if edge == "file" && request.method() == Method::GET {
        return media::download(&shared, &id, &who);
    }
    if edge == "media" && request.method() == Method::POST {
        return respond(media::upload(&shared, &id, &who, request).await);
    }
    let method = request.method().clone();
    let headers = request.headers().clone();
    let Ok(bytes) = Bytes::from_request(request, &()).await else {
        return parameter("The request cannot be read").into_response();
    };
    let body = if bytes.is_empty() { Ok(Value::Null) } else { read(&headers, &bytes) };
    let fault = shared.faults.draw(&edge, edge == "messages");
    let result = match (&fault, &body) {
        (Some(fault), _) if fault.refuses() => Err(Refused::by(fault)),
        (_, Err(refused)) => Err(refused.clone()),
        (_, Ok(body)) => run(&shared, &who, (&method, &version, &id, &edge), &query, body),
    };
    let status = result.as_ref().map_or_else(|refused| refused.status, |_| 200);
    let answer_lost = status == 200 && matches!(fault, Some(Fault::LostAnswer { .. } | Fault::BrokenJson));
    let call = Call { object: id, edge, body: body.unwrap_or_default(), status, answer_lost };
    shared.state.lock().calls.push(call);
    shared.touch();
    spoil(fault, respond(result)).await
}

fn run(
    shared: &Shared,
    who: &str,
    (method, version, id, edge): (&Method, &str, &str, &str),
    query: &HashMap<String, String>,
    body: &Value,
) -> Result<Value, Refused> {
    let get = method == Method::GET;
    match edge {
        "messages" if !get => {
            shared.state.lock().owned(id, who)?;
            send::messages(shared, id, body)
        }
        "message_templates" if get => {
            let state = shared.state.lock();
            state.owned_business(id, who)?;
            Ok(templates::list(&state, &format!("{}/{version}", shared.base), id, query))
        }
        "subscribed_apps" => {
            shared.state.lock().owned_business(id, who)?;
            Ok(if get { json!({ "data": [] }) } else { json!({ "success": true }) })
        }
        "phone_numbers" if get => {
            let state = shared.state.lock();
            state.owned_business(id, who)?;
            let own = state.numbers.iter().filter(|(_, number)| number.business == id);
            let data: Vec<Value> = own.map(|(id, _)| state.number_view(id)).collect();
            Ok(json!({ "data": data }))
        }
        _ => Err(no_object(id)),
    }
}

fn respond(result: Result<Value, Refused>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(refused) => refused.into_response(),
    }
}

fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(parameter("The parameter messaging_product is required."));
    }
    serde_json::from_slice(bytes).map_err(|_| parameter("Invalid JSON in the request body"))
}

/// The bearer token of a call, if there is such a one. A version has to be named.
fn caller(shared: &Shared, version: &str, request: &Request) -> Result<String, Refused> {
    if version.strip_prefix('v').is_none_or(|number| number.parse::<f32>().is_err()) {
        return Err(no_object(version));
    }
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    let state = shared.state.lock();
    let known = state.numbers.values().any(|number| number.token == token);
    if known { Ok(token.to_owned()) } else { Err(bad_token()) }
}

impl State {
    /// Refuses numbers that are not this token's.
    pub(super) fn owned(&self, number: &str, token: &str) -> Result<(), Refused> {
        let own = self.numbers.get(number).is_some_and(|number| number.token == token);
        if own { Ok(()) } else { Err(no_object(number)) }
    }

    fn owned_business(&self, business: &str, token: &str) -> Result<(), Refused> {
        let own = self.numbers.values().any(|number| number.business == business && number.token == token);
        if own { Ok(()) } else { Err(no_object(business)) }
    }

    fn describe(&self, base: &str, id: &str, token: &str) -> Result<Value, Refused> {
        if self.owned(id, token).is_ok() {
            return Ok(self.number_view(id));
        }
        if self.owned_business(id, token).is_ok() {
            return Ok(json!({ "id": id, "name": "Business", "currency": "EUR", "timezone_id": "1" }));
        }
        let file = self.files.get(id).ok_or_else(|| no_object(id))?;
        self.owned(&file.number, token).map_err(|_| no_object(id))?;
        Ok(media::view(base, id, file))
    }

    fn number_view(&self, id: &str) -> Value {
        let number = self.numbers.get(id);
        json!({
            "verified_name": number.map(|number| &number.name),
            "code_verification_status": "VERIFIED",
            "display_phone_number": number.map(|number| &number.display),
            "quality_rating": "GREEN",
            "messaging_limit_tier": "TIER_2K",
            "platform_type": "CLOUD_API",
            "throughput": { "level": "STANDARD" },
            "id": id,
        })
    }
}
