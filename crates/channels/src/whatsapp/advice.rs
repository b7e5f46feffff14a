//! What Meta's refusals mean to somebody who connects a number, and what to do.

use crate::road::messenger::{Code, Refusal};

/// The refusal in a sentence that says what to do.
pub(super) fn told(refusal: Refusal) -> Refusal {
    let words = refusal.detail.trim().trim_end_matches('.');
    let detail = match refusal.code {
        Code::Meta(0 | 190 | 401) | Code::Http(401) => format!(
            "Meta does not accept this access token: it is wrong, or it has run out ({words}). Make a permanent one for a \
             system user, in Meta's Business settings under Users, System users, and paste all of it."
        ),
        Code::Meta(_) if words.to_lowercase().contains("appsecret_proof") => {
            "The token was made for another app than this server's. Set whatsapp.app_secret to the secret of the app that \
             the token belongs to: at Meta under App settings, Basic."
                .to_owned()
        }
        Code::Meta(33 | 100) | Code::Http(404) => format!(
            "Meta finds no such number or account with this token ({words}). Copy both ids from WhatsApp, API Setup: the \
             phone number's id is not the phone number. And let the token's user manage that account."
        ),
        Code::Meta(3 | 10 | 200..=299 | 131_005) | Code::Http(403) => format!(
            "The token may not do this ({words}). Give its user whatsapp_business_messaging and \
             whatsapp_business_management, then make the token anew."
        ),
        Code::Meta(368 | 131_031) => format!("Meta has restricted this account ({words}). See Meta's Business Support Home."),
        Code::Meta(4 | 613 | 80_007) | Code::Http(429) => {
            "Meta was asked too often for this account. Try again in some minutes.".to_owned()
        }
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
            (Code::Meta(190), "Error validating access token: Session has expired", "System users"),
            (Code::Meta(100), "Invalid appsecret_proof provided in the API argument", "whatsapp.app_secret"),
            (
                Code::Meta(100),
                "Unsupported get request. Object with ID '1' does not exist",
                "is not the phone number",
            ),
            (Code::Meta(33), "no such object", "is not the phone number"),
            (Code::Meta(10), "Application does not have permission", "whatsapp_business_management"),
            (Code::Meta(131_031), "locked", "restricted"),
            (Code::Ambiguous, "Meta did not answer in time", "in time"),
        ] {
            let refusal = Refusal { code: code.clone(), detail: words.into(), retry_after: None };
            let told = told(refusal);
            assert!(told.detail.contains(part), "{words}: {}", told.detail);
            assert_eq!(told.code, code);
        }
    }
}
