//! `writ topics`: the Kafka topics of the ledger.

use super::progress::Progress;
use super::{in_runtime, on_database, settings};
use crate::config::{Flags, Invalid, Settings};
use crate::{output, roles};

/// What to do with the topics.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make the topics, or mend the settings of those that are there.
    Create(Args),
    /// Write the log again from the entries, after Kafka was lost.
    Restore(Args),
}

/// Arguments of `writ topics create` and `writ topics restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Create(args) => {
            let settings = with_kafka(&args.flags)?;
            let said = in_runtime(&settings, roles::create_topics(&settings))?;
            Ok(output::result(&said)?)
        }
        Command::Restore(args) => {
            let settings = with_kafka(&args.flags)?;
            let progress = Progress::new("records restored");
            let said = on_database(&settings, async |database| {
                let at = |done, total| progress.at(done, total);
                roles::restore_topics(&settings, database, &at).await
            })?;
            progress.finish();
            Ok(output::result(&said)?)
        }
    }
}

/// Settings that name brokers.
pub(super) fn with_kafka(flags: &Flags) -> anyhow::Result<Settings> {
    let settings = settings(flags)?;
    if settings.kafka.is_none() {
        let lacks = "`kafka` must name the brokers, such as --kafka 127.0.0.1:9092";
        return Err(Invalid(vec![lacks.to_owned()]).into());
    }
    Ok(settings)
}
