//! When a check-in is due: weekdays and a local time, in the client's own zone.
//!
//! Zones change their clocks, so two cases need a rule. A local time that a change skips moves to
//! the first moment after the gap, unless that is another day already: then the day has no such
//! moment. A local time that comes twice means its first occurrence, and only that.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::account::QuietHours;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// All days, from Monday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The day of the week of a date.
    pub fn of(date: NaiveDate) -> Self {
        Self::ALL[date.weekday().num_days_from_monday() as usize]
    }
}

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Weekday>", into = "Vec<Weekday>")]
pub struct Weekdays(u8);

impl Weekdays {
    /// The set as the database keeps it: bit 0 is Monday.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// The set with these bits, if they are one.
    pub fn from_bits(bits: i64) -> Option<Self> {
        u8::try_from(bits).ok().filter(|bits| *bits < 1 << 7).map(Self)
    }

    /// Whether the set holds this day.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day as u8) != 0
    }

    /// Whether the set holds no day.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days of the set, from Monday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::ALL.into_iter().filter(move |day| self.contains(*day))
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        Self(days.into_iter().fold(0, |bits, day| bits | (1 << day as u8)))
    }
}

impl From<Vec<Weekday>> for Weekdays {
    fn from(days: Vec<Weekday>) -> Self {
        days.into_iter().collect()
    }
}

impl From<Weekdays> for Vec<Weekday> {
    fn from(days: Weekdays) -> Self {
        days.iter().collect()
    }
}

/// A minute of the day on the client's own clock, written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(NaiveTime);

/// A text that is not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 23:59")]
pub struct NotATime;

impl FromStr for LocalTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let two = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())
        };
        text.split_once(':')
            .and_then(|(hour, minute)| NaiveTime::from_hms_opt(two(hour)??, two(minute)??, 0))
            .map(Self)
            .ok_or(NotATime)
    }
}

impl TryFrom<String> for LocalTime {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// The zone a client lives in: their own if it is known, else the creator's, else UTC.
pub fn zone(client: Option<&str>, creator: &str) -> Tz {
    client.and_then(|name| name.parse().ok()).or_else(|| creator.parse().ok()).unwrap_or(Tz::UTC)
}

/// The next moment strictly after `after` at which it is `at` on one of `days` in `zone`.
/// `None`: no day is wanted.
pub fn next_due(after: DateTime<Utc>, zone: Tz, days: Weekdays, at: LocalTime) -> Option<DateTime<Utc>> {
    // A day is skipped when it has no such moment, at most once or twice in a zone's history; so a
    // single wanted weekday is found within three weeks.
    let yesterday = after.with_timezone(&zone).date_naive().checked_sub_days(Days::new(1))?;
    yesterday
        .iter_days()
        .take(23)
        .filter(|date| days.contains(Weekday::of(*date)))
        .filter_map(|date| moment(zone, date, at))
        .find(|moment| *moment > after)
}

/// The one moment of a local day at which it is `at`, by the rules of this module.
pub fn moment(zone: Tz, date: NaiveDate, at: LocalTime) -> Option<DateTime<Utc>> {
    let local = date.and_time(at.0);
    let found = match local.and_local_timezone(zone).earliest() {
        Some(found) => found.to_utc(),
        None => after_gap(zone, local)?,
    };
    (found.with_timezone(&zone).date_naive() == date).then_some(found)
}

/// The first moment after the gap that swallows `local`.
fn after_gap(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    // Offsets are within a day and gaps at most a day long: `low` lies before the gap, `high` after.
    let mut low = local.checked_sub_days(Days::new(2))?.and_utc();
    let mut high = local.checked_add_days(Days::new(2))?.and_utc();
    while high - low > TimeDelta::seconds(1) {
        let middle = DateTime::from_timestamp(i64::midpoint(low.timestamp(), high.timestamp()), 0)?;
        if middle.with_timezone(&zone).naive_local() < local {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

/// Whether a local time lies in quiet hours. Hours that cannot be read are quiet all day:
/// it is better to say nothing than to speak at the wrong time.
pub fn is_quiet(local: NaiveTime, hours: &QuietHours) -> bool {
    let (Ok(LocalTime(start)), Ok(LocalTime(end))) = (hours.start.parse(), hours.end.parse()) else {
        return true;
    };
    if start <= end { (start..end).contains(&local) } else { local >= start || local < end }
}
