//! The Postgres log against a real Postgres, at `WRIT_TEST_DATABASE_URL`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test by panicking"
)]

mod conformance;
mod faults;
mod kills;
mod lost_answers;
mod opening;
mod plans;
mod proxy;
mod support;
