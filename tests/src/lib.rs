//! What end-to-end tests stand on: a Writ under test, seen from outside.
//!
//! **Shape**: [`Server`] is the binary `writ`, started as a user would start it; [`Client`] speaks
//! HTTP to it; [`raw`] speaks bytes to it; [`Database`] is a fresh copy of the migrated template.
//! Nothing here links the crates of Writ: a test that passes says something about the program.
//!
//! **Correctness**: the environment is made by `cargo xtask test`. A test that misses a part of it
//! panics; none is ever skipped for want of something. Nothing sleeps: everything waits for a
//! condition, within a limit.

mod client;
mod database;
pub mod environment;
mod events;
mod process;
pub mod raw;
mod server;
mod world;

pub use crate::client::{Client, Request, Response};
pub use crate::database::Database;
pub use crate::events::{Event, Events};
pub use crate::process::Exit;
pub use crate::server::{ClientCredentials, Launch, Ready, Server, TokenRequest};
pub use crate::world::World;
