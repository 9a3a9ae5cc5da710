//! Submitting commands and awaiting their outcomes; the native write routes.
//!
//! ```text
//!   request ──► Service::submit ──append──► log ──► projector ──COMMIT──► entry
//!                     │                                                     │
//!                     └── waits ◄── Service::committed (same process) ◄─────┤
//!                                ◄── Service::run (NOTIFY, one query) ◄─────┘
//! ```
//!
//! **Shape.** A [`Service`] is cheap to clone and holds no task; [`Service::run`] is its task. What
//! becomes of a command is said by the machines of [`submission`], which do no I/O.
//!
//! **Correctness.** A 2xx means that the entry was committed: outcomes come from committed
//! entries and nowhere else. What is not known is told as not known.
//!
//! Deliberately absent: rules, and the words of dialects.

mod append;
mod denials;
mod error;
mod follow;
mod halts;
mod log_time;
mod metrics;
mod options;
mod reach;
mod rehearsal;
pub mod routes;
mod service;
mod status;
pub mod submission;
#[cfg(test)]
mod tests;
mod waiters;

pub use denials::DenialRate;
pub use error::SubmitError;
pub use metrics::describe;
pub use options::Options;
pub use rehearsal::{Rehearse, Rehearsed};
pub use routes::{RoutesState, document, router};
pub use service::{CommandIds, Parts, Refused, Request, Service};
pub use status::Status;
pub use submission::Decided;
pub use waiters::Waiters;
