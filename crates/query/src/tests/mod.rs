//! The read routes over a ledger that a real projector writes to a real Postgres.

mod asks;
mod feed;
mod histories;
mod issuer;
mod model;
mod past;
mod realms;
mod statements;
mod stream;
mod together;
mod world;
