//! What is measured, for how long, on what.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Measures Writ over HTTP; `cargo xtask bench` sets up what it needs.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// The log that Writ keeps its commands in.
    #[arg(long, value_enum, default_value = "postgres")]
    pub(crate) log: Choice,
    /// Brokers of a Kafka, for that log: `HOST:PORT,…`.
    #[arg(long)]
    pub(crate) kafka: Option<String>,
    /// The process of the broker, whose CPU is to be counted.
    #[arg(long)]
    pub(crate) kafka_pid: Option<u32>,
    /// The program `pgbench`; without, nothing is compared with it.
    #[arg(long)]
    pub(crate) pgbench: Option<PathBuf>,
    /// How long each point is measured.
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
    /// How long each point runs before it is measured. A quarter of `--seconds` unless said.
    #[arg(long)]
    warm_up: Option<f64>,
    /// What the worlds and the questions are drawn from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Only these measures; all unless said. May be repeated.
    #[arg(long, value_enum)]
    only: Vec<Measure>,
    /// Tiny worlds and a moment each: shows that the program works, and nothing else.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Writes the report here too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    Postgres,
    Kafka,
    Both,
}

/// Where commands are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Log {
    Postgres,
    Kafka,
}

impl Log {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Kafka => "kafka",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Granting a permission to a role and revoking it, as Auth0's clients do.
    Write,
    /// Replacing an API's list of permissions, as Auth0's clients do.
    Patch,
    /// Native batches of a hundred grants.
    Batch,
    /// May this user do that?
    Check,
    /// A thousand such questions at once.
    BatchCheck,
    /// A role's permissions.
    List,
    /// From a write to its arrival at a subscriber.
    Feed,
    /// A page of a user's history, among few entries and among many.
    History,
    /// Folding the ledger again, with all that was written before.
    Rebuild,
}

impl Options {
    pub(crate) fn logs(&self) -> Vec<Log> {
        match self.log {
            Choice::Postgres => vec![Log::Postgres],
            Choice::Kafka => vec![Log::Kafka],
            Choice::Both => vec![Log::Postgres, Log::Kafka],
        }
    }

    pub(crate) fn measures(&self, measure: Measure) -> bool {
        self.only.is_empty() || self.only.contains(&measure)
    }

    /// Whether anything but [`Measure::History`], which has ledgers of its own.
    pub(crate) fn measures_a_world(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| *only != Measure::History)
    }

    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs_f64(if self.quick { 0.2 } else { self.seconds })
    }

    pub(crate) fn warm_up(&self) -> Duration {
        self.warm_up
            .map_or_else(|| self.window() / 4, Duration::from_secs_f64)
    }

    /// How many connections, of those that a full run would have.
    pub(crate) fn connections(&self, full: &[usize]) -> Vec<usize> {
        if self.quick {
            vec![1, 4]
        } else {
            full.to_vec()
        }
    }
}
