//! Proof that a webhook comes from Meta: HMAC-SHA256 over the raw bytes, under the app's secret.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header it comes in, as `sha256=HEX`.
pub(super) const HEADER: &str = "x-hub-signature-256";

/// Whether `signature` is that of these bytes. Takes as long whatever it is; false without a secret.
pub(super) fn is_valid(secret: &str, signature: Option<&str>, body: &[u8]) -> bool {
    let given = signature.and_then(|text| text.strip_prefix("sha256=")).and_then(|hex| hex::decode(hex).ok());
    let (Some(given), false, Ok(mut mac)) =
        (given, secret.is_empty(), Hmac::<Sha256>::new_from_slice(secret.as_bytes()))
    else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&given).is_ok()
}

/// What proves to Meta that a call with this token comes from the app it was made for: HMAC-SHA256 of the token,
/// in hex. `None` without a secret.
pub(super) fn proof(secret: &str, token: &str) -> Option<String> {
    if secret.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(token.as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// Whether Meta said the word we agreed on when the webhook's address was registered.
pub(super) fn is_token(expected: &str, given: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_bytes_under_the_secret() {
        // RFC 4231, test case 2.
        let known = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = b"what do ya want for nothing?";
        assert!(is_valid("Jefe", Some(known), body));
        assert!(!is_valid("Jefe", Some(known), b"what do ya want for nothing!"));
        assert!(!is_valid("jefe", Some(known), body));
        for wrong in
            [None, Some(""), Some("sha256="), Some("sha256=5b"), Some("sha256=zz"), Some(&known[7..])]
        {
            assert!(!is_valid("Jefe", wrong, body), "{wrong:?}");
        }
    }

    #[test]
    fn without_a_secret_nothing_is_valid() {
        // The true signature of nothing under the empty key.
        let empty = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert!(!is_valid("", Some(empty), b""));
        assert!(!is_token("", ""));
        assert!(is_token("word", "word") && !is_token("word", "Word"));
    }
}
