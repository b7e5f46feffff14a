//! Tokens: signed access tokens, and opaque secrets of which only a hash is kept.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::MemberId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::{TryRngCore, rngs::OsRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long an access token works.
pub(crate) const ACCESS: Duration = Duration::minutes(10);
/// How long a refresh token works.
pub(crate) const REFRESH: Duration = Duration::days(30);

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The member.
    pub(crate) sub: MemberId,
    /// The log-in it belongs to.
    pub(crate) fam: Uuid,
    /// When it ends, in Unix seconds.
    pub(crate) exp: i64,
}

/// The key access tokens are signed with.
#[derive(Clone)]
pub struct TokenKeys {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKeys(…)")
    }
}

impl TokenKeys {
    /// Keys from a secret of at least 32 bytes.
    pub fn from_secret(secret: &[u8]) -> io::Result<Self> {
        if secret.len() < 32 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the token secret is shorter than 32 bytes",
            ));
        }
        Ok(Self { sign: EncodingKey::from_secret(secret), verify: DecodingKey::from_secret(secret) })
    }

    /// Reads the secret, or makes one that only this user can read. Several nodes share the file.
    pub fn load_or_create(path: &Path) -> io::Result<Self> {
        if !path.exists() {
            let secret = random_bytes()?;
            // Written beside and linked into place, so that of two that start at once both use the first one's.
            let beside = path.with_extension(format!("new-{}", std::process::id()));
            let _ = fs::remove_file(&beside);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(&secret)?;
            file.sync_all()?;
            let linked = fs::hard_link(&beside, path);
            fs::remove_file(&beside)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Self::from_secret(&fs::read(path)?)
    }

    /// An access token and when it ends.
    pub(crate) fn issue(
        &self,
        now: DateTime<Utc>,
        member: MemberId,
        family: Uuid,
    ) -> Result<(String, DateTime<Utc>), jsonwebtoken::errors::Error> {
        let until = now + ACCESS;
        let claims = Claims { sub: member, fam: family, exp: until.timestamp() };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map(|token| (token, until))
    }

    /// What a token says, if it is ours and has not ended.
    pub(crate) fn read(&self, now: DateTime<Utc>, token: &str) -> Option<Claims> {
        let mut rules = Validation::new(Algorithm::HS256);
        // The end is checked below, against our own clock.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verify, &rules).ok()?.claims;
        (claims.exp > now.timestamp()).then_some(claims)
    }
}

/// 256 bits nobody can guess.
fn random_bytes() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// An opaque secret: `prefix` and 256 bits nobody can guess.
pub(crate) fn opaque(prefix: &str) -> io::Result<String> {
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random_bytes()?)))
}

/// What is kept of a secret. It is long and random, so a fast hash is enough.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_works_until_it_ends_and_only_under_its_key() {
        let keys = TokenKeys::from_secret(&[7; 32]).unwrap();
        let (member, family) = (MemberId::new(now()), Uuid::from_u128(9));
        let (token, until) = keys.issue(now(), member, family).unwrap();
        assert_eq!(keys.read(now(), &token).unwrap().sub, member);
        assert_eq!(keys.read(until, &token), None);
        assert_eq!(TokenKeys::from_secret(&[8; 32]).unwrap().read(now(), &token), None);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert_eq!(keys.read(now(), &unsigned), None);
    }

    #[test]
    fn the_secret_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        let (token, _) = TokenKeys::load_or_create(&path)
            .unwrap()
            .issue(now(), MemberId::new(now()), Uuid::from_u128(1))
            .unwrap();
        assert!(TokenKeys::load_or_create(&path).unwrap().read(now(), &token).is_some());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
