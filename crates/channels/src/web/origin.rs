use axum::http::{HeaderMap, header};
use coxswain_http::{Problem, Result};
use coxswain_store::channel_accounts::ChannelAccount;
use url::Url;

use super::state::WidgetState;

/// An origin as browsers write it, or nothing when the text is none. Only characters that can stand in
/// a `Content-Security-Policy` pass, so that a setting cannot add directives of its own.
pub(super) fn canonical(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-[]_".contains(&byte);
    origin.bytes().all(harmless).then_some(origin)
}

/// Where this widget may be shown.
pub(super) fn allowed(account: &ChannelAccount) -> Vec<String> {
    account.settings.allowed_origins.iter().filter_map(|text| canonical(text)).collect()
}

/// What a request says of where it was made.
pub(super) enum From<'a> {
    /// By a page of ours, or by no page at all (another program).
    Us,
    /// By a page of this origin.
    Page(&'a str),
    /// By some other page that does not say which.
    Unknown,
}

/// Reads where a request was made. A browser cannot be made to lie in these headers by a page.
pub(super) fn made_by<'a>(state: &WidgetState, headers: &'a HeaderMap) -> From<'a> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    if matches!(site, Some("same-origin" | "none")) {
        return From::Us;
    }
    match text("origin") {
        Some("null") => From::Unknown,
        Some(origin) if site.is_none() && is_ours(state, headers, origin) => From::Us,
        Some(origin) => From::Page(origin),
        None if site.is_none() => From::Us,
        None => From::Unknown,
    }
}

/// For browsers too old, or connections too plain, for `Sec-Fetch-Site`.
fn is_ours(state: &WidgetState, headers: &HeaderMap, origin: &str) -> bool {
    if state.own_origin.as_deref() == Some(origin) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let (_scheme, authority) = origin.split_once("://").unwrap_or(("", ""));
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// 403 for what a page of another origin sends: the panel's API is for the panel.
pub(super) fn only_us(state: &WidgetState, headers: &HeaderMap) -> Result<()> {
    match made_by(state, headers) {
        From::Us => Ok(()),
        From::Page(_) | From::Unknown => {
            Err(Problem::forbidden("This address answers the chat panel only, not pages of other origins."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, origin) in [
            ("https://Coach.Example/", "https://coach.example"),
            (" https://coach.example:443/a?b#c ", "https://coach.example"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(origin), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_origin_allows_nothing() {
        for text in [
            "",
            "*",
            "null",
            "coach.example",
            "https://*.example",
            "https://a;script-src.example",
            "https://a,b.example",
            "https://a'b.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
