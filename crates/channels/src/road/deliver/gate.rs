//! What is asked of every part at the moment of sending, whatever was decided when it was queued.

use chrono::{DateTime, TimeDelta, Utc};
use coxswain_domain::channel::ChannelKind;
use coxswain_store::connections::ConnectionState;

/// `WhatsApp` takes free text for so long after the client's latest message.
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// How long a message that somebody waits for may wait itself, for an account to work again or a rate to open.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// How things stand for one part.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to one rule's question")]
pub(super) struct Facts {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// After this it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// Nobody asked for it: a check-in or a campaign.
    pub unprompted: bool,
    /// Over which kind of channel.
    pub kind: ChannelKind,
    /// Whether the account works.
    pub state: ConnectionState,
    /// Whether the creator has it switched on.
    pub enabled: bool,
    /// Whether the client wants nothing unprompted there.
    pub opted_out: bool,
    /// Whether the channel is known not to reach them.
    pub unreachable: bool,
    /// Their latest message, by the provider's clock.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// Whether a template stands ready to carry it.
    pub template: bool,
}

/// What may happen to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// It may leave as it is.
    Free,
    /// It may leave in its template.
    Template,
    /// It has to wait until the account works.
    Wait,
    /// It will not leave: why, as a code and for people to read.
    Withhold(&'static str, &'static str),
}

/// Whether a part may leave, and if not, the first rule that forbids it.
pub(super) fn decide(facts: &Facts) -> Gate {
    let working = facts.enabled && facts.state == ConnectionState::Connected;
    if facts.expires_at.is_some_and(|expires_at| expires_at <= facts.now) {
        return Gate::Withhold("expired", "Its moment passed before it could be sent.");
    }
    if facts.unprompted && facts.opted_out {
        return Gate::Withhold("opted_out", "The client wants no messages unless they write first.");
    }
    if facts.unprompted && facts.unreachable {
        return Gate::Withhold("unreachable", "The channel cannot reach the client.");
    }
    if !working && facts.now - facts.queued_at > PATIENCE {
        return Gate::Withhold("account_off", "The account did not work for a day.");
    }
    if !working {
        return Gate::Wait;
    }
    if open(facts) {
        return Gate::Free;
    }
    if facts.unprompted && facts.template {
        return Gate::Template;
    }
    Gate::Withhold(
        "window_closed",
        "The client has not written for 24 hours, and WhatsApp takes only templates then.",
    )
}

/// Whether free text is taken.
fn open(facts: &Facts) -> bool {
    facts.kind != ChannelKind::Whatsapp || facts.last_inbound_at.is_some_and(|last| facts.now - last < WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn reply() -> Facts {
        Facts {
            now: now(),
            queued_at: now(),
            expires_at: None,
            unprompted: false,
            kind: ChannelKind::Whatsapp,
            state: ConnectionState::Connected,
            enabled: true,
            opted_out: false,
            unreachable: false,
            last_inbound_at: Some(now()),
            template: false,
        }
    }

    fn code(facts: &Facts) -> &'static str {
        match decide(facts) {
            Gate::Free => "free",
            Gate::Template => "template",
            Gate::Wait => "wait",
            Gate::Withhold(code, _) => code,
        }
    }

    #[test]
    fn each_rule_decides_in_its_turn() {
        let nudge = Facts { unprompted: true, ..reply() };
        let yesterday = Some(now() - TimeDelta::hours(24));
        let just = Some(now() - TimeDelta::hours(24) + TimeDelta::seconds(1));
        for (facts, expected) in [
            (reply(), "free"),
            (Facts { last_inbound_at: just, ..reply() }, "free"),
            (Facts { last_inbound_at: yesterday, ..reply() }, "window_closed"),
            (Facts { last_inbound_at: None, ..reply() }, "window_closed"),
            (Facts { last_inbound_at: None, kind: ChannelKind::Telegram, ..reply() }, "free"),
            // A template carries what nobody waits for; an answer would not be what it says.
            (Facts { last_inbound_at: yesterday, template: true, ..reply() }, "window_closed"),
            (Facts { last_inbound_at: yesterday, template: true, ..nudge }, "template"),
            (Facts { last_inbound_at: yesterday, ..nudge }, "window_closed"),
            (Facts { opted_out: true, ..nudge }, "opted_out"),
            (Facts { opted_out: true, ..reply() }, "free"),
            (Facts { unreachable: true, ..nudge }, "unreachable"),
            (Facts { unreachable: true, ..reply() }, "free"),
            (Facts { enabled: false, ..reply() }, "wait"),
            (Facts { state: ConnectionState::Paused, ..reply() }, "wait"),
            (Facts { state: ConnectionState::Revoked, ..nudge }, "wait"),
            (Facts { enabled: false, queued_at: now() - TimeDelta::hours(25), ..reply() }, "account_off"),
            (Facts { expires_at: Some(now()), ..nudge }, "expired"),
            (Facts { expires_at: Some(now() + TimeDelta::seconds(1)), ..nudge }, "free"),
        ] {
            assert_eq!(code(&facts), expected, "{facts:?}");
        }
    }
}
