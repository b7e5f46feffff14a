//! Reads server-sent events.

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

use crate::app::PATIENCE;

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: Value,
}

/// A stream that is being read.
pub(crate) struct Events {
    response: futures::stream::BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    buffer: Vec<u8>,
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        Self { response: response.bytes_stream().boxed(), buffer: Vec::new() }
    }

    /// The next event; nothing at the stream's end.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(event) = parse(&String::from_utf8(frame)?)? {
                    return Ok(Some(event));
                }
                continue;
            }
            match timeout(PATIENCE, self.response.next()).await.context("the stream fell silent")? {
                Some(bytes) => self.buffer.extend_from_slice(&bytes?),
                None => return Ok(None),
            }
        }
    }

    /// The next event of this name, and the text of the deltas on the way there.
    pub(crate) async fn until(&mut self, name: &str) -> Result<(Event, String)> {
        let mut text = String::new();
        loop {
            let event = self.next().await?.with_context(|| format!("it ended before {name}"))?;
            if event.name == "delta" {
                text += event.data["text"].as_str().unwrap_or_default();
            }
            if event.name == name {
                return Ok((event, text));
            }
        }
    }
}

fn parse(frame: &str) -> Result<Option<Event>> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let Some(name) = field("event:") else {
        // A comment that keeps the stream alive.
        return Ok(None);
    };
    let data = serde_json::from_str(field("data:").context("an event without data")?)?;
    Ok(Some(Event { name: name.to_owned(), id: field("id:").unwrap_or_default().to_owned(), data }))
}

/// A question and its answer, as streamed.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) conversation: String,
    /// The answer as it was in the end.
    pub(crate) reply: Value,
    /// The answer as it came.
    pub(crate) streamed: String,
}

impl Turn {
    /// Follows a turn to its `end`.
    pub(crate) async fn read(response: Response) -> Result<Self> {
        let mut events = Events::of(response);
        let (mut reply, mut streamed) = (Value::Null, String::new());
        while let Some(event) = events.next().await? {
            match event.name.as_str() {
                "message" => reply = event.data,
                "delta" => streamed += event.data["text"].as_str().unwrap_or_default(),
                "end" => {
                    let conversation = reply["conversation_id"].as_str().unwrap_or_default().to_owned();
                    return Ok(Self { conversation, reply, streamed });
                }
                other => anyhow::bail!("an event nobody described: {other}"),
            }
        }
        anyhow::bail!("the turn did not end")
    }

    pub(crate) fn text(&self) -> &str {
        self.reply["text"].as_str().unwrap_or_default()
    }

    pub(crate) fn citations(&self) -> &[Value] {
        self.reply["citations"].as_array().map_or(&[], Vec::as_slice)
    }

    /// That it was answered, with sources.
    pub(crate) fn cited(self) -> Result<Self> {
        ensure!(
            self.reply["status"] == "done" && !self.citations().is_empty(),
            "not answered: {:?}",
            self.reply
        );
        Ok(self)
    }
}
