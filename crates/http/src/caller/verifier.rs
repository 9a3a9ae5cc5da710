//! The verifier of bearer tokens.
//!
//! **Shape.** One ring (keys with the tokens that they verified) behind a lock that is held only
//! to copy a pointer. Replacing the keys puts a new ring with an empty cache in its place, so a
//! verification that is still under way writes into the ring that is gone.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use writ_domain::{Clock, TenantId};

use super::cache::{Cache, Fingerprint};
use super::claims::{self, Verified};
use super::keys::{Keys, KeysError};
use super::{AuthError, Caller, metadata};

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// For whom a token must have been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// One of these, to the letter.
    Exact(Vec<String>),
    /// Anything that ends so: the local issuer serves every host name that it is called by.
    Suffix(String),
}

impl Audience {
    pub(super) fn takes(&self, audience: &str) -> bool {
        match self {
            Self::Exact(audiences) => audiences.iter().any(|taken| taken == audience),
            Self::Suffix(suffix) => audience.ends_with(suffix.as_str()),
        }
    }

    fn is_open(&self) -> bool {
        match self {
            Self::Exact(audiences) => {
                audiences.is_empty() || audiences.iter().any(String::is_empty)
            }
            Self::Suffix(suffix) => suffix.is_empty(),
        }
    }
}

/// Whose ledger a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantRule {
    /// The issuer belongs to one tenant.
    Fixed(TenantId),
    /// The claim of this name holds the tenant.
    Claim(String),
}

/// Whom a verifier believes, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The pinned `iss`, to the letter.
    pub issuer: String,
    /// What `aud` must hold.
    pub audience: Audience,
    /// Where the tenant comes from.
    pub tenant: TenantRule,
}

/// Turns headers into a [`Caller`].
#[derive(Debug)]
pub struct Verifier {
    clock: Arc<dyn Clock>,
    trust: Trust,
    ring: RwLock<Arc<Ring>>,
}

impl Verifier {
    /// A verifier that believes the keys of this JSON Web Key Set.
    pub fn try_new(clock: Arc<dyn Clock>, trust: Trust, jwks: &[u8]) -> Result<Self, SetupError> {
        if trust.issuer.is_empty() {
            return Err(SetupError::NoIssuer);
        }
        if trust.audience.is_open() {
            return Err(SetupError::NoAudience);
        }
        if matches!(&trust.tenant, TenantRule::Claim(name) if name.is_empty()) {
            return Err(SetupError::NoTenant);
        }
        let ring = RwLock::new(Arc::new(Ring::of(Keys::from_jwks(jwks)?)));
        Ok(Self { clock, trust, ring })
    }

    /// Believes these keys instead, and forgets the tokens that the old ones verified.
    ///
    /// The old keys stay if the set holds none that can be used.
    pub fn replace_keys(&self, jwks: &[u8]) -> Result<(), KeysError> {
        let ring = Arc::new(Ring::of(Keys::from_jwks(jwks)?));
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// The caller that these headers name. `peer` is the address that the request came from.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<Caller, AuthError> {
        let verified = self.verified(bearer(headers)?)?;
        Ok(Caller {
            tenant: verified.tenant.clone(),
            subject: verified.subject.clone(),
            client_id: verified.client_id.clone(),
            scopes: verified.scopes.clone(),
            address: peer,
            user_agent: metadata::user_agent(headers),
            auth0_client: metadata::auth0_client(headers),
        })
    }

    /// Whether the token's verification is remembered.
    #[cfg(test)]
    pub(super) fn remembers(&self, token: &str) -> bool {
        self.ring
            .read()
            .unwrap()
            .cache
            .get(&Fingerprint::of(token))
            .is_some()
    }

    fn verified(&self, token: &str) -> Result<Arc<Verified>, AuthError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::Invalid);
        }
        let now = self.clock.now();
        let ring = Arc::clone(&*self.ring.read().unwrap_or_else(PoisonError::into_inner));
        let fingerprint = Fingerprint::of(token);
        if let Some(known) = ring.cache.get(&fingerprint) {
            // SUBTLE: remembered is not valid; time has gone on since.
            known.times.check(now)?;
            return Ok(known);
        }
        let payload = ring.keys.verify(token)?;
        let verified = Arc::new(claims::check(&self.trust, &payload, now)?);
        ring.cache.put(fingerprint, Arc::clone(&verified));
        Ok(verified)
    }
}

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Tokens of any issuer would do.
    #[error("no issuer is pinned")]
    NoIssuer,
    /// Tokens for any audience would do.
    #[error("no audience is pinned")]
    NoAudience,
    /// The name of the tenant's claim is empty.
    #[error("the claim that names the tenant has no name")]
    NoTenant,
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Keys, and the tokens that they verified.
#[derive(Debug)]
struct Ring {
    keys: Keys,
    cache: Cache,
}

impl Ring {
    fn of(keys: Keys) -> Self {
        Self {
            keys,
            cache: Cache::default(),
        }
    }
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(AuthError::Missing);
    };
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    let Ok(value) = value.to_str() else {
        return Err(AuthError::Malformed);
    };
    let mut words = value.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(scheme), _, _) if !scheme.eq_ignore_ascii_case("bearer") => Err(AuthError::Missing),
        (None, _, _) => Err(AuthError::Missing),
        (Some(_), Some(token), None) => Ok(token),
        (Some(_), _, _) => Err(AuthError::Malformed),
    }
}
