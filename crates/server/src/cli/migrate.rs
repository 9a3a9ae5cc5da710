//! `writ migrate`.

use super::{Place, on_database};
use crate::{output, roles};

/// Arguments of `writ migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    on_database(&args.place.settings()?, roles::migrate)?;
    Ok(output::result("The schema is up to date.")?)
}
