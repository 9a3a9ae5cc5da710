//! The `writ` binary: configuration, wiring, the life of the process.
//!
//! Holds no rules of the ledger and no SQL. A module here either reads what the operator wants
//! (`config`, `cli`), keeps something alive (`supervisor`, `listener`, `postgres`), or makes what
//! a single machine needs so that nothing else has to be installed (`credentials`, `issuer`).
//! `up` puts them together; `roles` is the one place that knows the crates of the ledger.

mod cli;
mod clock;
mod config;
mod credentials;
mod data_dir;
mod database;
mod documents;
mod ids;
mod issuer;
mod listener;
mod output;
mod paint;
mod postgres;
mod ready;
mod roles;
mod serve;
mod supervisor;
mod telemetry;
mod up;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request allocates on one thread what another one frees; glibc spends a fifth of a check on it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
