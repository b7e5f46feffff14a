//! Creators, their members and what each may do.

use serde::{Deserialize, Serialize};

/// What a member may do. Each role may do all that the ones after it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, the other owners and the creator itself included.
    Owner,
    /// Channels, settings, team, keys, audit.
    Admin,
    /// Knowledge and check-ins.
    Editor,
    /// Reads, and tries the chat.
    Viewer,
}

impl Role {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// The role with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Editor, Self::Viewer].into_iter().find(|role| role.name() == name)
    }

    /// Whether this role may do what `needed` may.
    pub const fn covers(self, needed: Self) -> bool {
        self.rank() >= needed.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Editor => 1,
            Self::Viewer => 0,
        }
    }
}

/// Local hours in which nothing unprompted is sent, from `start` up to `end`; may cross midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First quiet minute, `HH:MM` in the client's own zone.
    pub start: String,
    /// First minute that is no longer quiet, `HH:MM`. Equal to `start`: no quiet hours.
    pub end: String,
}

/// What a creator has decided for all their clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CreatorSettings {
    /// IANA zone of the creator, the fallback for clients whose own is unknown.
    pub time_zone: String,
    /// How answers should sound, in the creator's words; part of the model's instructions.
    pub voice: String,
    /// What a client reads when the knowledge does not cover the question.
    pub no_answer_message: String,
    /// When clients are left in peace.
    pub quiet_hours: QuietHours,
    /// Most unprompted messages one client gets in one local day (1 to 20).
    pub daily_cap: u8,
    /// Whether clients are answered, and reached out to, on `WhatsApp`. Meta forbids assistants for everything.
    pub whatsapp: bool,
}

impl Default for CreatorSettings {
    fn default() -> Self {
        Self {
            time_zone: "UTC".into(),
            voice: "Warm, plain and brief. Speak to the client as \"you\".".into(),
            no_answer_message:
                "I don't have that in my material yet. I've noted your question so your coach can look at it."
                    .into(),
            quiet_hours: QuietHours { start: "21:00".into(), end: "08:00".into() },
            daily_cap: 2,
            whatsapp: true,
        }
    }
}
