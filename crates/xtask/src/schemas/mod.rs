//! `cargo xtask schemas`: the generated part of the public contract.
//!
//! The program itself tells its OpenAPI document; the other generators live in crates of ours. So that tasks which need none of them start fast, they
//! are behind the feature `schemas`; without it this task runs itself again with the feature on.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write nothing; fail if a file would be written or removed.
    #[arg(long)]
    check: bool,
    /// The program that tells its routes; built if none is named.
    #[arg(long, value_name = "PATH")]
    writ: Option<PathBuf>,
}

#[cfg(not(feature = "schemas"))]
pub(crate) fn run(options: &Options) -> Result<()> {
    use crate::run;

    let check: &[&str] = if options.check { &["--check"] } else { &[] };
    run::run(
        run::cargo(&[
            "run",
            "--quiet",
            "--package",
            "writ-xtask",
            "--features",
            "schemas",
        ])
        .args(["--", "schemas"])
        .args(check)
        .args(
            options
                .writ
                .iter()
                .flat_map(|writ| ["--writ".as_ref(), writ.as_os_str()]),
        ),
    )
}

#[cfg(feature = "schemas")]
pub(crate) fn run(options: &Options) -> Result<()> {
    use self::generated::Difference;
    use anyhow::ensure;

    let difference = Difference::find(options.writ.as_deref())?;
    if !options.check {
        return difference.settle();
    }
    ensure!(
        difference.is_none(),
        "out of date, run `cargo xtask schemas`:\n{difference}"
    );
    Ok(())
}

#[cfg(feature = "schemas")]
mod generated;
