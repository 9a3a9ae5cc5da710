//! A private, temporary Apache Kafka.
//!
//! **Shape**: the jars, fetched once by Maven; a directory below the temporary one with the data,
//! the log and nothing else; one node, broker and controller in one, on free loopback ports; and a
//! *guard*, a shell that holds the reading end of a pipe from this process.
//!
//! **Correctness**: as for `postgres`: when this process ends, however it ends, the pipe closes and
//! the guard ends the node by its process id and removes the directory. Unlike Postgres, Kafka
//! acknowledges before the disk has it; it survives `kill -9`, not the loss of power.

mod broker;
mod jars;

use anyhow::Result;
use clap::Args;

pub(crate) use self::broker::Broker;
pub(crate) use self::jars::Jars;
use crate::run;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only say where the jars of Kafka are, fetching them if need be.
    #[arg(long)]
    locate: bool,
}

/// Runs a broker in the foreground.
pub(crate) fn run(options: &Options) -> Result<()> {
    let jars = Jars::find()?;
    if options.locate {
        println!("{}", jars.dir().display());
        return Ok(());
    }
    let broker = Broker::start(&jars)?;
    println!("{}", broker.address());
    eprintln!(
        "{} in {}; interrupt to stop",
        Jars::version(),
        broker.dir().display()
    );
    run::wait_for_signal()?;
    broker.stop()
}
