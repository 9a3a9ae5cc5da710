//! Rebuilding on a real Postgres, from the memory log.

mod dice;
mod ledger;
mod views;
mod world;
