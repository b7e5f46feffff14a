//! The next due moment, for any zone, day and time.

use chrono::{DateTime, NaiveTime, Offset, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use coxswain_domain::{
    account::QuietHours,
    schedule::{LocalTime, NotATime, Weekday, Weekdays, is_quiet, next_due, zone},
};
use proptest::prelude::*;

fn any_zone() -> impl Strategy<Value = Tz> {
    (0..TZ_VARIANTS.len()).prop_map(|at| TZ_VARIANTS[at])
}

/// Whole minutes from 1990 to 2037: every rule for changing clocks that is in use, and most that were.
fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    (10_518_000_i64..35_500_000)
        .prop_map(|minute| DateTime::from_timestamp(minute * 60, 0).expect("within range"))
}

fn any_days() -> impl Strategy<Value = Weekdays> {
    (1_i64..128).prop_map(|bits| Weekdays::from_bits(bits).expect("seven bits"))
}

fn any_time() -> impl Strategy<Value = LocalTime> {
    (0..24, 0..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}").parse().expect("a time"))
}

fn clock(time: LocalTime) -> NaiveTime {
    NaiveTime::parse_from_str(&time.to_string(), "%H:%M").expect("a time")
}

/// The next change of a zone's clocks within a year, to the minute.
fn change(zone: Tz, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = |moment: DateTime<Utc>| moment.with_timezone(&zone).offset().fix();
    let days = (0..366).map(|day| from + TimeDelta::days(day));
    let before = days.into_iter().find(|day| offset(*day) != offset(*day + TimeDelta::days(1)))?;
    (1..=1440).map(|minute| before + TimeDelta::minutes(minute)).find(|at| offset(*at) != offset(before))
}

/// That the next due moment is the first wanted one after `now`, found without the help of what is tested.
fn check(now: DateTime<Utc>, zone: Tz, days: Weekdays, time: LocalTime) -> Result<(), TestCaseError> {
    let next = next_due(now, zone, days, time).expect("a day is wanted");
    prop_assert!(next > now);
    let local = next.with_timezone(&zone);
    prop_assert!(days.contains(Weekday::of(local.date_naive())));
    // Either it is that time, or the clocks skipped it and have just been moved past it.
    if local.time() != clock(time) {
        let before = (next - TimeDelta::seconds(1)).with_timezone(&zone);
        prop_assert!(before.naive_local() < local.date_naive().and_time(clock(time)));
        prop_assert!(local.time() > clock(time));
    }
    // No minute in between shows the time on a wanted day, unless that day showed it before: up to `now`.
    let mut minute = now + TimeDelta::minutes(1);
    while minute < next {
        let local = minute.with_timezone(&zone);
        if local.time() == clock(time) && days.contains(Weekday::of(local.date_naive())) {
            let same = |at: &DateTime<Utc>| at.with_timezone(&zone).naive_local() == local.naive_local();
            let mut earlier = (1..=180).map(|back| minute - TimeDelta::minutes(back));
            prop_assert!(earlier.any(|at| at <= now && same(&at)), "{minute} was passed over");
        }
        minute += TimeDelta::minutes(1);
    }
    Ok(())
}

proptest! {
    #[test]
    fn it_is_the_first_wanted_moment_after_now(
        zone in any_zone(), now in any_moment(), days in any_days(), time in any_time(),
    ) {
        check(now, zone, days, time)?;
    }

    #[test]
    fn it_is_so_around_every_change_of_the_clocks(
        zone in any_zone(), from in any_moment(), before in 0_i64..1800, around in -120_i64..120,
    ) {
        if let Some(change) = change(zone, from) {
            let local = (change + TimeDelta::minutes(around)).with_timezone(&zone).format("%H:%M").to_string();
            let every_day = Weekdays::from_bits(127).expect("seven bits");
            check(change - TimeDelta::minutes(before), zone, every_day, local.parse().expect("a time"))?;
        }
    }

    #[test]
    fn no_local_day_has_two(zone in any_zone(), now in any_moment(), days in any_days(), time in any_time()) {
        let mut last = None;
        let mut from = now;
        for _ in 0..60 {
            from = next_due(from, zone, days, time).expect("a day is wanted");
            let date = from.with_timezone(&zone).date_naive();
            prop_assert!(last.is_none_or(|last| date > last));
            last = Some(date);
        }
    }

    #[test]
    fn quiet_hours_are_as_long_as_they_say(start in any_time(), end in any_time()) {
        let hours = QuietHours { start: start.to_string(), end: end.to_string() };
        let midnight = NaiveTime::MIN;
        let quiet = (0..1440).filter(|minute| is_quiet(midnight + TimeDelta::minutes(*minute), &hours)).count();
        let long = (clock(end) - clock(start)).num_minutes().rem_euclid(1440);
        prop_assert_eq!(i64::try_from(quiet).expect("small"), long);
        prop_assert_eq!(is_quiet(clock(start), &hours), start != end);
        prop_assert!(!is_quiet(clock(end), &hours));
    }

    #[test]
    fn weekdays_survive_being_stored(days in any_days()) {
        prop_assert_eq!(Weekdays::from_bits(days.bits()), Some(days));
        prop_assert_eq!(days.iter().collect::<Weekdays>(), days);
    }
}

#[test]
fn a_day_that_a_zone_left_out_has_no_moment() {
    // Samoa crossed the date line: 30 December 2011, a Friday, never came.
    let fridays = Weekdays::from_iter([Weekday::Fri]);
    let nine: LocalTime = "09:00".parse().expect("a time");
    let thursday: DateTime<Utc> = "2011-12-29T20:00:00Z".parse().expect("a moment");
    let next = next_due(thursday, Tz::Pacific__Apia, fridays, nine).expect("another Friday");
    assert_eq!(next.with_timezone(&Tz::Pacific__Apia).to_rfc3339(), "2012-01-06T09:00:00+14:00");
}

#[test]
fn no_days_no_moment() {
    let now = "2026-11-20T06:00:00Z".parse().expect("a moment");
    assert_eq!(next_due(now, Tz::UTC, Weekdays::default(), "09:00".parse().expect("a time")), None);
    assert!(Weekdays::default().is_empty());
}

#[test]
fn only_times_of_day_are_read() {
    for text in ["9:00", "24:00", "12:60", "12:5", "+1:00", "12.30", "", "12:30:00"] {
        assert_eq!(text.parse::<LocalTime>(), Err(NotATime), "{text:?}");
    }
    assert_eq!("23:59".parse::<LocalTime>().map(|time| time.to_string()), Ok("23:59".to_owned()));
}

#[test]
fn hours_that_cannot_be_read_are_quiet() {
    let hours = QuietHours { start: "late".into(), end: "08:00".into() };
    assert!((0..24).all(|hour| is_quiet(NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour"), &hours)));
}

#[test]
fn an_unknown_zone_falls_back_to_the_creators_then_to_utc() {
    assert_eq!(zone(Some("Asia/Tokyo"), "Europe/Berlin"), Tz::Asia__Tokyo);
    assert_eq!(zone(Some("Mars/Olympus"), "Europe/Berlin"), Tz::Europe__Berlin);
    assert_eq!(zone(None, "nowhere"), Tz::UTC);
}
