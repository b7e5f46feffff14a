//! An answer as it grows: to the readers at once, to the database now and then.

use std::time::Duration;

use coxswain_domain::{
    CreatorId, MessageId,
    ports::{ChatChunk, ChatError, ChatStream},
};
use coxswain_store::{Db, StoreError, conversations, live::Writer};
use futures::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::prompt::NO_ANSWER;

/// How often, at most, what has come is written down.
const FLUSH: Duration = Duration::from_millis(400);
/// How often, at most, readers are told. The first words go out at once; a model faster than this
/// would otherwise wake every reader for every token.
const PACE: Duration = Duration::from_millis(12);

/// Where an answer goes as it grows.
pub(super) enum Sink<'a> {
    /// A message of a conversation.
    Message { writer: Writer, db: Db, creator: CreatorId, reply: MessageId },
    /// Someone who listens in this process.
    Listener(&'a mut (dyn FnMut(&str) + Send)),
}

impl Sink<'_> {
    pub(super) fn push(&mut self, text: &str) {
        match self {
            Self::Message { writer, .. } => writer.push(text),
            Self::Listener(listener) => listener(text),
        }
    }

    /// Cancelled when a reader wants no more.
    pub(super) fn cancelled(&self) -> CancellationToken {
        match self {
            Self::Message { writer, .. } => writer.cancelled(),
            Self::Listener(_) => CancellationToken::new(),
        }
    }

    /// Writes down what has come. False: the message is final already.
    async fn keep(&mut self, text: &str) -> Result<bool, StoreError> {
        let Self::Message { db, creator, reply, .. } = self else {
            return Ok(true);
        };
        let mut tx = db.write(*creator).await?;
        let open = conversations::grow(&mut tx, *creator, *reply, text).await?;
        tx.commit().await?;
        Ok(open)
    }
}

/// How a stream ended.
#[derive(Debug)]
pub(super) enum End {
    Complete,
    /// A reader, or another process, stopped it.
    Cancelled,
    Failed(ChatError),
}

/// What a model said.
#[derive(Debug)]
pub(super) struct Streamed {
    pub(super) text: String,
    pub(super) end: End,
    /// Tokens of the prompt by the model's count.
    pub(super) prompt_tokens: Option<u32>,
    pub(super) completion_tokens: u32,
    pub(super) first_token: Option<Instant>,
}

/// Passes a stream on until it ends.
pub(super) async fn pass_on(mut stream: ChatStream, sink: &mut Sink<'_>) -> Result<Streamed, StoreError> {
    let mut streamed = Streamed {
        text: String::new(),
        end: End::Complete,
        prompt_tokens: None,
        completion_tokens: 0,
        first_token: None,
    };
    let cancel = sink.cancelled();
    let cancelled = cancel.cancelled();
    tokio::pin!(cancelled);
    let mut flush = interval_at(Instant::now() + FLUSH, FLUSH);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Readers may be told again from here on. A timer that is over already would still take a millisecond.
    let mut next_show = Instant::now();
    let pace = tokio::time::sleep_until(next_show);
    tokio::pin!(pace);
    // What readers saw of what has come, and what the database has of it: lengths in bytes.
    let (mut shown, mut kept) = (0, 0);
    // Ends of the pieces that wait to be shown.
    let mut waiting: Vec<usize> = Vec::new();
    loop {
        tokio::select! {
            biased;
            () = &mut cancelled => {
                streamed.end = End::Cancelled;
                break;
            }
            _ = flush.tick(), if kept < shown => {
                if !sink.keep(&streamed.text[..shown]).await? {
                    streamed.end = End::Cancelled;
                    break;
                }
                kept = shown;
            }
            () = &mut pace, if !waiting.is_empty() => {
                show(sink, &streamed.text, &mut shown, &mut waiting);
                next_show = Instant::now() + PACE;
            }
            chunk = stream.next() => match chunk {
                Some(Ok(ChatChunk::Text(text))) => {
                    streamed.completion_tokens += 1;
                    streamed.text.push_str(&text);
                    let now = Instant::now();
                    streamed.first_token.get_or_insert(now);
                    if may_be_no_answer(&streamed.text) {
                        continue;
                    }
                    waiting.push(streamed.text.len());
                    if now >= next_show {
                        show(sink, &streamed.text, &mut shown, &mut waiting);
                        next_show = now + PACE;
                    } else if waiting.len() == 1 {
                        pace.as_mut().reset(next_show);
                    }
                }
                Some(Ok(ChatChunk::End { prompt_tokens, completion_tokens })) => {
                    streamed.prompt_tokens = prompt_tokens;
                    streamed.completion_tokens = completion_tokens;
                    break;
                }
                Some(Err(error)) => {
                    streamed.end = End::Failed(error);
                    break;
                }
                None => {
                    let detail = "the stream ended early".to_owned();
                    streamed.end = End::Failed(ChatError::Broken { detail });
                    break;
                }
            },
        }
    }
    show(sink, &streamed.text, &mut shown, &mut waiting);
    Ok(streamed)
}

/// Shows readers the pieces that wait, one by one but at one moment.
fn show(sink: &mut Sink<'_>, text: &str, shown: &mut usize, waiting: &mut Vec<usize>) {
    for end in waiting.drain(..) {
        sink.push(&text[*shown..end]);
        *shown = end;
    }
}

/// Whether the text so far may become the sign for "not covered", which no client should see.
fn may_be_no_answer(text: &str) -> bool {
    let text = text.trim_start();
    NO_ANSWER.starts_with(text) || (text.starts_with(NO_ANSWER) && text.len() <= NO_ANSWER.len() + 2)
}

/// Whether the model says that the passages do not answer.
pub(super) fn says_no_answer(text: &str) -> bool {
    text.trim_matches(|character: char| !character.is_alphanumeric()) == NO_ANSWER
}
