//! What every HTTP surface of Coxswain shares, so that the portal's API and the widget's behave alike.

pub mod download;
pub mod events;
mod json;
mod layers;
mod page;
mod problem;
mod rate;

pub use json::Json;
pub use layers::{request_id, with_layers};
pub use page::{PageOf, PageQuery};
pub use problem::{FieldError, Problem};
pub use rate::{Limiter, PeerAddress};

/// What handlers return.
pub type Result<T, E = Problem> = std::result::Result<T, E>;
