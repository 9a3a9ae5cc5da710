//! Postgres: migrations, cursor, entries, views, and every SQL statement of Writ.
//!
//! Deliberately absent: rules. What is written here was decided by `writ-domain`; what is read
//! here is rows.

pub mod codes;
pub mod digest;
pub mod entries;
mod error;
pub mod grants;
pub mod ledger;
pub mod log;
mod members;
mod pool;
pub mod reads;
pub mod rebuild;
pub mod relay;
mod upkeep;

pub use error::Error;
pub use pool::{Options, Store};
pub use upkeep::Swept;
