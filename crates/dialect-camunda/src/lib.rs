//! Camunda 7's `authorization` resource and what it needs of identity, as its engine answers them.
//!
//! **Shape.** `serve` takes every request below `/engine-rest`: engine, credentials, route, media
//! types, in the engine's order. A route translates: reads to views, writes to commands. `failure`
//! says every refusal in the engine's words, by profile.
//!
//! **Correctness.** Nothing here decides. Whose rights let a write through is decided on the
//! ledger, in log order: a command carries its caller (`by`). What is malformed whatever the state
//! is rehearsed, not submitted, as far as it is answered 400: such requests leave no entry, and
//! are answered in the engine's order all the same.
//!
//! Deliberately absent: everything of Camunda's that is not about who may do what.

mod answer;
mod authorizations;
mod document;
mod failure;
mod json;
mod login;
mod passwords;
mod people;
mod query;
mod router;
mod routes;
mod serve;
mod state;
mod submit;
#[cfg(test)]
mod tests;

pub use document::document;
pub use passwords::{HashError, Passwords};
pub use router::router;
pub use state::{CamundaState, IdSource, Profile};
pub use submit::Submit;
