//! A process that decides, takes commands and tells changes is cut off at every point that the code
//! names; whoever comes after it must leave a ledger that nobody can tell from one where nothing
//! happened.
//!
//! ```text
//!   ledger ─► life ─► life, cut at P ─► (life, cut at Q) ─► last life ─► checks
//!   (database, topic)     │  another name, once the lease has ended │
//!                         └── clients ask again what was not answered ──┘
//! ```
//!
//! Real Postgres for log and store; the topic of changes is a log in memory that outlives them all.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test by panicking"
)]

mod book;
mod changes;
mod check;
mod ledger;
mod life;
mod pairs;
mod run;
mod script;
mod singles;
mod story;
