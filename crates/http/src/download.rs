//! Files that came from outside, handed out so that none of them can run as a page of ours.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use coxswain_domain::attachment::AttachmentKind;
use coxswain_store::attachments::Attachment;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// A client's file, to be saved. Pictures and recordings say what they are, so that a page of ours can show them;
/// whatever else it is called, it is only bytes.
pub fn answer(file: File, attachment: &Attachment) -> Response {
    let mut response = Body::from_stream(ReaderStream::with_capacity(file, CHUNK)).into_response();
    let shown = matches!(attachment.kind, AttachmentKind::Image | AttachmentKind::Audio);
    let mime = shown.then(|| HeaderValue::from_str(&attachment.mime).ok()).flatten();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        mime.unwrap_or_else(|| HeaderValue::from_static("application/octet-stream")),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(attachment.bytes));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&attachment.name));
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, max-age=600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// `attachment` with the file's own name, in ASCII and in full (RFC 6266).
pub fn disposition(name: &str) -> HeaderValue {
    let ascii: String = name
        .chars()
        .map(
            |char| if char.is_ascii_graphic() && !"\"\\%".contains(char) || char == ' ' { char } else { '_' },
        )
        .collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            full.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(full, "%{byte:02X}");
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{full}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let value = disposition("Übung \"1\"\r\n.pdf");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"_bung _1___.pdf\"; filename*=UTF-8''%C3%9Cbung%20%221%22%0D%0A.pdf"
        );
    }
}
