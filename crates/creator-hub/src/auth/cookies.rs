//! The portal's session cookies, and the proof that a request came from the portal itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use coxswain_http::{Problem, Result};
use url::Url;

use super::tokens::{ACCESS, REFRESH};

const ACCESS_COOKIE: &str = "cx_access";
const REFRESH_COOKIE: &str = "cx_refresh";
/// The refresh token travels only to where it is used.
const REFRESH_PATH: &str = "/api/v1/auth";

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

/// The access token of the portal's session.
pub(crate) fn access(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, ACCESS_COOKIE)
}

/// The refresh token of the portal's session.
pub(crate) fn refresh(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, REFRESH_COOKIE)
}

/// Whether the browser speaks to us by https: a proxy says so, or the page it shows.
fn secure(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    text(&HeaderName::from_static("x-forwarded-proto")) == Some("https")
        || text(&header::ORIGIN).is_some_and(|origin| origin.starts_with("https://"))
}

fn set(name: &str, value: &str, path: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()
}

/// The cookies of a session. `None` for both tokens ends it.
pub(crate) fn issue(request: &HeaderMap, tokens: Option<(&str, &str)>) -> HeaderMap {
    let secure = secure(request);
    let (access, refresh, access_for, refresh_for) = match tokens {
        Some((access, refresh)) => (access, refresh, ACCESS.num_seconds(), REFRESH.num_seconds()),
        None => ("", "", 0, 0),
    };
    let mut headers = HeaderMap::new();
    for value in [
        set(ACCESS_COOKIE, access, "/", access_for, secure),
        set(REFRESH_COOKIE, refresh, REFRESH_PATH, refresh_for, secure),
    ] {
        headers.extend(value.map(|value| (header::SET_COOKIE, value)));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}

/// Refuses a request that changes something, carries our cookies and may have been made by another site.
pub(crate) fn check_same_site(method: &Method, headers: &HeaderMap) -> Result<()> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text("origin")
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, host)| text("host") == Some(host)),
    };
    // Another site cannot set this header without asking us first, and we never allow it.
    if ours && text("x-requested-with") == Some("coxswain") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "This request did not come from the portal's own page. Reload the page and try again.",
    ))
}

/// Refuses a socket that another site may have opened: browsers send our cookies along with those too, and no
/// other rule of theirs applies. Its `Origin` is exactly where browsers reach this server: as configured, or else
/// the host the request was sent to.
pub(crate) fn check_origin(headers: &HeaderMap, public_url: Option<&str>) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text("origin").unwrap_or_default();
    let configured = public_url.and_then(|url| url.parse::<Url>().ok()).map(|url| url.origin());
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let reached = text("host").map(|host| format!("{scheme}://{host}"));
    if configured.is_some_and(|ours| ours.ascii_serialization() == origin)
        || reached.as_deref() == Some(origin)
    {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_origin",
        "This socket was not opened by the portal's own page. Programs send an API key as a bearer token.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_page_may_change_things_by_cookie() {
        let from =
            |pairs: &[(&'static str, &'static str)]| check_same_site(&Method::POST, &headers(pairs)).is_ok();
        let ours = ("x-requested-with", "coxswain");
        assert!(from(&[("sec-fetch-site", "same-origin"), ours]));
        assert!(!from(&[("sec-fetch-site", "same-origin")]));
        assert!(!from(&[("sec-fetch-site", "cross-site"), ours]));
        assert!(!from(&[("sec-fetch-site", "same-site"), ours]));
        assert!(from(&[("origin", "http://hub.test:8080"), ("host", "hub.test:8080"), ours]));
        assert!(!from(&[("origin", "http://evil.test"), ("host", "hub.test"), ours]));
        assert!(!from(&[("origin", "null"), ("host", "hub.test"), ours]));
        assert!(!from(&[ours]));
        assert!(check_same_site(&Method::GET, &headers(&[])).is_ok());
    }

    #[test]
    fn only_our_own_page_may_open_a_socket_by_cookie() {
        let from = |origin: &'static str, public: Option<&str>| {
            let sent = [("origin", origin), ("host", "10.0.0.7:8080")];
            check_origin(&headers(&sent), public).is_ok()
        };
        let public = Some("https://hub.test/");
        assert!(from("http://10.0.0.7:8080", None));
        assert!(from("https://hub.test", public));
        for wrong in [
            "https://10.0.0.7:8080",
            "http://10.0.0.7",
            "http://hub.test",
            "https://hub.test.evil.test",
            "null",
            "",
        ] {
            assert!(!from(wrong, public), "{wrong}");
        }
        assert!(!from("https://hub.test", None));
        let behind = [("x-forwarded-proto", "https"), ("host", "hub.test"), ("origin", "https://hub.test")];
        assert!(check_origin(&headers(&behind), None).is_ok());
        assert!(check_origin(&headers(&[("host", "hub.test")]), public).is_err(), "no browser opened it");
    }

    #[test]
    fn cookies_are_found_among_others_and_secure_over_https() {
        let request = headers(&[("cookie", "theme=dark; cx_access=a.b.c; cx_refresh=")]);
        assert_eq!(access(&request), Some("a.b.c"));
        assert_eq!(refresh(&request), None);
        let set = |request: &HeaderMap| {
            issue(request, Some(("a", "r")))
                .get_all(header::SET_COOKIE)
                .iter()
                .map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert!(
            set(&request)
                .iter()
                .all(|cookie| cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"))
        );
        assert!(
            set(&headers(&[("x-forwarded-proto", "https")]))
                .iter()
                .all(|cookie| cookie.ends_with("; Secure"))
        );
    }
}
