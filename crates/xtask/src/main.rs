//! `cargo xtask`: everything that is done to this workspace besides compiling it.
//!
//! It sets up what a task needs (pinned tools, a private Postgres, a private Kafka, an npm package)
//! in a cache outside the checkout, so that a machine with Rust, a C compiler, Python 3, Node, a JDK
//! and Maven is enough.
//! It deliberately depends on little, because it is the first thing that a new machine builds:
//! the generators of `schemas/`, which need crates of ours, are behind a feature.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task talks to the person who started it"
)]

mod bench;
mod build;
mod cache;
mod check;
mod deep;
mod golden;
mod kafka;
mod postgres;
mod run;
mod schemas;
mod sdk;
mod sim;
mod test;
mod tools;
mod zoo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run all tests, on a private Postgres and Kafka; sets up whatever they need.
    Test(test::Options),
    /// Measure Writ under load, on a private Postgres and Kafka, beside `pgbench`.
    Bench(bench::Options),
    /// Live worlds under faults, from one seed, and check what must be true of them.
    Sim(sim::Options),
    /// What takes too long for each change: goes on where it was interrupted.
    Deep(deep::Options),
    /// Format, lints, docs, dependencies, spelling, migrations, generated files.
    Check,
    /// Write the generated part of `schemas/`.
    Schemas(schemas::Options),
    /// Write this release's golden logs: `tests/golden`.
    Golden,
    /// Put each bug of `tests/zoo` into a copy of this tree; all must be caught.
    Zoo(zoo::Options),
    /// Run a private Postgres until interrupted; prints its URL.
    Postgres(postgres::Options),
    /// Run a private Kafka of one node until interrupted; prints its address.
    Kafka(kafka::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Sim(options) => sim::run(&options),
        Task::Deep(options) => deep::run(&options),
        Task::Check => check::run(),
        Task::Schemas(options) => schemas::run(&options),
        Task::Golden => golden::run(),
        Task::Zoo(options) => zoo::run(&options),
        Task::Postgres(options) => postgres::run(&options),
        Task::Kafka(options) => kafka::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
