//! Rebuilding on a real Postgres, from the memory log.

mod dice;
mod ledger;
mod realms;
mod views;
mod world;
