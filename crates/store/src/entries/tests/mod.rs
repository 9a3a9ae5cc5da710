//! Entries against a real Postgres, with hand-written rows.

pub(crate) mod database;
pub(crate) mod ledger;
mod plans;
mod read;
mod taken;
mod waiting;
