//! Files that clients send: fetched at once, since providers forget them, and kept under the id of their inbox row.

use coxswain_domain::VersionId;
use coxswain_store::connections::Connection;

use super::{
    super::{
        Road,
        arrival::{Media, MediaKind},
        messenger::{Code, Messenger},
        phrases::Phrase,
    },
    Come,
};

/// The largest file that is kept. Telegram hands out at most 20 MB, `WhatsApp` 16 MB but for documents.
const LARGEST: u64 = 20 << 20;
/// Times a file is asked for.
const TRIES: u32 = 2;

/// Keeps the file that came. Why it could not be kept, for people to read:
/// the message counts all the same.
pub(super) async fn keep(
    road: &Road,
    come: &Come,
    messenger: &dyn Messenger,
    media: &Media,
) -> Option<String> {
    let (connection, row) = (&come.connection, &come.row);
    if media.size.is_some_and(|size| size > LARGEST) {
        return Some(format!("the file is larger than {} MiB and was not kept", LARGEST >> 20));
    }
    let bytes = match fetch(connection, messenger, media).await {
        Ok(bytes) => bytes,
        Err(problem) => return Some(problem),
    };
    let stored = async {
        let mut incoming = road.media.receive(connection.creator_id, VersionId(row.id.0), LARGEST).await?;
        incoming.write(&bytes).await?;
        incoming.keep().await
    };
    match stored.await {
        // The row that names it is durable already.
        Ok(kept) => {
            kept.commit();
            None
        }
        Err(error) => {
            tracing::warn!(inbox = %row.id, %error, "a client's file could not be kept");
            Some("the file could not be kept".into())
        }
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
