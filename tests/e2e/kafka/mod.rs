//! On Apache Kafka: what is shown with brokers of a test's own.
//!
//! `one_node` and `three_nodes` are names that `.config/nextest.toml` knows: three brokers are more
//! than a small machine can run twice.

pub(crate) mod ground;
mod one_node;
pub(crate) mod past;
mod three_nodes;
