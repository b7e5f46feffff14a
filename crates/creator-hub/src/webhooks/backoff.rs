//! When a delivery is tried again, and when a webhook is given up.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Waits between one try and the next, in seconds: eight tries over a day.
const WAITS: [i64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 7 * 3600, 10 * 3600];
/// By so much of itself a wait is shorter or longer, so that what failed together does not come back together.
const JITTER_PERCENT: i64 = 10;
/// The longest quiet an endpoint may ask for.
const LONGEST_QUIET: TimeDelta = TimeDelta::hours(24);
/// A webhook at which nothing arrived for so long is paused.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// When a delivery is tried again that failed for the `attempts`th time; `None`: not any more.
/// `quiet` is what the endpoint asked for.
pub(super) fn again(
    now: DateTime<Utc>,
    delivery: Uuid,
    attempts: i64,
    quiet: Option<TimeDelta>,
) -> Option<DateTime<Utc>> {
    let place = usize::try_from(attempts - 1).ok()?;
    let wait = WAITS.get(place)? * 1_000;
    let spread = wait * JITTER_PERCENT / 100;
    // A UUIDv7 ends in random bits; each try looks at others of them.
    let bytes = delivery.into_bytes();
    let dice = i64::from(u16::from_be_bytes([bytes[15 - place], bytes[14 - place]]));
    let jitter = dice * 2 * spread / i64::from(u16::MAX) - spread;
    let wait = TimeDelta::milliseconds(wait + jitter);
    Some(now + quiet.map_or(wait, |quiet| wait.max(quiet.min(LONGEST_QUIET))))
}

/// Until when the endpoint wants quiet.
pub(super) fn quiet_until(now: DateTime<Utc>, quiet: TimeDelta) -> DateTime<Utc> {
    now + quiet.min(LONGEST_QUIET)
}

/// Whether a webhook at which nothing arrived since then is to be paused.
pub(super) fn hopeless(now: DateTime<Utc>, failing_since: Option<DateTime<Utc>>) -> bool {
    failing_since.is_some_and(|since| since + PATIENCE <= now)
}

/// The quiet an endpoint asks for with `Retry-After`, in seconds or as a date.
pub(super) fn retry_after(now: DateTime<Utc>, value: &str) -> Option<TimeDelta> {
    let value = value.trim();
    let quiet = match value.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(value).ok()?.with_timezone(&Utc) - now,
    };
    (quiet > TimeDelta::zero()).then_some(quiet)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// An id whose bits differ everywhere from those of another seed.
    fn id(seed: u128) -> Uuid {
        Uuid::from_u128((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn eight_tries_take_about_a_day() {
        for seed in 0..200 {
            let id = id(seed);
            let mut at = now();
            for attempts in 1..=7 {
                let next = again(at, id, attempts, None).unwrap();
                let wait = (next - at).num_milliseconds();
                let plain = WAITS[usize::try_from(attempts).unwrap() - 1] * 1_000;
                assert!((plain * 9 / 10..=plain * 11 / 10).contains(&wait), "{wait} of {plain}");
                at = next;
            }
            assert_eq!(again(at, id, 8, None), None);
            assert!((22..28).contains(&(at - now()).num_hours()), "{}", at - now());
        }
    }

    #[test]
    fn what_failed_together_comes_apart() {
        let moments: BTreeSet<_> = (0..50).map(|seed| again(now(), id(seed), 3, None)).collect();
        assert!(moments.len() > 40, "{}", moments.len());
    }

    #[test]
    fn an_endpoint_may_ask_for_quiet() {
        assert_eq!(retry_after(now(), "120"), Some(TimeDelta::seconds(120)));
        assert_eq!(retry_after(now(), "Fri, 15 Jan 2027 08:01:00 GMT"), Some(TimeDelta::minutes(1)));
        assert_eq!(retry_after(now(), "soon"), None);
        assert_eq!(retry_after(now(), "0"), None);
        let minutes = |minutes| again(now(), id(1), 1, Some(TimeDelta::minutes(minutes)));
        assert_eq!(minutes(10), Some(now() + TimeDelta::minutes(10)));
        assert_eq!(minutes(100_000), Some(now() + LONGEST_QUIET), "but not for ever");
    }
}
