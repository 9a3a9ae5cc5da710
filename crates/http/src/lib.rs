//! HTTP manners that all routes share: who calls, problems, limits, request ids, revisions.
//!
//! Deliberately absent: routes and business. Nothing here knows the log or the store.

pub mod body;
pub mod caller;
pub mod document;
pub mod limits;
pub mod path;
pub mod problem;
pub mod provenance;
pub mod request_id;
pub mod revision;

pub use caller::{AuthError, Caller, Verifier};
pub use problem::Problem;
pub use provenance::Provenance;
pub use revision::Revision;
