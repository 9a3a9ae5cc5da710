//! Auth0's Management API v2, the family of role-based access: translated to commands and views.
//!
//! **Shape.** A file per endpoint, under the folder of its URL. Each says its method, path, scopes
//! and schemas as data (`ENDPOINT`) and does its own work in `handle`; what all do before and
//! after is in `endpoint`. `schema` holds what requests must look like, `failure` every refusal.
//!
//! **Correctness.** Nothing here decides: rules and limits are the domain's, and an outcome is put
//! into Auth0's words. A write is answered from its entry and from the views as of that entry, so
//! that a request sent again under its idempotency key gets the same bytes.
//!
//! Deliberately absent: tokens (the server's issuer), organizations and client grants.

mod answer;
mod body;
mod clients;
mod document;
mod endpoint;
mod failure;
mod fields;
mod ids;
mod json;
mod names;
mod paging;
mod query;
mod rate;
mod resource_servers;
mod roles;
mod router;
mod schema;
mod state;
mod submit;
#[cfg(test)]
mod tests;
mod users;

pub use ids::IdSource;
pub use rate::RateProfile;
pub use router::{document, router};
pub use state::Auth0State;
pub use submit::Submit;
