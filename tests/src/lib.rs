//! What end-to-end tests stand on: a Writ under test, seen from outside.
//!
//! **Shape**: [`Server`] is the binary `writ`, started as a user would start it; [`Client`] speaks
//! HTTP to it; [`raw`] speaks bytes to it; [`Database`] is a fresh copy of the migrated template;
//! [`kafka`] has brokers of a test's own, and an independent client.
//! Nothing here links the crates of Writ: a test that passes says something about the program.
//!
//! **Correctness**: the environment is made by `cargo xtask test`. A test that misses a part of it
//! panics; none is ever skipped for want of something. Nothing sleeps: everything waits for a
//! condition, within a limit.

mod client;
mod database;
mod dice;
pub mod environment;
mod events;
pub mod kafka;
mod ports;
mod postgres;
mod process;
pub mod raw;
mod server;
mod wait;
mod world;

pub use crate::client::{Client, Request, Response};
pub use crate::database::Database;
pub use crate::dice::Dice;
pub use crate::events::{Event, Events};
pub use crate::postgres::Postgres;
pub use crate::process::Exit;
pub use crate::server::{
    ClientCredentials, Fleet, Launch, Ready, Server, Subcommand, TokenRequest,
};
pub use crate::wait::until;
pub use crate::world::World;
