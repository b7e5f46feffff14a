//! The widget on a creator's web page: its files, and the API its panel speaks.
//!
//! The loader runs on the host page and may read the public configuration from allowed origins only.
//! The panel is a page of ours in a frame; browsers show it only where `frame-ancestors` lets them,
//! and its API takes no request that another origin's page could have made.

mod account;
mod assets;
mod attachments;
mod begin;
mod carried;
mod config;
mod consent;
mod conversation;
mod events;
mod feedback;
mod identity;
mod limits;
mod links;
mod messages;
mod origin;
mod panel;
mod presence;
mod session;
mod state;
mod transcript;
mod view;

pub use limits::{Quota, Quotas};
pub use state::WidgetState;

use tower_http::compression::CompressionLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    modifiers(&Security),
    tags((name = "widget", description = "What the widget on a creator's page speaks."))
)]
struct Doc;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("widget_session", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Everything under `/w`, with its part of the OpenAPI document.
pub fn router(state: WidgetState) -> OpenApiRouter {
    // The size that counts is the one that travels. Event streams are left alone.
    routes().layer(CompressionLayer::new()).with_state(state)
}

/// The part of the OpenAPI document about the widget.
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<WidgetState> {
    OpenApiRouter::with_openapi(Doc::openapi())
        .routes(routes!(assets::loader))
        .routes(routes!(assets::asset))
        .routes(routes!(panel::panel))
        .routes(routes!(config::config))
        .routes(routes!(begin::create))
        .routes(routes!(begin::end))
        .routes(routes!(conversation::read))
        .routes(routes!(conversation::seen))
        .routes(routes!(transcript::transcript))
        .routes(routes!(presence::want_human))
        .routes(routes!(feedback::give))
        .routes(routes!(links::create))
        .routes(routes!(links::redeem))
        .routes(routes!(attachments::receive, attachments::fetch, attachments::discard))
        .routes(routes!(messages::send))
        .routes(routes!(messages::cancel))
        .routes(routes!(events::stream))
        .routes(routes!(consent::put))
}
