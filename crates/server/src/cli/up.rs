//! `writ up`.

use super::{in_runtime, settings};
use crate::config::Flags;

/// Arguments of `writ up`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// When ready, print exactly one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[cfg(test)]
impl Args {
    pub(super) fn flags(&self) -> &Flags {
        &self.flags
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = settings(&args.flags)?;
    in_runtime(&settings, crate::up::run(&settings, args.json))
}
