//! How the parts of a running system are doing.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// How one part is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// It works.
    Ok,
    /// The product works without it, with less.
    Degraded,
    /// The product does not work without it.
    Down,
}

/// One part of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Component {
    /// Its name: `database`, `index`, `embedding`, `parser`, `model`.
    pub name: String,
    /// How it is doing.
    pub status: HealthStatus,
    /// What is so, in a sentence.
    pub detail: String,
    /// What to do about it, if something is to be done.
    pub action: Option<String>,
}

/// Looks at each part.
#[async_trait]
pub trait HealthSource: Send + Sync {
    /// Every part, as it is now.
    async fn components(&self) -> Vec<Component>;
}
