//! A conversation to take along, as plain text.

mod words;

use std::fmt::Write as _;

use axum::{
    extract::{Query, State},
    http::{HeaderName, header},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use coxswain_domain::{
    citation::Citation,
    conversation::{Author, Message, MessageStatus},
};
use coxswain_http::{Problem, Result};
use coxswain_store::{
    attachments::{self, Attachment},
    clients, conversations,
};
use serde::Deserialize;
use utoipa::IntoParams;

use self::words::Words;
use super::{account::Widget, session::ClientSession, state::WidgetState};

/// Messages read at once.
const BATCH: u32 = 200;

/// How the transcript is written.
#[derive(Deserialize, IntoParams)]
pub(super) struct TranscriptQuery {
    /// BCP 47 tag of the language of its headings; English when absent or not spoken here.
    lang: Option<String>,
}

/// Everything that was said, with the sources, for the client to keep.
#[utoipa::path(
    get, path = "/w/transcript", tag = "widget", params(TranscriptQuery), security(("widget_session" = [])),
    responses(
        (status = 200, description = "The conversation, as a file to save.", content_type = "text/plain", body = String),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem),
    )
)]
pub(super) async fn transcript(
    State(state): State<WidgetState>,
    client: ClientSession,
    Query(query): Query<TranscriptQuery>,
) -> Result<([(HeaderName, String); 4], String)> {
    let (creator, session) = (client.creator(), &client.session);
    let mut tx = state.db.read(creator).await?;
    let Widget { name, .. } = Widget::of_session(&mut tx, session).await?;
    let person = clients::get(&mut tx, creator, session.client_id).await?;
    let zone = person.and_then(|person| person.time_zone?.parse().ok()).unwrap_or(Tz::UTC);
    let mut messages: Vec<Message> = Vec::new();
    let mut before = i64::MAX;
    loop {
        let batch =
            conversations::list_messages(&mut tx, creator, session.conversation_id, before, BATCH).await?;
        let Some((_, first)) = batch.first() else { break };
        before = first.seq;
        messages.splice(..0, batch.into_iter().map(|(_, message)| message));
    }
    let places = (0, messages.last().map_or(0, |message| message.seq));
    let carried = attachments::of_messages(&mut tx, creator, session.conversation_id, places).await?;
    let paper = Paper { words: words::of(query.lang.as_deref().unwrap_or_default()), name: &name, zone };
    let now = state.clock.now();
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"conversation-{}.txt\"", now.with_timezone(&zone).format("%F")),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, paper.write(now, &messages, &carried)))
}

/// What the transcript is written on.
struct Paper<'a> {
    words: &'a Words,
    /// The coach's.
    name: &'a str,
    zone: Tz,
}

impl Paper<'_> {
    fn write(&self, now: DateTime<Utc>, messages: &[Message], carried: &[Attachment]) -> String {
        let mut text = format!(
            "{}\n{} ({})\n",
            self.words.conversation.replace("{name}", self.name),
            self.moment(now),
            self.zone.name()
        );
        for message in messages {
            // What is still being written is not said yet.
            if message.status != MessageStatus::Streaming {
                let files = carried.iter().filter(|file| file.message_id == Some(message.id));
                self.message(&mut text, message, &files.map(|file| file.name.as_str()).collect::<Vec<_>>());
            }
        }
        text
    }

    // Writing to a String cannot fail.
    fn message(&self, text: &mut String, message: &Message, files: &[&str]) {
        let author = match message.author {
            Author::Client => self.words.you.to_owned(),
            Author::Coach => self.name.to_owned(),
            Author::Engine => self.words.material.replace("{name}", self.name),
            Author::CheckIn => format!("{}, {}", self.name, self.words.check_in),
        };
        let _ = write!(text, "\n[{}] {author}\n", self.moment(message.created_at));
        if !files.is_empty() {
            // What stands in the conversation for them says no more than their names.
            let _ = writeln!(text, "{}: {}", self.words.files, files.join(", "));
        } else if !message.text.is_empty() {
            let _ = writeln!(text, "{}", message.text);
        }
        if message.status == MessageStatus::Cancelled {
            let _ = writeln!(text, "({})", self.words.stopped);
        }
        if let Some(problem) = &message.problem {
            let _ = writeln!(text, "({})", problem.sentence);
        }
        if !message.citations.is_empty() {
            let _ = writeln!(text, "{}:", self.words.sources);
            for citation in &message.citations {
                self.source(text, citation);
            }
        }
    }

    fn source(&self, text: &mut String, citation: &Citation) {
        let _ = write!(text, "  [{}] {}", citation.n, citation.title);
        if let Some(page) = citation.page {
            let _ = write!(text, ", {}", self.words.page.replace("{n}", &page.to_string()));
        }
        if let Some(start) = citation.start_ms {
            let seconds = start / 1_000;
            let _ = write!(text, ", {}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        }
        if let Some(heading) = &citation.heading {
            let _ = write!(text, ", {heading}");
        }
        let _ = write!(text, "\n      \"{}\"\n", citation.quote.replace('\n', "\n      "));
        if let Some(url) = &citation.url {
            let _ = writeln!(text, "      {url}");
        }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%F %R").to_string()
    }
}
