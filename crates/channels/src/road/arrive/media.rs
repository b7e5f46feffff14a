//! Files that clients send: fetched at once, since providers forget them, and kept under the id of their inbox row.

use chrono::{DateTime, Utc};
use coxswain_domain::{AttachmentId, ConversationId, MessageId, VersionId, attachment::AttachmentKind};
use coxswain_store::{attachments::Attachment, connections::Connection};

use super::{
    super::{
        Road,
        arrival::{Media, MediaKind},
        messenger::{Code, Messenger},
        phrases::Phrase,
    },
    Come,
};
use crate::files::{self, Format};

/// The largest file that is kept. Telegram hands out at most 20 MB, `WhatsApp` 16 MB but for documents.
const LARGEST: u64 = 20 << 20;
/// Times a file is asked for.
const TRIES: u32 = 2;

/// A file that is safely on the disk.
pub(super) struct Stored {
    key: String,
    bytes: u64,
    name: String,
    kind: AttachmentKind,
    mime: &'static str,
}

impl Stored {
    /// The attachment of the message that stands for it.
    pub(super) fn of(
        self,
        now: DateTime<Utc>,
        conversation_id: ConversationId,
        message: MessageId,
    ) -> Attachment {
        Attachment {
            id: AttachmentId::new(now),
            conversation_id,
            message_id: Some(message),
            place: 0,
            file_key: self.key,
            name: self.name,
            kind: self.kind,
            mime: self.mime.to_owned(),
            bytes: i64::try_from(self.bytes).unwrap_or(i64::MAX),
            created_at: now,
        }
    }
}

/// Keeps the file that came. Why it could not be kept, for people to read:
/// the message counts all the same.
pub(super) async fn keep(
    road: &Road,
    come: &Come,
    messenger: &dyn Messenger,
    media: &Media,
) -> Result<Stored, String> {
    let (connection, row) = (&come.connection, &come.row);
    if media.size.is_some_and(|size| size > LARGEST) {
        return Err(format!("the file is larger than {} MiB and was not kept", LARGEST >> 20));
    }
    let bytes = fetch(connection, messenger, media).await?;
    let stored = async {
        let mut incoming = road.media.receive(connection.creator_id, VersionId(row.id.0), LARGEST).await?;
        incoming.write(&bytes).await?;
        incoming.keep().await
    };
    match stored.await {
        // The row that names it is durable already.
        Ok(kept) => {
            let format = recognise(&bytes, media.kind);
            let given = media.file_name.as_deref().unwrap_or_default();
            let stored = Stored {
                key: kept.key.clone(),
                bytes: kept.bytes,
                name: files::name_for(given, format, plain_name(media.kind)),
                kind: format.kind,
                mime: format.mime,
            };
            kept.commit();
            Ok(stored)
        }
        Err(error) => {
            tracing::warn!(inbox = %row.id, %error, "a client's file could not be kept");
            Err("the file could not be kept".into())
        }
    }
}

/// What the file is by its content; where that tells nothing, a film is what was sent as one.
fn recognise(bytes: &[u8], said: MediaKind) -> Format {
    let head = &bytes[..bytes.len().min(files::HEAD)];
    let plain = || {
        let mut plain = files::Plain::default();
        plain.feed(bytes);
        plain.format(head)
    };
    let format = files::marked(head).or_else(plain).unwrap_or(files::UNKNOWN);
    match said {
        MediaKind::Video if format == files::UNKNOWN => Format { kind: AttachmentKind::Video, ..format },
        _ => format,
    }
}

/// What a file is called that has no name.
const fn plain_name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Voice => "voice message",
        MediaKind::Audio => "recording",
        MediaKind::Video => "film",
        MediaKind::Sticker => "sticker",
        MediaKind::Document => "file",
    }
}

async fn fetch(connection: &Connection, messenger: &dyn Messenger, media: &Media) -> Result<Vec<u8>, String> {
    let mut tried = 0;
    loop {
        tried += 1;
        let refusal = match messenger.fetch(connection, &media.provider_file_id, LARGEST).await {
            Ok(bytes) => return Ok(bytes),
            Err(refusal) => refusal,
        };
        let passing = matches!(refusal.code, Code::Unreachable | Code::Ambiguous | Code::Http(500..=599));
        if tried == TRIES || !passing {
            return Err(format!("the file could not be fetched: {}", refusal.detail));
        }
    }
}

/// What stands in the conversation for it.
pub(super) fn mention(media: &Media) -> String {
    let kind = match media.kind {
        MediaKind::Photo => "🖼",
        MediaKind::Voice => "🎤",
        MediaKind::Audio => "🎵",
        MediaKind::Video => "🎬",
        MediaKind::Sticker => "🙂",
        MediaKind::Document => "📎",
    };
    [Some(kind), media.file_name.as_deref(), media.caption.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a client is told who sent it.
pub(super) const fn answer(kind: MediaKind) -> Phrase {
    match kind {
        MediaKind::Voice | MediaKind::Audio => Phrase::CannotListen,
        MediaKind::Photo | MediaKind::Video | MediaKind::Sticker => Phrase::CannotSee,
        MediaKind::Document => Phrase::CannotOpen,
    }
}
