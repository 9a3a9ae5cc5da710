//! The read routes over a ledger that a real projector writes to a real Postgres.

mod feed;
mod issuer;
mod past;
mod world;
