use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use coxswain_domain::{
    attachment::AttachmentKind,
    channel::{ChannelKind, IdentityMode},
};
use coxswain_http::{Json, PeerAddress, Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    account::Widget,
    origin::{self, From},
    state::WidgetState,
};

/// What everybody may know of a widget.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WidgetConfig {
    /// The name in the panel's header.
    name: String,
    /// The first thing a client reads.
    greeting: String,
    /// Up to three questions people really ask.
    questions: Vec<String>,
    /// Accent colour, `#rrggbb`.
    accent: String,
    /// `right` or `left`.
    position: String,
    /// `auto`, `light` or `dark`.
    theme: String,
    /// `auto` or a BCP 47 tag.
    locale: String,
    /// A picture for the header.
    picture_url: Option<String>,
    /// Whether clients are offered check-ins.
    check_ins_offered: bool,
    /// Kinds of file that clients may send; none: they may send no files.
    attachments: Vec<AttachmentKind>,
    /// Whether clients may write now.
    available: bool,
    /// Whether the host page says who its clients are.
    identity: IdentityMode,
    /// Messengers on which the coach can be reached too.
    elsewhere: Vec<ChannelKind>,
}

impl WidgetConfig {
    pub(super) fn of(widget: &Widget) -> Self {
        let settings = &widget.account.settings;
        Self {
            name: widget.name.clone(),
            greeting: settings.greeting.clone(),
            questions: settings.questions.iter().take(3).cloned().collect(),
            accent: settings.accent.clone(),
            position: settings.position.clone(),
            theme: settings.theme.clone(),
            locale: settings.locale.clone(),
            picture_url: settings.picture_url.clone(),
            check_ins_offered: settings.check_ins_offered,
            attachments: settings.sendable().to_vec(),
            available: widget.account.enabled,
            identity: settings.identity,
            elsewhere: widget.elsewhere.clone(),
        }
    }
}

/// What the loader needs to draw the launcher. Pages of other than the allowed origins get 403.
#[utoipa::path(
    get, path = "/w/{key}/config", tag = "widget", params(("key" = String, Path, description = "The widget's public key.")),
    responses(
        (status = 200, body = WidgetConfig),
        (status = 403, description = "The page's origin is not allowed.", body = Problem),
        (status = 404, description = "There is no such widget.", body = Problem),
    )
)]
pub(super) async fn config(
    State(state): State<WidgetState>,
    Path(key): Path<String>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
) -> Result<Response> {
    state.limits.request(address)?;
    let widget = Widget::find(&state, &key).await?;
    let page = match origin::made_by(&state, &headers) {
        From::Us => None,
        From::Page(page) if origin::allowed(&widget.account).iter().any(|allowed| allowed == page) => {
            Some(page)
        }
        From::Page(_) | From::Unknown => {
            let mut refusal =
                Problem::forbidden("This page's origin is not among the widget's allowed origins.")
                    .into_response();
            refusal.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
            return Ok(refusal);
        }
    };
    let mut response = Json(WidgetConfig::of(&widget)).into_response();
    let answer = response.headers_mut();
    answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    if let Some(page) = page.and_then(|page| HeaderValue::from_str(page).ok()) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
    }
    Ok(response)
}
