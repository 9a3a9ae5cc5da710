//! The Kafka log against a real Kafka, at `WRIT_TEST_KAFKA` (`host:port`).
//!
//! What a broker does not do on request (end a connection, refuse a batch for good) is asked of
//! librdkafka's mock of one.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test by panicking"
)]

mod appends;
mod brokers;
mod conformance;
mod foreign;
mod raw;
mod settings;
mod support;
mod tails;
