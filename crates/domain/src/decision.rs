//! Decisions of the gate: every unprompted message, sent or held back, with its reason.

use serde::{Deserialize, Serialize};

/// Why an unprompted message was sent or held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Every rule allowed it.
    Sent,
    /// The client has not agreed, or has withdrawn.
    NoConsent,
    /// It fell into the client's quiet hours.
    QuietHours,
    /// The client already got the day's most.
    DailyCap,
    /// This check-in reached the client on this local day already: its time or their zone was changed.
    Duplicate,
    /// Its moment passed before it could be sent.
    Expired,
    /// The creator switched it off.
    Disabled,
    /// The channel it would have used is switched off, or does not work.
    ChannelOff,
    /// The client wants nothing unprompted on that channel.
    OptedOut,
    /// The channel cannot reach the client: they blocked the bot, or the number is gone.
    Unreachable,
    /// The channel's window is closed, and the creator has chosen no template for it.
    WindowClosed,
    /// The channel's window is closed, and the provider does not let the creator's template pass.
    TemplateHeld,
    /// The channel's window is closed, and as many people as the provider allows were written to first that day.
    LimitSpent,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 13] = [
        Self::Sent,
        Self::NoConsent,
        Self::QuietHours,
        Self::DailyCap,
        Self::Duplicate,
        Self::Expired,
        Self::Disabled,
        Self::ChannelOff,
        Self::OptedOut,
        Self::Unreachable,
        Self::WindowClosed,
        Self::TemplateHeld,
        Self::LimitSpent,
    ];

    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::NoConsent => "no_consent",
            Self::QuietHours => "quiet_hours",
            Self::DailyCap => "daily_cap",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::ChannelOff => "channel_off",
            Self::OptedOut => "opted_out",
            Self::Unreachable => "unreachable",
            Self::WindowClosed => "window_closed",
            Self::TemplateHeld => "template_held",
            Self::LimitSpent => "limit_spent",
        }
    }

    /// The reason with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the message went out.
    pub const fn sent(self) -> bool {
        matches!(self, Self::Sent)
    }
}
