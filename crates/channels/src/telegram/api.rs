//! One call of the Bot API.
//!
//! Methods and their parameters are teloxide's payloads, and its [`Bot`] holds token, address and client. Only
//! the last step is ours, for three reasons. On a 5xx teloxide sleeps ten seconds inside the call and then
//! forgets the status, so that a worker stands still for nothing. It knows refusals by their text and drops
//! `error_code`, by which they are judged here. And it reads every answer strictly: a sent message with a field
//! it does not know would count as not sent, and be sent again.

use std::{error::Error, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use teloxide::{Bot, requests::Payload};
use url::Url;

use crate::road::messenger::{Code, Refusal};

/// Most bytes of an answer; the longest are a hundred updates.
const LONGEST_ANSWER: usize = 16 << 20;

/// What Telegram answers. All of it may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    ok: bool,
    result: Option<Box<RawValue>>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Parameters,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// Calls a method and reads its result as `T`, which should ask for no more than is needed.
/// `within` is for everything together, the way there and back included.
pub(super) async fn call<P, T>(bot: &Bot, payload: &P, within: Duration) -> Result<T, Refusal>
where
    P: Payload + Serialize,
    T: DeserializeOwned,
{
    let body = serde_json::to_vec(payload).map_err(|error| refusal(Code::Telegram(400), &error))?;
    let request = bot.client().post(method_url::<P>(bot)?).timeout(within);
    let request = request.header("content-type", "application/json").body(body);
    let mut response = request.send().await.map_err(|error| {
        // The address holds the token.
        let code = if error.is_connect() { Code::Unreachable } else { Code::Ambiguous };
        refusal(code, &error.without_url())
    })?;
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= LONGEST_ANSWER => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(broken(status, "the answer is too long")),
            Ok(None) => break,
            Err(error) => return Err(broken(status, &causes(&error.without_url()))),
        }
    }
    let answer: Answer =
        serde_json::from_slice(&bytes).map_err(|_| broken(status, "the answer is not Telegram's"))?;
    if !answer.ok {
        return Err(answer.refusal(status));
    }
    let result = answer.result.as_ref().map_or("null", |result| result.get());
    serde_json::from_str(result).map_err(|error| broken(status, &error.to_string()))
}

/// A file's bytes, at most `limit`.
pub(super) async fn download(
    bot: &Bot,
    path: &str,
    limit: u64,
    within: Duration,
) -> Result<Vec<u8>, Refusal> {
    let url = address(bot, |segments| {
        segments.push("file").push(&format!("bot{}", bot.token())).extend(path.split('/'));
    })?;
    let unreachable = |error: &(dyn Error + 'static)| refusal(Code::Unreachable, error);
    let request = bot.client().get(url).timeout(within);
    let mut response = request.send().await.map_err(|error| unreachable(&error.without_url()))?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(Refusal {
            code: Code::Http(status),
            detail: "the file was not given".into(),
            retry_after: None,
        });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error.without_url()))? {
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(too_big());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// As Telegram itself refuses files beyond its own limit.
pub(super) fn too_big() -> Refusal {
    Refusal { code: Code::Telegram(400), detail: "Bad Request: file is too big".into(), retry_after: None }
}

impl Answer {
    fn refusal(self, status: u16) -> Refusal {
        let code = match (self.parameters.migrate_to_chat_id, self.error_code) {
            (Some(to), _) => Code::Migrated { to: to.to_string() },
            (None, Some(code)) => Code::Telegram(code),
            (None, None) if status >= 400 => Code::Http(status),
            // Neither yes nor no.
            (None, None) => Code::Ambiguous,
        };
        Refusal {
            code,
            detail: self.description.unwrap_or_default(),
            retry_after: self.parameters.retry_after.map(Duration::from_secs),
        }
    }
}

/// An answer that cannot be read: a refusal by its status, or, if that says it went well, perhaps done.
fn broken(status: u16, detail: &str) -> Refusal {
    let code = if status < 400 { Code::Ambiguous } else { Code::Http(status) };
    Refusal { code, detail: detail.to_owned(), retry_after: None }
}

fn refusal(code: Code, error: &(dyn Error + 'static)) -> Refusal {
    Refusal { code, detail: causes(error), retry_after: None }
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn method_url<P: Payload>(bot: &Bot) -> Result<Url, Refusal> {
    // `SendMessage` at teloxide is `sendMessage` in Telegram's documentation.
    let mut method = P::NAME.to_owned();
    if let Some(first) = method.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    address(bot, |segments| {
        segments.push(&format!("bot{}", bot.token())).push(&method);
    })
}

/// The API's address with more segments; one that it may have, as behind a proxy, stays.
fn address(bot: &Bot, add: impl FnOnce(&mut url::PathSegmentsMut<'_>)) -> Result<Url, Refusal> {
    let mut url = bot.api_url();
    let Ok(mut segments) = url.path_segments_mut() else {
        let detail = "telegram.api_url cannot have a path".to_owned();
        return Err(Refusal { code: Code::Unreachable, detail, retry_after: None });
    };
    add(segments.pop_if_empty());
    drop(segments);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use teloxide::{Bot, payloads::GetMe};
    use url::Url;

    use super::{Answer, address, broken, method_url};
    use crate::road::messenger::Code;

    #[test]
    fn an_address_with_a_path_keeps_it_with_and_without_a_slash() {
        for base in ["http://127.0.0.1:1/api", "http://127.0.0.1:1/api/"] {
            let bot = Bot::new("1:A_b-c").set_api_url(Url::parse(base).unwrap());
            assert_eq!(
                method_url::<GetMe>(&bot).unwrap().as_str(),
                "http://127.0.0.1:1/api/bot1:A_b-c/getMe"
            );
        }
    }

    #[test]
    fn a_path_cannot_leave_its_place() {
        let bot = Bot::new("1:A").set_api_url(Url::parse("http://127.0.0.1:1").unwrap());
        let url = address(&bot, |segments| {
            segments.push("file").extend("../../x".split('/'));
        });
        assert_eq!(url.unwrap().as_str(), "http://127.0.0.1:1/file/x");
    }

    #[test]
    fn refusals_keep_their_number_their_words_and_their_wish() {
        let read = |json: &str, status| serde_json::from_str::<Answer>(json).unwrap().refusal(status);
        let flood = read(
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}}"#,
            429,
        );
        assert_eq!((flood.code, flood.retry_after), (Code::Telegram(429), Some(Duration::from_secs(9))));
        let moved = read(r#"{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100123}}"#, 400);
        assert_eq!(moved.code, Code::Migrated { to: "-100123".into() });
        assert_eq!(read("{}", 502).code, Code::Http(502));
        assert_eq!(read("{}", 200).code, Code::Ambiguous);
    }

    #[test]
    fn an_unreadable_answer_is_a_refusal_only_if_its_status_is() {
        assert_eq!(broken(200, "").code, Code::Ambiguous);
        assert_eq!(broken(502, "").code, Code::Http(502));
    }
}
