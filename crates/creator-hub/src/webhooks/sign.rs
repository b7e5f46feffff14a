//! Signatures as Standard Webhooks describes them: HMAC-SHA256 over id, time and body.

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use sha2::Sha256;

/// What secrets begin with.
const PREFIX: &str = "whsec_";

/// A secret nobody can guess: 256 bits.
pub(crate) fn new_secret() -> io::Result<String> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The header `webhook-signature`: one signature for each secret, separated by spaces.
pub(super) fn signatures<'a>(
    secrets: impl Iterator<Item = &'a str>,
    id: &str,
    timestamp: i64,
    body: &str,
) -> String {
    let one = |secret: &str| {
        // A secret that is no base64 text was not made here; its bytes are as good a key.
        let key =
            STANDARD.decode(secret.trim_start_matches(PREFIX)).unwrap_or_else(|_| secret.as_bytes().to_vec());
        // HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.filter_map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example of the Standard Webhooks specification's libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signatures([secret].into_iter(), id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_secret_signs() {
        let (old, new) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(old, new);
        let both = signatures([old.as_str(), new.as_str()].into_iter(), "e", 1, "{}");
        let alone = signatures([old.as_str()].into_iter(), "e", 1, "{}");
        assert_eq!(both.split(' ').count(), 2);
        assert_eq!(both.split(' ').next(), Some(alone.as_str()));
    }
}
