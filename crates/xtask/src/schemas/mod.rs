//! `cargo xtask schemas`: the generated part of the public contract.
//!
//! The generators live in crates of ours. So that tasks which need none of them start fast, they
//! are behind the feature `schemas`; without it this task runs itself again with the feature on.

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write nothing; fail if a file would be written or removed.
    #[arg(long)]
    check: bool,
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
        .args(check),
    )
}

#[cfg(feature = "schemas")]
pub(crate) fn run(options: &Options) -> Result<()> {
    use self::generated::Difference;
    use anyhow::ensure;

    let difference = Difference::find()?;
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
