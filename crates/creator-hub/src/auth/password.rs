//! Passwords: Argon2id, off the threads that serve requests, a few at a time.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng},
};
use coxswain_http::{Problem, Result};
use tokio::sync::Semaphore;

/// Characters a password must have.
pub(crate) const MIN_LENGTH: usize = 12;
/// Bytes it may have, so that hashing it stays cheap.
pub(crate) const MAX_LENGTH: usize = 1024;

/// What an unknown address is compared with, so that it takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Hashes and compares passwords. Each takes 19 MiB and tens of milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    slots: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { slots: Arc::new(Semaphore::new(cores)) }
    }
}

impl Passwords {
    /// The PHC string of a password.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash_now(&password)).await?.map_err(|error| Problem::internal(&error))
    }

    /// Whether a password is the one behind the PHC string. Without one it takes as long, and is not.
    pub(crate) async fn matches(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let equal = PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            equal && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _slot = self.slots.acquire().await.map_err(|error| Problem::internal(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
    }
}

fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::generate(&mut OsRng);
    Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::default();
        let hash = passwords.hash("a long enough one".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.matches("a long enough one".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("another long one".into(), Some(hash)).await.unwrap());
        assert!(!passwords.matches("nobody has this password".into(), None).await.unwrap());
    }
}
