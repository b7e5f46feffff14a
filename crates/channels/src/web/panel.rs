use std::fmt::Write as _;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use coxswain_http::{PeerAddress, Result};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    account::Widget,
    assets::{self, PanelFiles, UNBUILT},
    config::WidgetConfig,
    origin,
    state::WidgetState,
};

/// What the loader tells the panel of the page it is on.
#[derive(Deserialize, IntoParams)]
pub(super) struct PanelQuery {
    /// The host page's origin.
    host: Option<String>,
    /// The language the page wants.
    lang: Option<String>,
    /// Present for the portal's preview, which only our own pages may show and which draws pictures not saved yet.
    preview: Option<String>,
}

/// What stands in the page for the panel to read, so that it need not ask first.
#[derive(Serialize)]
struct Boot<'a> {
    key: &'a str,
    host: Option<&'a str>,
    lang: Option<&'a str>,
    config: WidgetConfig,
}

/// The page inside the widget's frame. Browsers show it on the allowed origins and our own only.
#[utoipa::path(
    get, path = "/w/{key}/panel", tag = "widget",
    params(("key" = String, Path, description = "The widget's public key."), PanelQuery),
    responses(
        (status = 200, description = "The panel.", content_type = "text/html"),
        (status = 404, description = "There is no such widget; no page may frame the answer.", content_type = "text/html"),
    )
)]
pub(super) async fn panel(
    State(state): State<WidgetState>,
    Path(key): Path<String>,
    Query(query): Query<PanelQuery>,
    PeerAddress(address): PeerAddress,
) -> Result<Response> {
    state.limits.request(address)?;
    let widget = match Widget::find(&state, &key).await {
        Ok(widget) => widget,
        Err(problem) if problem.status == StatusCode::NOT_FOUND => {
            return Ok(page(
                StatusCode::NOT_FOUND,
                notice("There is no such chat."),
                &policy("'none'", None),
            ));
        }
        Err(problem) => return Err(problem),
    };
    let allowed = origin::allowed(&widget.account);
    let policy = if query.preview.is_some() {
        policy("'self'", Some("https:"))
    } else {
        // Our own pages may show it too.
        let ancestors = allowed.iter().fold("'self'".to_owned(), |list, origin| list + " " + origin);
        let picture = widget.account.settings.picture_url.as_deref().and_then(origin::canonical);
        policy(&ancestors, picture.as_deref())
    };
    let Some(files) = assets::panel_files() else {
        return Ok(page(StatusCode::SERVICE_UNAVAILABLE, notice(UNBUILT), &policy));
    };
    // The panel speaks to no other page than one that may show it.
    let host = query.host.as_deref().filter(|host| allowed.iter().any(|origin| origin == host));
    let boot = Boot { key: &key, host, lang: query.lang.as_deref(), config: WidgetConfig::of(&widget) };
    let html = document(&widget.name, &files, &serde_json::to_string(&boot).unwrap_or_default());
    Ok(page(StatusCode::OK, html, &policy))
}

fn policy(ancestors: &str, picture: Option<&str>) -> String {
    let pictures = picture.unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: {pictures}; \
         base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
}

fn page(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = (status, Html(html)).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn document(name: &str, files: &PanelFiles, boot: &str) -> String {
    let mut styles = String::new();
    for style in &files.styles {
        // Writing to a String cannot fail.
        let _ = write!(styles, "<link rel=\"stylesheet\" href=\"/w/{style}\">");
    }
    // Inside a script element only `<` could end it.
    let boot = boot.replace('<', "\\u003c");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1,viewport-fit=cover,interactive-widget=resizes-content\">\
         <meta name=\"robots\" content=\"noindex\">{styles}\
         <script type=\"application/json\" id=\"coxswain-boot\">{boot}</script>\
         <script type=\"module\" src=\"/w/{script}\"></script></head>\
         <body><div id=\"app\"></div><noscript>This chat needs JavaScript.</noscript></body></html>",
        title = escape(name),
        script = files.script,
    )
}

fn notice(sentence: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Chat</title></head><body><p>{}</p></body></html>",
        escape(sentence)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_creator_writes_cannot_leave_its_place() {
        let files = PanelFiles { script: "assets/a.js".into(), styles: vec!["assets/a.css".into()] };
        let hostile = "</script><script>alert(1)</script>";
        let boot = serde_json::to_string(&[hostile]).unwrap();
        let html = document("</title><script>alert(2)</script>", &files, &boot);
        assert_eq!(html.matches("<script").count(), 2, "{html}");
        assert_eq!(html.matches("</script").count(), 2, "{html}");
        let (_, rest) = html.split_once("coxswain-boot\">").unwrap();
        let (written, _) = rest.split_once("</script>").unwrap();
        assert_eq!(serde_json::from_str::<Vec<String>>(written).unwrap(), [hostile]);
    }
}
