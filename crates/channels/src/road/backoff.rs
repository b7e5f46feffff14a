//! How long to wait before another try: longer each time, never quite alike, never without end.

use std::time::Duration;

use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Waits that grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first try.
    pub first: Duration,
    /// By which each next one is longer.
    pub factor: u32,
    /// The longest.
    pub longest: Duration,
    /// Tries at most, the first one included.
    pub most: i64,
    /// Who waits.
    pub scope: Scope,
}

/// Who has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This message only.
    Message,
    /// Everything to this recipient.
    Recipient,
    /// Everything over this account.
    Account,
}

impl Backoff {
    /// The wait after the given number of tries; never shorter than the provider wishes. `None`: that was the last.
    pub fn after(&self, tries: i64, wish: Option<Duration>, jitter: &Jitter) -> Option<Duration> {
        if tries >= self.most {
            return None;
        }
        let doublings = u32::try_from(tries.max(1) - 1).unwrap_or(u32::MAX);
        let growth = self.factor.saturating_pow(doublings.min(16));
        let wait = self.first.saturating_mul(growth).min(self.longest);
        // A wish is a least: what is added to it only keeps many from coming back in the same instant.
        Some(match wish {
            Some(wish) => wish + jitter.up_to(wish.min(Duration::from_secs(2)) / 4),
            None => wait.mul_f64(0.75) + jitter.up_to(wait / 4),
        })
    }
}

/// The random part of a wait. The seed is passed in, so that a test knows what to expect.
#[derive(Debug)]
pub struct Jitter(Mutex<StdRng>);

impl Jitter {
    /// Always the same for one seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// Something from nothing up to `most`.
    pub fn up_to(&self, most: Duration) -> Duration {
        most.mul_f64(self.0.lock().random_range(0.0..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWING: Backoff = Backoff {
        first: Duration::from_secs(2),
        factor: 4,
        longest: Duration::from_mins(1),
        most: 5,
        scope: Scope::Message,
    };

    #[test]
    fn waits_grow_stay_bounded_and_end() {
        let jitter = Jitter::seeded(7);
        let waits: Vec<_> = (1..=5).map(|tries| GROWING.after(tries, None, &jitter)).collect();
        for (wait, most) in waits.iter().zip([2, 8, 32, 60]) {
            let (wait, most) = (wait.unwrap(), Duration::from_secs(most));
            assert!(wait >= most.mul_f64(0.75) && wait <= most, "{wait:?} of {most:?}");
        }
        assert_eq!(waits[4], None, "the fifth try was the last");
    }

    #[test]
    fn a_providers_wish_is_the_least() {
        let jitter = Jitter::seeded(7);
        let wish = Duration::from_secs(90);
        let wait = GROWING.after(1, Some(wish), &jitter).unwrap();
        assert!(wait >= wish && wait <= wish + Duration::from_secs(1));
    }

    #[test]
    fn waits_differ_but_a_seed_repeats_them() {
        let draw = |seed| {
            let jitter = Jitter::seeded(seed);
            (0..4).map(|_| GROWING.after(3, None, &jitter)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1)[0], draw(1)[1]);
    }
}
