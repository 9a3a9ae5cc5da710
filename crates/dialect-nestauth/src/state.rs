//! What the routes need.

use core::time::Duration;
use std::sync::Arc;

use secrecy::SecretString;
use writ_command::Service;
use writ_domain::{Clock, TenantId};
use writ_http::body::Limits;
use writ_store::Store;

use crate::limit::LoginLimit;

/// Where ids and salts come from. Only the server has a real source.
pub trait IdSource: Send + Sync + core::fmt::Debug {
    /// 128 bits that nobody can guess.
    fn random(&self) -> u128;
}

/// Whose words answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The product's own, byte for byte, odd ones included.
    Faithful,
    /// A client's mistake is a 4xx with a code, where the product has a 500 or no code.
    Clean,
}

/// What the routes need, given by the server.
#[derive(Debug)]
pub struct NestAuthState {
    /// Where commands go.
    pub commands: Service,
    /// Where views are read.
    pub store: Store,
    /// Whose console it is.
    pub tenant: TenantId,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdSource>,
    /// How much of a body is read: the product takes 102,400 bytes.
    pub body_limits: Limits,
    /// Whose words answers have.
    pub profile: Profile,
    /// What signs sessions and lets the first admin sign up; at least 32 characters.
    pub secret_key: SecretString,
    /// Whether the cookie is for https alone.
    pub cookie_secure: bool,
    /// Whether a token against forged requests is asked for.
    pub csrf: bool,
    /// How often somebody may try to sign in.
    pub login_limit: Option<LoginLimit>,
}

/// How long a session lasts: two hours.
pub(crate) const SESSION: Duration = Duration::from_hours(2);
/// The cookie of a session.
pub(crate) const SESSION_COOKIE: &str = "nest_auth_admin";
/// The cookie of the token against forged requests, which a page reads.
pub(crate) const CSRF_COOKIE: &str = "nest_auth_csrf";
/// Where the console is, and where its cookie goes.
pub(crate) const BASE: &str = "/auth/admin";
/// Bytes of a body that the product takes.
pub(crate) const BODY_BYTES_MAX: usize = 102_400;
