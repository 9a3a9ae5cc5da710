//! The routes over a whole ledger: memory log, projector, Postgres.

mod manners;
mod people;
mod put;
mod reads;
mod world;
mod writes;
