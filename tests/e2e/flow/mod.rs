//! Whole paths through a server.

mod retries;
mod settings;
mod up;
