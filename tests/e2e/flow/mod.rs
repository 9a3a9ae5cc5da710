//! Whole paths through a server.

mod settings;
mod up;
