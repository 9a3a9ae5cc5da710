//! Tokens that were verified, by their hash: bounded, and never asked for more than a signature.
//!
//! **Shape.** Two generations. When the young one is full it becomes the old one and the old one
//! is dropped; a token found in the old one is young again. What is in use stays, at the price of
//! a map look-up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use super::claims::Verified;

/// Tokens in a generation.
const GENERATION_MAX: usize = 2_048;

/// SHA-256 of a token: the cache does not hold credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// Verified tokens. The reader MUST check their times: nothing is dropped because it expired.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Fingerprint, Arc<Verified>>,
    old: HashMap<Fingerprint, Arc<Verified>>,
}

impl Cache {
    pub(super) fn get(&self, token: &Fingerprint) -> Option<Arc<Verified>> {
        let found = {
            let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(young) = generations.young.get(token) {
                return Some(Arc::clone(young));
            }
            Arc::clone(generations.old.get(token)?)
        };
        self.put(*token, Arc::clone(&found));
        Some(found)
    }

    pub(super) fn put(&self, token: Fingerprint, verified: Arc<Verified>) {
        let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION_MAX {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(token, verified);
    }
}

#[cfg(test)]
mod tests {
    use writ_domain::TenantId;

    use super::*;
    use crate::caller::claims::Times;

    fn verified() -> Arc<Verified> {
        Arc::new(Verified {
            tenant: TenantId::try_new("default").unwrap(),
            subject: "s".into(),
            client_id: None,
            scopes: [].into(),
            times: Times {
                expires_at: 1,
                valid_from: None,
            },
        })
    }

    #[test]
    fn a_token_in_use_stays_and_the_rest_is_bounded() {
        let cache = Cache::default();
        let used = Fingerprint::of("used");
        cache.put(used, verified());
        for number in 0..GENERATION_MAX * 3 {
            cache.put(Fingerprint::of(&number.to_string()), verified());
            assert!(cache.get(&used).is_some(), "lost after {number}");
        }
        let generations = cache.0.read().unwrap();
        assert!(generations.young.len() <= GENERATION_MAX);
        assert!(generations.old.len() <= GENERATION_MAX);
        drop(generations);
        assert!(cache.get(&Fingerprint::of("0")).is_none());
    }
}
