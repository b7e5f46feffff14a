//! Files, both ways.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Shared,
    answer::{Refused, no_object, parameter},
    state::Stored,
};

/// `POST /{number}/media`.
pub(super) async fn upload(
    shared: &Arc<Shared>,
    number: &str,
    token: &str,
    request: Request,
) -> Result<Value, Refused> {
    shared.state.lock().owned(number, token)?;
    let unreadable = || parameter("The parameter file is required.");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let (mut product, mut file, mut mime) = (String::new(), None, None);
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        match part.name().unwrap_or_default() {
            "messaging_product" => product = part.text().await.map_err(|_| unreadable())?,
            "type" => mime = Some(part.text().await.map_err(|_| unreadable())?),
            "file" => {
                mime = mime.or_else(|| part.content_type().map(str::to_owned));
                file = Some(part.bytes().await.map_err(|_| unreadable())?);
            }
            _ => {}
        }
    }
    if product != "whatsapp" {
        return Err(parameter("The parameter messaging_product is required."));
    }
    let bytes = file.ok_or_else(unreadable)?.to_vec();
    let mime = mime.ok_or_else(|| parameter("The parameter type is required."))?;
    Ok(json!({ "id": shared.store(number, &mime, bytes) }))
}

/// `GET /{media}`: where a file is to be fetched.
pub(super) fn view(base: &str, id: &str, file: &Stored) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "url": format!("{base}/v0.0/{id}/file"),
        "mime_type": file.mime,
        "sha256": hex::encode(Sha256::digest(&file.bytes)),
        "file_size": file.bytes.len().to_string(),
        "id": id,
    })
}

/// The file itself, for the number it was sent to.
pub(super) fn download(shared: &Shared, id: &str, token: &str) -> Response {
    let state = shared.state.lock();
    match state.files.get(id).filter(|file| state.owned(&file.number, token).is_ok()) {
        Some(file) => ([(header::CONTENT_TYPE, file.mime.clone())], file.bytes.clone()).into_response(),
        None => no_object(id).into_response(),
    }
}

impl Shared {
    pub(super) fn store(&self, number: &str, mime: &str, bytes: Vec<u8>) -> String {
        let id = (Uuid::new_v4().as_u128() % 10_u128.pow(16)).to_string();
        let stored = Stored { number: number.to_owned(), mime: mime.to_owned(), bytes };
        self.state.lock().files.insert(id.clone(), stored);
        id
    }
}
