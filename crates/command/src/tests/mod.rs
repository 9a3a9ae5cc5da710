//! The service with the memory log, a real projector and a real Postgres; the routes over it.

mod carried;
mod client;
mod decided;
mod issuer;
mod refused;
mod routes;
mod world;
