//! Ollama's protocol: one JSON object a line.

use std::borrow::Cow;

use ollama_rs::generation::chat::request::ChatMessageRequest;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest line that is read, in bytes; a line holds one token, or an error.
const LONGEST: usize = 1 << 20;

/// The body of a streaming request. ollama-rs sets `stream` only when it sends by itself and knows no `truncate` or `shift`.
pub(super) fn body(chat: &ChatMessageRequest) -> serde_json::Result<Vec<u8>> {
    let mut body = serde_json::to_value(chat)?;
    body["stream"] = json!(true);
    body["truncate"] = json!(false);
    body["shift"] = json!(false);
    serde_json::to_vec(&body)
}

/// Bytes that become lines, however they were cut into packets.
#[derive(Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to where no line end was found.
    searched: usize,
    ended: bool,
}

impl Lines {
    /// Takes a packet. Fails when a line grows beyond all reason.
    pub(super) fn push(&mut self, packet: &[u8]) -> Result<(), ()> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.buffer.len() > LONGEST {
            return Err(());
        }
        self.buffer.extend_from_slice(packet);
        Ok(())
    }

    /// Nothing more will come; true when a last line without a line end is left to read.
    pub(super) fn finish(&mut self) -> bool {
        let left = !self.ended && self.buffer[self.start..].iter().any(|byte| !byte.is_ascii_whitespace());
        self.ended = true;
        left
    }

    /// The next whole line that is not blank.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let found = self.buffer[self.searched..].iter().position(|&byte| byte == b'\n');
            let end = match found {
                Some(offset) => self.searched + offset,
                None if self.ended && self.start < self.buffer.len() => self.buffer.len(),
                None => {
                    self.searched = self.buffer.len();
                    return None;
                }
            };
            let line = self.buffer[self.start..end].trim_ascii().to_vec();
            self.start = (end + 1).min(self.buffer.len());
            self.searched = self.start;
            if !line.is_empty() {
                return Some(line);
            }
        }
    }
}

/// One line of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// More text.
    Text(String),
    /// Neither text nor an end: the model loads, or thinks.
    Nothing,
    /// The server gave up.
    Error(String),
    /// The last line.
    End { text: String, prompt_tokens: Option<u32>, completion_tokens: u32 },
}

#[derive(Deserialize)]
struct RawLine<'a> {
    #[serde(borrow)]
    message: Option<RawMessage<'a>>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(default)]
    done: bool,
    prompt_eval_count: Option<u32>,
    eval_count: Option<u32>,
}

#[derive(Deserialize)]
struct RawMessage<'a> {
    #[serde(borrow, default)]
    content: Cow<'a, str>,
}

impl Line {
    /// Reads a line.
    pub(super) fn read(line: &[u8]) -> serde_json::Result<Self> {
        let raw: RawLine<'_> = serde_json::from_slice(line)?;
        if let Some(error) = raw.error {
            return Ok(Self::Error(error.into_owned()));
        }
        let text = raw.message.map(|message| message.content.into_owned()).unwrap_or_default();
        Ok(if raw.done {
            Self::End {
                text,
                prompt_tokens: raw.prompt_eval_count,
                completion_tokens: raw.eval_count.unwrap_or_default(),
            }
        } else if text.is_empty() {
            Self::Nothing
        } else {
            Self::Text(text)
        })
    }
}

/// The text of an error body: `{"error": "…"}`, or as it is.
pub(super) fn error_text(body: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    match parsed.as_ref().and_then(|value| value["error"].as_str()) {
        Some(said) => said.to_owned(),
        None => String::from_utf8_lossy(body).trim().to_owned(),
    }
}

/// Tokens sent and tokens there was room for, when the error says that the prompt does not fit.
pub(super) fn overflow(said: &str) -> Option<(u32, Option<u32>)> {
    let value: Value = serde_json::from_str(said).ok()?;
    let error = &value["error"];
    let count = |name: &str| error[name].as_u64().and_then(|count| u32::try_from(count).ok());
    (error["type"] == "exceed_context_size_error")
        .then(|| Some((count("n_prompt_tokens")?, count("n_ctx"))))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(lines: &mut Lines) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| lines.next()).collect()
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_packets_are_cut(
            texts in prop::collection::vec("[a-zé世\u{1F6A3}]{1,9}", 1..9),
            cuts in prop::collection::vec(1usize..7, 1..60),
        ) {
            let whole = texts.join("\n").into_bytes();
            let (mut rest, mut lines, mut got) = (whole.as_slice(), Lines::default(), Vec::new());
            let mut cuts = cuts.into_iter().cycle();
            while !rest.is_empty() {
                let (packet, left) = rest.split_at(cuts.next().unwrap().min(rest.len()));
                lines.push(packet).unwrap();
                got.extend(all(&mut lines));
                rest = left;
            }
            prop_assert!(lines.finish());
            got.extend(all(&mut lines));
            prop_assert_eq!(got, texts.into_iter().map(String::into_bytes).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_last_line_carries_the_counts() {
        let line = br#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":26,"eval_count":298}"#;
        let end = Line::End { text: String::new(), prompt_tokens: Some(26), completion_tokens: 298 };
        assert_eq!(Line::read(line).unwrap(), end);
    }

    #[test]
    fn thinking_is_no_text() {
        let line =
            br#"{"model":"m","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#;
        assert_eq!(Line::read(line).unwrap(), Line::Nothing);
    }

    #[test]
    fn an_overflow_names_both_sizes() {
        let said = r#"{"error":{"code":400,"message":"request (351 tokens) exceeds","type":"exceed_context_size_error","n_prompt_tokens":351,"n_ctx":256}}"#;
        assert_eq!(overflow(said), Some((351, Some(256))));
        assert_eq!(overflow("busy"), None);
    }
}
