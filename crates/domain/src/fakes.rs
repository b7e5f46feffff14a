//! Doubles for tests and simulation.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use parking_lot::Mutex;

use crate::clock::Clock;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now.trunc_subsecs(6)))
    }

    /// Moves the clock to `now`, forwards or back.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock() = now.trunc_subsecs(6);
    }

    /// Moves the clock by `step`.
    pub fn advance(&self, step: Duration) {
        *self.0.lock() += step;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}
