//! The local issuer: gives the clients of one installation the tokens that its routes ask for.
//!
//! Speaks as much of Auth0's token endpoint as its SDKs use, so that they obtain real tokens here:
//! client credentials, with audience and scope. It is for a single machine. Where there is an
//! issuer already, `writ serve` verifies that one's tokens and this module is not running.
//!
//! Its name, `https://writ.localhost/`, is fixed: tokens stay good when the port changes.

mod clients;
mod discovery;
mod refusal;
mod routes;
mod scopes;
mod token_endpoint;
mod tokens;

use std::sync::Arc;

use axum::Router;
use jsonwebtoken::jwk::JwkSet;
use writ_domain::Clock;

pub(crate) use routes::document;
pub(crate) use scopes::{ALL_SCOPES, known_scopes};
pub(crate) use tokens::{Error, Grant, Signer};

use crate::credentials::{Credentials, Drawer};
use clients::Clients;

/// The `iss` of every token.
pub(crate) const ISSUER: &str = "https://writ.localhost/";
/// The audience that is given out when nobody names one.
pub(crate) const AUDIENCE: &str = "https://writ.localhost/api/v2/";
/// How long a token lives, in seconds.
pub(crate) const LIFETIME_S: i64 = 24 * 60 * 60;

/// Whether tokens for this audience are given out, and taken: the base URL of Auth0's API under
/// any host name, since clients derive it from the name that they reach us by.
pub(crate) fn serves_audience(audience: &str) -> bool {
    audience.ends_with("/api/v2/")
}

/// The issuer of one installation, cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    signer: Arc<Signer>,
    clients: Arc<Clients>,
    /// How this process is reached; endpoints in the discovery document are below it.
    url: Arc<str>,
}

impl Issuer {
    pub(crate) fn try_new(
        credentials: Credentials,
        drawer: Drawer,
        clock: Arc<dyn Clock>,
        url: &str,
    ) -> Result<Self, Error> {
        let signer = Arc::new(Signer::try_new(&credentials.signing_key, clock)?);
        let clients = Arc::new(Clients::new(credentials, drawer));
        Ok(Self {
            signer,
            clients,
            url: url.into(),
        })
    }

    /// The keys that its tokens are verified with.
    pub(crate) fn jwks(&self) -> &JwkSet {
        self.signer.jwks()
    }

    /// `/oauth/token` and what lies below `/.well-known`.
    pub(crate) fn router(self) -> Router {
        routes::routes().router().with_state(self)
    }
}

#[cfg(test)]
mod tests;
