//! The HTTP API of the portal and of integrators, and the portal itself.
//!
//! Each endpoint is a function in `api`, with its request and response types beside it; [`router`]
//! collects them with their OpenAPI description. The extractor an endpoint takes is the right it
//! asks for: [`auth`] has them.

mod api;
pub mod auth;
pub mod erase;
pub mod fetch;
mod idempotency;
pub mod mail;
pub mod messengers;
mod portal;
mod state;
pub mod suggest;
pub mod webhooks;

use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use portal::portal;
pub use state::{
    ChatModelStatus, Component, EmbeddingStatus, HealthSource, HubLimits, HubParts, HubState, PageError,
    PageRenderer, SocketLimits, Sockets, Status,
};

/// Every endpoint under `/api/v1`, with its description.
pub fn router(state: HubState) -> OpenApiRouter {
    api::router().with_state(state)
}

/// The description of the API, as `/api/v1/openapi.json` serves it.
pub fn openapi() -> OpenApi {
    api::router().into_openapi()
}
