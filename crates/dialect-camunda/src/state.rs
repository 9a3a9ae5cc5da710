//! What the routes need.

use core::fmt;
use std::sync::Arc;

use writ_domain::TenantId;
use writ_http::body::Limits;
use writ_store::Store;

use crate::passwords::Passwords;
use crate::submit::Submit;

/// What the routes need, given by the server.
#[derive(Debug)]
pub struct CamundaState {
    /// Where commands go.
    pub commands: Arc<dyn Submit>,
    /// Where views are read.
    pub store: Store,
    /// Whose users log in here.
    pub tenant: TenantId,
    /// Where ids come from.
    pub ids: Arc<dyn IdSource>,
    /// Who compares passwords.
    pub passwords: Passwords,
    /// How much of a body is read.
    pub body_limits: Limits,
    /// How answers look.
    pub profile: Profile,
}

/// Where randomness comes from. Only the server has a real one.
pub trait IdSource: Send + Sync + fmt::Debug {
    /// 128 bits that nobody can guess.
    fn random(&self) -> u128;
}

/// How answers look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As the engine's, odd ones included.
    Faithful,
    /// The same bodies; mistakes of clients are 4xx, and what was made is shown.
    Clean,
}
