//! Whole paths through a server.

mod removal;
mod retries;
mod settings;
mod tour;
mod up;
