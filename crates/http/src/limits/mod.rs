//! Limits that protect the server from too much of anything: requests at once, requests of one
//! caller, time, and panics.
//!
//! The layers answer with a problem, or with what a dialect's [`Render`](crate::problem::Render)
//! makes of it. Deliberately absent: limits of bodies ([`crate::body`]) and of commands (domain).

mod deadline;
mod panic;
mod rate;
mod shed;
#[cfg(test)]
mod tests;

pub use deadline::{Deadline, DeadlineLayer};
pub use panic::{CatchPanic, catch_panic, catch_panic_with};
pub use rate::{Rate, RateOptions, Taken};
pub use shed::{Shed, ShedLayer};
