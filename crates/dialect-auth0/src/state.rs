//! What the routes need.

use std::sync::Arc;

use writ_domain::Clock;
use writ_http::Verifier;
use writ_http::body::Limits;
use writ_store::Store;

use crate::ids::IdSource;
use crate::rate::RateProfile;
use crate::submit::Submit;

/// What the routes need, given by the server.
#[derive(Debug)]
pub struct Auth0State {
    /// Where commands go.
    pub commands: Arc<dyn Submit>,
    /// Where views are read.
    pub store: Store,
    /// Who callers are.
    pub verifier: Arc<Verifier>,
    /// Where ids come from.
    pub ids: Arc<dyn IdSource>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How much of a body is read.
    pub body_limits: Limits,
    /// How fast a tenant may go; `None` for as fast as it can.
    pub rate: Option<RateProfile>,
}
