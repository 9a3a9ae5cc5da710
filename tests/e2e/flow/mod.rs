//! Whole paths through a server.

mod asking;
mod installation;
mod removal;
mod retries;
mod settings;
mod taken;
mod tour;
mod up;
