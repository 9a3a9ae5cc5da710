//! Rebuilding on a real Postgres, from the memory log.

mod dice;
mod golden;
mod ledger;
mod realms;
mod views;
mod world;
