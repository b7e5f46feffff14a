//! The one source of time. Everything that decides by time takes a [`Clock`].

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

/// Where the present moment comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment in UTC, truncated to microseconds (what both databases keep).
    fn now(&self) -> DateTime<Utc>;
}

/// A clock shared by all parts of the program.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}
