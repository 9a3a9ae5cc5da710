//! Who calls: bearer tokens verified against pinned keys, issuer and audience.
//!
//! Deliberately absent: fetching of keys (the server gives and replaces them), scopes per route
//! (each route knows its own), and what an error looks like on the wire (each dialect has its own
//! words for an [`AuthError`]).
//!
//! **Correctness.** Which algorithm a key verifies follows from the key's type alone: a token's
//! header picks among our keys and never says how one is used. A tenant comes from the pinned
//! issuer or a claim of the token, never from a header that the caller chooses. A token that was
//! verified is remembered until it expires, at most; replacing the keys forgets all of them.

mod cache;
mod claims;
mod keys;
mod metadata;
mod verifier;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::IpAddr;

use axum::http::HeaderValue;
use writ_domain::{Actor, TenantId};

use crate::Problem;

pub use self::keys::KeysError;
pub use self::verifier::{Audience, SetupError, TenantRule, Trust, Verifier};

/// Somebody who showed a credential that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose ledger the credential opens.
    pub tenant: TenantId,
    /// The subject of the credential.
    pub subject: String,
    /// The client that the credential was given to.
    pub client_id: Option<String>,
    /// What the credential allows.
    pub scopes: BTreeSet<String>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The SDK's account of itself: the decoded `Auth0-Client` header, a compact JSON object.
    pub auth0_client: Option<String>,
}

impl Caller {
    /// The caller as the ledger records it.
    ///
    /// `on_behalf_of` is left empty: that is the request's claim, not the credential's.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let sdk = self.auth0_client.as_deref().and_then(metadata::sdk);
        Actor {
            subject: self.subject.clone(),
            client: self.client_id.clone(),
            on_behalf_of: None,
            address: self
                .address
                .map(|address| address.to_canonical().to_string()),
            user_agent: sdk.or_else(|| self.user_agent.clone()),
        }
    }

    /// Whether the credential holds at least one of these scopes. No scope asked is none held.
    #[must_use]
    pub fn holds_any(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.scopes.contains(*scope))
    }
}

/// Why a request has no caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credential of a kind that is taken here.
    #[error("no bearer token was sent")]
    Missing,
    /// The header does not hold one token of three parts, or there are several headers.
    #[error("the authorization header does not hold one JSON web token")]
    Malformed,
    /// The signature is not the key's.
    #[error("the token's signature does not verify")]
    InvalidSignature,
    /// `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token is for somebody else: its audiences, joined by commas.
    #[error("the token is for the audience {0:?}")]
    BadAudience(String),
    /// Another issuer than the pinned one.
    #[error("the token comes from another issuer")]
    BadIssuer,
    /// No key has the token's key id.
    #[error("the token was signed with an unknown key")]
    UnknownKey,
    /// The claim that names the tenant is absent, or names none.
    #[error("the token names no tenant")]
    NoTenant,
    /// Anything else: an algorithm that is not taken, claims absent or of the wrong shape.
    #[error("the token is not one that is accepted here")]
    Invalid,
}

/// As the native routes answer it; dialects match on the error and say it in their own words.
impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let detail = error.to_string();
        match error {
            AuthError::Missing => Self::unauthenticated().with_detail(detail),
            AuthError::Malformed => Self::bad_header("Authorization", detail),
            AuthError::InvalidSignature
            | AuthError::Expired
            | AuthError::NotYetValid
            | AuthError::BadAudience(_)
            | AuthError::BadIssuer
            | AuthError::UnknownKey
            | AuthError::NoTenant
            | AuthError::Invalid => Self::unauthenticated()
                .with_detail(detail)
                .with_challenge(HeaderValue::from_static(r#"Bearer error="invalid_token""#)),
        }
    }
}
