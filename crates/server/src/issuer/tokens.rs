//! Tokens: what they claim and how they are signed.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use writ_domain::Clock;

use super::ISSUER;
use crate::credentials::SigningKey;
use crate::ids::{NoRandomness, secret_text};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the signing key in the file of credentials is not usable")]
    Key { source: jsonwebtoken::errors::Error },
    #[error("failed to sign a token")]
    Sign { source: jsonwebtoken::errors::Error },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What a token is to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) audience: &'a str,
    /// Separated by spaces.
    pub(crate) scope: &'a str,
    /// From now; a negative one makes a token that has expired.
    pub(crate) lifetime_s: i64,
}

#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    scope: &'a str,
    gty: &'a str,
    azp: &'a str,
    jti: String,
}

/// Signs tokens with the key of one installation.
pub(crate) struct Signer {
    key: EncodingKey,
    kid: String,
    jwks: JwkSet,
    clock: Arc<dyn Clock>,
}

impl core::fmt::Debug for Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Signer {
    pub(crate) fn try_new(kept: &SigningKey, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let failed = |source| Error::Key { source };
        let key = EncodingKey::from_rsa_pem(kept.pem.expose().as_bytes()).map_err(failed)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256).map_err(failed)?;
        public.common.key_id = Some(kept.kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let jwks = JwkSet { keys: vec![public] };
        Ok(Self {
            key,
            kid: kept.kid.clone(),
            jwks,
            clock,
        })
    }

    pub(crate) fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// A signed token.
    pub(crate) fn sign(&self, grant: &Grant<'_>) -> Result<String, Error> {
        let now = self.clock.now().timestamp();
        let claims = Claims {
            iss: ISSUER,
            sub: format!("{}@clients", grant.client_id),
            aud: grant.audience,
            // A token that has expired was given out before it did.
            iat: now.saturating_add(grant.lifetime_s.saturating_sub(1).min(0)),
            exp: now.saturating_add(grant.lifetime_s),
            scope: grant.scope,
            gty: "client-credentials",
            azp: grant.client_id,
            jti: secret_text(24)?,
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|source| Error::Sign { source })
    }
}
