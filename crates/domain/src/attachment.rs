//! Files that clients send.

use serde::{Deserialize, Serialize};

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum AttachmentKind {
    /// A picture: JPEG, PNG, WebP or GIF.
    Image,
    /// A PDF document.
    Pdf,
    /// Plain text in UTF-8.
    Text,
    /// A recording.
    Audio,
    /// A film.
    Video,
    /// Anything else.
    Other,
}

impl AttachmentKind {
    /// What clients of a widget may be allowed to send.
    pub const SENDABLE: [Self; 4] = [Self::Image, Self::Pdf, Self::Text, Self::Audio];

    /// The stable name used in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Text => "text",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Other => "other",
        }
    }

    /// The kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Image, Self::Pdf, Self::Text, Self::Audio, Self::Video, Self::Other]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}
