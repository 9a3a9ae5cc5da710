//! Passwords: hashed, and compared with their hashes, without holding up other requests.
//!
//! **Correctness.** What was verified is remembered under a keyed hash of user, password and
//! stored hash: another password, or a new hash, is another key. The key of that hash is made anew
//! with each process. What is remembered is bounded; a failure is never remembered.

use core::fmt;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use aws_lc_rs::hmac;
use tokio::sync::Semaphore;

/// Credentials that are remembered at a time, at most twice.
const REMEMBERED_MAX: usize = 2_048;

/// Why a password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("failed to hash a password")]
pub struct HashError;

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Passwords {
    shared: Arc<Shared>,
}

struct Shared {
    /// How many are worked on at a time: each takes a core, and memory.
    turns: Semaphore,
    key: hmac::Key,
    verified: Mutex<Verified>,
}

/// Two generations: when the young one is full it becomes the old one, which is dropped.
#[derive(Default)]
struct Verified {
    young: HashSet<[u8; 32]>,
    old: HashSet<[u8; 32]>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Passwords {
    /// Works on so many at a time. The secret is random, and never leaves the process.
    #[must_use]
    pub fn new(at_a_time: usize, secret: [u8; 32]) -> Self {
        Self {
            shared: Arc::new(Shared {
                turns: Semaphore::new(at_a_time.max(1)),
                key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
                verified: Mutex::default(),
            }),
        }
    }

    /// The hash of a password, with this salt.
    pub async fn hash(&self, password: &str, salt: u128) -> Result<String, HashError> {
        let password = password.to_owned();
        self.in_turn(move || {
            let argon2 = Argon2::default();
            argon2
                .hash_password_with_salt(password.as_bytes(), &salt.to_be_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_source| HashError)
        })
        .await
        .unwrap_or(Err(HashError))
    }

    /// Whether the password is the user's. Without a hash it is not, and takes as long to say.
    pub(crate) async fn verify(&self, user: &str, password: &str, hash: Option<&str>) -> bool {
        let digest = hash.map(|hash| self.digest(user, password, hash));
        if digest.is_some_and(|digest| self.remembers(&digest)) {
            return true;
        }
        let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
        let same = self
            .in_turn(move || compare(&password, hash.as_deref()))
            .await
            .unwrap_or(false);
        if let Some(digest) = digest.filter(|_| same) {
            self.remember(digest);
        }
        same
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = self.shared.turns.acquire().await.ok()?;
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        done.ok()
    }

    fn digest(&self, user: &str, password: &str, hash: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.shared.key);
        for part in [user, password, hash] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        digest
    }

    fn remembers(&self, digest: &[u8; 32]) -> bool {
        let verified = self.verified();
        verified.young.contains(digest) || verified.old.contains(digest)
    }

    fn remember(&self, digest: [u8; 32]) {
        let mut verified = self.verified();
        if verified.young.len() >= REMEMBERED_MAX {
            verified.old = core::mem::take(&mut verified.young);
        }
        verified.young.insert(digest);
    }

    /// A panic elsewhere leaves the sets whole: nothing here panics half-way.
    fn verified(&self) -> std::sync::MutexGuard<'_, Verified> {
        let verified = &self.shared.verified;
        verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of a password that nobody has.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn compare(password: &str, hash: Option<&str>) -> bool {
    let known = hash.is_some();
    let Ok(hash) = PasswordHash::new(hash.unwrap_or(NOBODYS)) else {
        return false;
    };
    let same = Argon2::default().verify_password(password.as_bytes(), &hash);
    known && same.is_ok()
}
