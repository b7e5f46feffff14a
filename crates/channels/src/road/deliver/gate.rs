//! What is asked of every part at the moment of sending, whatever was decided when it was queued.

use std::borrow::Cow;

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
pub(super) struct Facts<'a> {
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
    /// Whether nobody is answered by this kind of channel: only what people write themselves may leave.
    pub switched_off: bool,
    /// Whether a person wrote it, or it says that nobody answers here.
    pub by_hand: bool,
    /// Whether the client wants nothing unprompted there.
    pub opted_out: bool,
    /// Whether the channel is known not to reach them.
    pub unreachable: bool,
    /// Their latest message, by the provider's clock.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// What would carry it outside the window.
    pub template: Standby<'a>,
}

/// The template for what leaves outside the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standby<'a> {
    /// The creator has chosen none.
    None,
    /// It may be sent.
    Ready,
    /// It may not: its state and why, as the provider says.
    Held(&'a str, Option<&'a str>),
}

/// What may happen to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// It may leave as it is.
    Free,
    /// It may leave in its template.
    Template,
    /// It has to wait until the account works.
    Wait,
    /// It will not leave: why, as a code and for people to read.
    Withhold(&'static str, Cow<'static, str>),
}

/// Whether a part may leave, and if not, the first rule that forbids it.
pub(super) fn decide(facts: &Facts<'_>) -> Gate {
    let withhold = |code, reason| Gate::Withhold(code, Cow::Borrowed(reason));
    let working = facts.enabled && facts.state == ConnectionState::Connected;
    if facts.expires_at.is_some_and(|expires_at| expires_at <= facts.now) {
        return withhold("expired", "Its moment passed before it could be sent.");
    }
    if facts.switched_off && !facts.by_hand {
        return withhold(
            "switched_off",
            "WhatsApp is switched off: only what people write themselves is sent there.",
        );
    }
    if facts.unprompted && facts.opted_out {
        return withhold("opted_out", "The client wants no messages unless they write first.");
    }
    if facts.unprompted && facts.unreachable {
        return withhold("unreachable", "The channel cannot reach the client.");
    }
    if !working && facts.now - facts.queued_at > PATIENCE {
        return withhold("account_off", "The account did not work for a day.");
    }
    if !working {
        return Gate::Wait;
    }
    if open(facts) {
        return Gate::Free;
    }
    match facts.template {
        Standby::Ready if facts.unprompted => Gate::Template,
        Standby::Held(state, reason) if facts.unprompted => {
            let why = reason.map(|reason| format!(" {reason}")).unwrap_or_default();
            let reason = format!(
                "The client has not written for 24 hours, and Meta says of the template: {state}.{why}"
            );
            Gate::Withhold("template_held", Cow::Owned(reason))
        }
        _ => withhold(
            "window_closed",
            "The client has not written for 24 hours, and WhatsApp takes only templates then.",
        ),
    }
}

/// Whether free text is taken.
fn open(facts: &Facts<'_>) -> bool {
    facts.kind != ChannelKind::Whatsapp || facts.last_inbound_at.is_some_and(|last| facts.now - last < WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn reply() -> Facts<'static> {
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
            switched_off: false,
            by_hand: false,
            template: Standby::None,
        }
    }

    fn code(facts: &Facts<'_>) -> &'static str {
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
            (Facts { last_inbound_at: yesterday, template: Standby::Ready, ..reply() }, "window_closed"),
            (Facts { last_inbound_at: yesterday, template: Standby::Ready, ..nudge }, "template"),
            (
                Facts { last_inbound_at: yesterday, template: Standby::Held("PAUSED", None), ..nudge },
                "template_held",
            ),
            (Facts { template: Standby::Held("PAUSED", None), ..nudge }, "free"),
            (Facts { switched_off: true, ..reply() }, "switched_off"),
            (Facts { switched_off: true, ..nudge }, "switched_off"),
            (Facts { switched_off: true, by_hand: true, ..reply() }, "free"),
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
