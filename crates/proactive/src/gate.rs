//! The one gate that every unprompted message passes, at the moment of sending.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use coxswain_domain::{
    account::{CreatorSettings, QuietHours},
    decision::Reason,
    schedule::is_quiet,
};

/// How late a message may be. One that is later would speak of a moment that has gone.
pub const EXPIRY: TimeDelta = TimeDelta::minutes(60);

/// How things stand with the channel a client would be reached on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A message may leave.
    Open,
    /// There is none, or it is switched off, or it does not work.
    Off,
    /// The client wants nothing unprompted there.
    OptedOut,
    /// It cannot reach them.
    Unreachable,
    /// Its window is closed, and there is no template to pass it with.
    WindowClosed,
    /// Its window is closed, and the provider does not let the chosen template pass.
    TemplateHeld,
    /// Its window is closed, and as many people as allowed were written to first.
    LimitSpent,
}

/// Everything that decides about one unprompted message.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The moment the message was due.
    pub due_at: DateTime<Utc>,
    /// The client's zone.
    pub zone: Tz,
    /// Whether the creator has the check-in switched on.
    pub enabled: bool,
    /// Whether the client's consent holds.
    pub consented: bool,
    /// Whether the channel they would be reached on lets a message through.
    pub channel: Channel,
    /// When the creator's clients are left in peace.
    pub quiet_hours: &'a QuietHours,
    /// Most unprompted messages on one local day.
    pub daily_cap: u8,
    /// Unprompted messages the client got on this local day.
    pub sent_today: usize,
    /// Whether one of those was this very check-in.
    pub repeated: bool,
}

impl<'a> Inputs<'a> {
    /// The inputs for a creator's settings, with every switch off and nothing sent yet.
    pub fn of(settings: &'a CreatorSettings, zone: Tz, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            now,
            due_at,
            zone,
            enabled: false,
            consented: false,
            channel: Channel::Off,
            quiet_hours: &settings.quiet_hours,
            daily_cap: settings.daily_cap,
            sent_today: 0,
            repeated: false,
        }
    }
}

/// Whether the message may be sent, and if not, the first rule that forbids it: what people decided
/// comes before what time decides.
pub fn decide(inputs: &Inputs<'_>) -> Reason {
    let local = inputs.now.with_timezone(&inputs.zone).time();
    let rules = [
        (!inputs.enabled, Reason::Disabled),
        (!inputs.consented, Reason::NoConsent),
        (inputs.channel == Channel::Off, Reason::ChannelOff),
        (inputs.channel == Channel::OptedOut, Reason::OptedOut),
        (inputs.channel == Channel::Unreachable, Reason::Unreachable),
        (inputs.channel == Channel::WindowClosed, Reason::WindowClosed),
        (inputs.channel == Channel::TemplateHeld, Reason::TemplateHeld),
        (inputs.channel == Channel::LimitSpent, Reason::LimitSpent),
        (inputs.now - inputs.due_at > EXPIRY, Reason::Expired),
        (is_quiet(local, inputs.quiet_hours), Reason::QuietHours),
        (inputs.repeated, Reason::Duplicate),
        (inputs.sent_today >= usize::from(inputs.daily_cap), Reason::DailyCap),
    ];
    rules.into_iter().find_map(|(forbids, reason)| forbids.then_some(reason)).unwrap_or(Reason::Sent)
}
