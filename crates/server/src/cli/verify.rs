//! `writ verify`.

use super::{on_database, settings};
use crate::config::Flags;
use crate::{output, roles};

/// Arguments of `writ verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = settings(&args.flags)?;
    let verified = on_database(&settings, async |database| {
        roles::verify(&settings, database).await
    })?;
    let text = if args.json {
        serde_json::to_string(&verified)?
    } else {
        verified.to_string()
    };
    output::result(&text)?;
    anyhow::ensure!(
        verified.equal,
        "the stored state is not what the entries fold to"
    );
    Ok(())
}
