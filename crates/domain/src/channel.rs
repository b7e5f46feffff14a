//! Channel accounts: where clients meet a coach.

use serde::{Deserialize, Serialize};

use crate::KnowledgeBaseId;

/// The kinds of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// The widget on a creator's web page.
    Widget,
    /// A Telegram bot.
    Telegram,
    /// A number on the `WhatsApp` Business Cloud API.
    Whatsapp,
}

impl ChannelKind {
    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Telegram => "telegram",
            Self::Whatsapp => "whatsapp",
        }
    }

    /// The kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "widget" => Some(Self::Widget),
            "telegram" => Some(Self::Telegram),
            "whatsapp" => Some(Self::Whatsapp),
            _ => None,
        }
    }

    /// Whether messages leave through a provider, by the outbox; the widget reads the conversation itself.
    pub const fn is_messenger(self) -> bool {
        !matches!(self, Self::Widget)
    }
}

/// How one widget looks and where it may appear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSettings {
    /// Origins (`https://example.org`) that may show the widget. Empty: none may.
    pub allowed_origins: Vec<String>,
    /// The first thing a client reads.
    pub greeting: String,
    /// Up to three questions people really ask, offered as buttons.
    pub questions: Vec<String>,
    /// Accent colour, `#rrggbb`; contrast is kept whatever it is.
    pub accent: String,
    /// `right` or `left`.
    pub position: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// `auto` or a BCP 47 tag.
    pub locale: String,
    /// The name in the panel's header.
    pub coach_name: String,
    /// A picture for the header, by https.
    pub picture_url: Option<String>,
    /// Answer from these knowledge bases only. Empty: from all.
    pub knowledge_base_ids: Vec<KnowledgeBaseId>,
    /// Whether clients are offered check-ins.
    pub check_ins_offered: bool,
}

impl Default for WidgetSettings {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            greeting: "Hello! Ask me anything about the material.".into(),
            questions: Vec::new(),
            accent: "#1f5f8b".into(),
            position: "right".into(),
            theme: "auto".into(),
            locale: "auto".into(),
            coach_name: String::new(),
            picture_url: None,
            knowledge_base_ids: Vec::new(),
            check_ins_offered: true,
        }
    }
}
