//! Files people sent, for bots to fetch.

use std::sync::Arc;

use axum::{
    extract::{Path, State as Extract},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Shared,
    answer::{Refused, bad, plain},
    params::Params,
};

/// What bots may fetch, at most; larger files have no path.
const LARGEST: usize = 20 << 20;

/// `getFile`.
pub(super) fn get_file(shared: &Shared, bot: i64, params: &Params) -> Result<Value, Refused> {
    let id = params.text("file_id");
    let state = shared.state.lock();
    let file = state.files.get(&id).filter(|file| file.bot == bot);
    let file = file.ok_or_else(|| bad("wrong file_id or the file is temporarily unavailable"))?;
    if file.bytes.len() > LARGEST {
        return Err(bad("file is too big"));
    }
    Ok(json!({ "file_id": id, "file_unique_id": id, "file_size": file.bytes.len(), "file_path": file.path }))
}

/// `/file/bot<token>/<path>`.
pub(super) async fn download(
    Extract(shared): Extract<Arc<Shared>>,
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    let token = bot.strip_prefix("bot").unwrap_or_default();
    let state = shared.state.lock();
    let Some((&id, _)) = state.bots.iter().find(|(_, it)| it.token == token && !it.revoked) else {
        return plain(401, "Unauthorized").into_response();
    };
    match state.files.values().find(|file| file.bot == id && file.path == path) {
        Some(file) => file.bytes.clone().into_response(),
        None => plain(404, "Not Found").into_response(),
    }
}
