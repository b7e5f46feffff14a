//! The 24 hours after a person's latest message in which they may be written to freely.
//!
//! Counted from the provider's own timestamps: a webhook that comes late, or twice, or out of order
//! neither opens the window nor keeps it open.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a message of theirs opens it.
const LENGTH: TimeDelta = TimeDelta::hours(24);

/// Until when the window is open, from when they wrote, in any order. `None`: they never wrote.
pub fn open_until(inbound: impl IntoIterator<Item = DateTime<Utc>>) -> Option<DateTime<Utc>> {
    inbound.into_iter().max().map(|latest| latest + LENGTH)
}

/// Whether free text may be sent now to somebody whose latest message the provider dates `last_inbound`.
pub fn is_open(last_inbound: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    open_until(last_inbound).is_some_and(|end| now < end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
    }

    proptest! {
        #[test]
        fn the_window_is_open_exactly_a_day_after_the_latest_message(
            mut inbound in prop::collection::vec(-300_000i64..0, 0..12), now in -300_000i64..300_000,
        ) {
            let latest = inbound.iter().copied().max();
            let end = open_until(inbound.iter().map(|s| at(*s)));
            prop_assert_eq!(end, latest.map(|latest| at(latest + 86_400)));
            prop_assert_eq!(is_open(latest.map(at), at(now)), latest.is_some_and(|latest| now - latest < 86_400));
            inbound.reverse();
            inbound.extend(latest);
            prop_assert_eq!(open_until(inbound.into_iter().map(at)), end, "order and copies do not matter");
        }
    }
}
