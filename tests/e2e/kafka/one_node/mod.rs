//! One broker, which may be lost.

mod another_log;
mod brokers;
mod changes;
mod copies;
mod halted;
mod lost_kafka;
mod lost_postgres;
mod processes;
mod settings;
