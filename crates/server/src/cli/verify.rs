//! `writ verify`.

use super::{Place, on_database};
use crate::{output, roles};

/// Arguments of `writ verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let verified = on_database(&args.place.settings()?, roles::verify)?;
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
