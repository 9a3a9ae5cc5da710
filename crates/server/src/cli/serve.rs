//! `writ serve`: some roles, against a database and an issuer that others run.

use super::{in_runtime, settings};
use crate::config::{Flags, Invalid};

/// Arguments of `writ serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = settings(&args.flags)?;
    // Without these it would have to trust somebody by default.
    let lacking: Vec<String> = [
        ("database_url", settings.database_url.is_none()),
        ("issuer", settings.issuer.is_none()),
        ("jwks_file", settings.jwks_file.is_none()),
        ("audience", settings.audience.is_none()),
    ]
    .into_iter()
    .filter(|(_, lacks)| *lacks)
    .map(|(key, _)| format!("`serve` needs `{key}`"))
    .collect();
    if !lacking.is_empty() {
        return Err(Invalid(lacking).into());
    }
    in_runtime(&settings, crate::serve::run(&settings))
}
