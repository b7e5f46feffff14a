//! What Telegram's refusals mean to somebody who connects a bot, and what to do.

use crate::road::messenger::{Code, Refusal};

/// The refusal in a sentence that says what to do; Telegram's own are often a single word.
pub(super) fn told(refusal: Refusal) -> Refusal {
    let words = refusal.detail.trim().trim_end_matches('.');
    let detail = match refusal.code {
        Code::Telegram(401 | 404) => {
            "Telegram does not know this token. Copy it again from @BotFather (/mybots, your bot, \
            API Token): one that was revoked there is worth nothing any more."
                .to_owned()
        }
        Code::Telegram(409) => {
            "Another program receives this bot's updates. Stop it, or revoke the token at @BotFather and \
            connect the bot with the new one."
                .to_owned()
        }
        Code::Telegram(400) if words.to_lowercase().contains("webhook") => format!(
            "Telegram cannot use this server's address ({words}). It has to be reached from the internet by https, on port \
             443, 80, 88 or 8443, with a certificate everybody trusts. Correct server.public_url, or let the bot poll: that \
             needs no address."
        ),
        Code::Telegram(429) => {
            let seconds = refusal.retry_after.map_or(60, |wait| wait.as_secs());
            format!("Telegram was asked too often for this bot. Try again in {seconds} seconds.")
        }
        Code::Telegram(_) => format!("Telegram refused: {words}."),
        _ => return refusal,
    };
    Refusal { detail, ..refusal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        for (code, words, part) in [
            (Code::Telegram(401), "Unauthorized", "@BotFather"),
            (Code::Telegram(404), "Not Found", "@BotFather"),
            (Code::Telegram(409), "Conflict: terminated by other getUpdates request", "Another program"),
            (
                Code::Telegram(400),
                "Bad Request: bad webhook: HTTPS url must be provided for webhook",
                "server.public_url",
            ),
            (Code::Telegram(429), "Too Many Requests", "in 60 seconds"),
            (Code::Telegram(403), "Forbidden: bot was blocked by the user", "blocked by the user."),
            (Code::Unreachable, "Telegram could not be reached", "could not be reached"),
        ] {
            let refusal = Refusal { code: code.clone(), detail: words.into(), retry_after: None };
            let told = told(refusal);
            assert!(told.detail.contains(part), "{words}: {}", told.detail);
            assert_eq!(told.code, code);
        }
    }
}
