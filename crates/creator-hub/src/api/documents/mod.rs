//! Documents: what a creator knows, and how far each has been read.

mod change;
mod events;
mod files;
mod from_url;
mod parts;
mod read;
mod remove;
mod sample;
mod upload;
mod versions;
mod view;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use remove::discard_files;
pub(super) use view::DocumentView;

use crate::HubState;

/// The endpoints about documents.
pub(super) fn router() -> OpenApiRouter<HubState> {
    OpenApiRouter::new()
        .routes(routes!(read::list, upload::create))
        .routes(routes!(from_url::create))
        .routes(routes!(events::events))
        .routes(routes!(read::get, change::change, remove::remove))
        .routes(routes!(versions::list, upload::add_version))
        .routes(routes!(versions::retry))
        .routes(routes!(parts::list))
        .routes(routes!(files::page))
        .routes(routes!(files::original))
        .routes(routes!(sample::load))
        // Uploads have their own, larger ceiling; JSON bodies are far below axum's.
        .layer(axum::extract::DefaultBodyLimit::disable())
}
