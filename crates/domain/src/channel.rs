//! Channel accounts: where clients meet a coach.

use base64::{Engine, engine::general_purpose};
use serde::{Deserialize, Serialize};

use crate::{KnowledgeBaseId, attachment::AttachmentKind};

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

/// Whether a widget's host page says, in signed tokens, who its clients are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum IdentityMode {
    /// It does not: every client is anonymous, and tokens are refused.
    #[default]
    Off,
    /// It may: whoever comes with a token is known, everybody else stays anonymous.
    Optional,
    /// It must: nobody is served without.
    Required,
}

/// The 32 bytes of an Ed25519 public key, written as PEM (RFC 8410) or as base64 of the bytes alone, which is
/// what stands under `x` in a JWK.
pub fn ed25519_public_key(text: &str) -> Option<[u8; 32]> {
    /// What comes before the key in its DER form: the algorithm's identifier and the lengths.
    const DER: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let body = text
        .trim()
        .trim_start_matches("-----BEGIN PUBLIC KEY-----")
        .trim_end_matches("-----END PUBLIC KEY-----")
        .replace(char::is_whitespace, "")
        .replace('-', "+")
        .replace('_', "/");
    let bytes = general_purpose::STANDARD_NO_PAD.decode(body.trim_end_matches('=')).ok()?;
    bytes.strip_prefix(DER).unwrap_or(&bytes).try_into().ok()
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
    /// Whether clients may send files.
    pub attachments_offered: bool,
    /// Which kinds of file they may send: `image`, `pdf`, `text`, `audio`.
    pub attachment_kinds: Vec<AttachmentKind>,
    /// Whether the host page says who its clients are.
    pub identity: IdentityMode,
    /// The Ed25519 public key that its tokens are checked with; see [`ed25519_public_key`] for how it is written.
    pub identity_public_key: Option<String>,
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
            attachments_offered: true,
            attachment_kinds: vec![AttachmentKind::Image, AttachmentKind::Pdf],
            identity: IdentityMode::Off,
            identity_public_key: None,
        }
    }
}

impl WidgetSettings {
    /// The kinds of file that clients may send now; none where files are not offered.
    pub fn sendable(&self) -> &[AttachmentKind] {
        if self.attachments_offered { &self.attachment_kinds } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_as_people_have_it() {
        // The example of RFC 8410, section 10.1.
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let key = ed25519_public_key(pem);
        assert_eq!(key.map(|key| (key[0], key[31])), Some((0x19, 0xe1)));
        for same in [
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE",
            " Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n",
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
        ] {
            assert_eq!(ed25519_public_key(same), key, "{same}");
        }
        let standard = general_purpose::STANDARD.encode([0xfb; 32]);
        let url_safe = general_purpose::URL_SAFE_NO_PAD.encode([0xfb; 32]);
        assert_eq!(ed25519_public_key(&standard), Some([0xfb; 32]));
        assert_eq!(ed25519_public_key(&url_safe), Some([0xfb; 32]));
    }

    #[test]
    fn what_is_no_public_key_is_none() {
        for text in ["", "AAAA", "not a key", &general_purpose::STANDARD.encode([1; 33])] {
            assert_eq!(ed25519_public_key(text), None, "{text}");
        }
    }
}
