//! Three brokers, of which one may be lost without anybody noticing for long.

mod brokers;
mod leader;
mod truncation;
