//! `cargo xtask sim`: worlds under faults, from one seed.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Args;

use crate::build::Binaries;
use crate::run;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The first world's seed; a fresh one if none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// How many commands are decided in all.
    #[arg(long, default_value_t = 1_000_000)]
    commands: u64,
    /// How often each fault and each branch of recovery must be met.
    #[arg(long, default_value_t = 1)]
    least: u64,
    /// How many commands are decided in each world.
    #[arg(long, default_value_t = 2_000)]
    world: u64,
}

/// Lives the worlds of a change: enough to meet everything.
pub(crate) fn run(options: &Options) -> Result<()> {
    run::catch_signals()?;
    let binaries = run::step("build", Binaries::build)?;
    live(&binaries, options)
}

/// Lives so many more that rare orders of events are met.
pub(crate) fn deep() -> Result<()> {
    let binaries = run::step("build", Binaries::build_deep)?;
    let options = Options {
        seed: None,
        commands: 20_000_000,
        least: 1_000,
        world: 2_000,
    };
    live(&binaries, &options)
}

fn live(binaries: &Binaries, options: &Options) -> Result<()> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => fresh_seed()?,
    };
    let mut sim = Command::new(binaries.path("writ-sim")?);
    for (name, number) in [
        ("--seed", seed),
        ("--commands", options.commands),
        ("--least", options.least),
        ("--world", options.world),
    ] {
        sim.args([name, &number.to_string()]);
    }
    run::run(&mut sim)
}

/// Another one each second; the program prints it first.
fn fresh_seed() -> Result<u64> {
    #[expect(clippy::disallowed_methods, reason = "a fresh seed is what is wanted")]
    let now = SystemTime::now();
    let since = now
        .duration_since(UNIX_EPOCH)
        .context("the clock is wrong")?;
    // Seeds count up from world to world: those of two runs lie far apart.
    Ok(since.as_secs().wrapping_mul(1_000_000))
}
