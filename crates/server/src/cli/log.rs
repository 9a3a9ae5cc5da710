//! `writ log copy`: moving the ledger from one log to another.

use super::on_database;
use super::progress::Progress;
use super::topics::with_kafka;
use crate::config::Flags;
use crate::{output, roles};

/// What to do with the log.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Copy the log from Postgres to Kafka, or back. Everything else must be stopped.
    Copy(Args),
}

/// Arguments of `writ log copy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to.
    #[arg(long)]
    to: To,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum To {
    /// From Postgres to Kafka.
    Kafka,
    /// From Kafka to Postgres.
    Postgres,
}

pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    let Command::Copy(args) = command;
    let settings = with_kafka(&args.flags)?;
    let to = match args.to {
        To::Kafka => roles::CopyTo::Kafka,
        To::Postgres => roles::CopyTo::Postgres,
    };
    let progress = Progress::new("records copied");
    let said = on_database(&settings, async |database| {
        let at = |done, total| progress.at(done, total);
        roles::copy_log(&settings, database, to, &at).await
    })?;
    progress.finish();
    Ok(output::result(&said)?)
}
