//! The gate by itself: what each rule forbids, and that nothing else does.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use coxswain_domain::{account::CreatorSettings, decision::Reason};
use coxswain_proactive::gate::{Channel, EXPIRY, Inputs, decide};
use proptest::prelude::*;

fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().expect("a moment")
}

/// Inputs that every rule allows.
fn open(settings: &CreatorSettings) -> Inputs<'_> {
    Inputs {
        enabled: true,
        consented: true,
        channel: Channel::Open,
        ..Inputs::of(settings, Tz::UTC, noon(), noon())
    }
}

#[test]
fn each_rule_alone_holds_it_back() {
    let settings = CreatorSettings::default();
    let (tokyo, late) = (Tz::Asia__Tokyo, noon() - EXPIRY - TimeDelta::microseconds(1));
    let cases = [
        (open(&settings), Reason::Sent),
        (Inputs { enabled: false, ..open(&settings) }, Reason::Disabled),
        (Inputs { consented: false, ..open(&settings) }, Reason::NoConsent),
        (Inputs { channel: Channel::Off, ..open(&settings) }, Reason::ChannelOff),
        (Inputs { channel: Channel::OptedOut, ..open(&settings) }, Reason::OptedOut),
        (Inputs { channel: Channel::Unreachable, ..open(&settings) }, Reason::Unreachable),
        (Inputs { channel: Channel::WindowClosed, ..open(&settings) }, Reason::WindowClosed),
        (Inputs { due_at: noon() - EXPIRY, ..open(&settings) }, Reason::Sent),
        (Inputs { due_at: late, ..open(&settings) }, Reason::Expired),
        (Inputs { zone: tokyo, ..open(&settings) }, Reason::QuietHours),
        (Inputs { repeated: true, ..open(&settings) }, Reason::Duplicate),
        (Inputs { sent_today: 1, ..open(&settings) }, Reason::Sent),
        (Inputs { sent_today: 2, ..open(&settings) }, Reason::DailyCap),
    ];
    for (inputs, reason) in cases {
        assert_eq!(decide(&inputs), reason, "{inputs:?}");
    }
}

const CHANNELS: &[Channel] =
    &[Channel::Open, Channel::Off, Channel::OptedOut, Channel::Unreachable, Channel::WindowClosed];

proptest! {
    #[test]
    fn it_opens_only_when_every_rule_allows(
        enabled: bool, consented: bool, channel in prop::sample::select(CHANNELS), repeated: bool,
        late in 0_i64..120, hour in 0_i64..24, sent_today in 0_usize..4, daily_cap in 0_u8..4,
    ) {
        let settings = CreatorSettings { daily_cap, ..CreatorSettings::default() };
        let now = noon() + TimeDelta::hours(hour);
        let due_at = now - TimeDelta::minutes(late);
        let inputs = Inputs {
            enabled, consented, channel, sent_today, repeated, ..Inputs::of(&settings, Tz::UTC, due_at, now)
        };
        let hour = (12 + hour) % 24;
        let allowed = enabled && consented && channel == Channel::Open && !repeated && late <= 60
            && (8..21).contains(&hour) && sent_today < usize::from(daily_cap);
        prop_assert_eq!(decide(&inputs).sent(), allowed);
    }
}
