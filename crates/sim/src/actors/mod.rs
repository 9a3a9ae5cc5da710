//! The processes of the world: production code's state machines, and a `match` to drive each.

pub mod client;
pub mod consumer;
pub mod last;
pub mod operator;
pub mod owner;
pub mod query;
pub mod reader;
pub mod relay;
pub mod service;
