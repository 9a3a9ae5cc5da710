//! `cargo xtask check`: what must hold of the sources besides passing tests.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::Binaries;
use crate::{run, tools, zoo};

type Check = (&'static str, fn() -> Result<()>);

/// Runs every check, also after one has failed: a person wants the whole list.
pub(crate) fn run() -> Result<()> {
    run::catch_signals()?;
    let checks: [Check; 10] = [
        ("format", || cargo(&["fmt", "--all", "--", "--check"])),
        ("spelling", spelling),
        ("dependencies", dependencies),
        ("unused dependencies", unused_dependencies),
        ("migrations", migrations),
        ("clippy", clippy),
        ("pure crates", pure_crates),
        ("documentation", documentation),
        ("generated files", generated_files),
        ("bugs of the zoo", zoo::check),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(error) = run::step(name, check) {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

fn cargo(args: &[&str]) -> Result<()> {
    run::run(&mut run::cargo(args))
}

fn clippy() -> Result<()> {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--quiet",
        "--",
        "--deny=warnings",
    ])
}

/// Alone, so that no feature which another crate asks for hides what these two lack.
fn pure_crates() -> Result<()> {
    cargo(&["check", "--quiet", "--package", "writ-domain"])?;
    cargo(&["check", "--quiet", "--package", "writ-envelope"])
}

fn documentation() -> Result<()> {
    run::run(
        run::cargo(&[
            "doc",
            "--workspace",
            "--all-features",
            "--no-deps",
            "--quiet",
        ])
        .env("RUSTDOCFLAGS", "--deny=warnings"),
    )
}

/// By the generators as the tests built them, which is cheaper than `cargo xtask schemas --check`.
fn generated_files() -> Result<()> {
    let binaries = Binaries::build()?;
    let mut xtask = Command::new(binaries.path("writ-xtask")?);
    xtask.args(["schemas", "--check", "--writ"]);
    run::run(xtask.arg(binaries.path("writ")?))
}

fn dependencies() -> Result<()> {
    let mut deny = tools::DENY.command(&["--config", ".config/deny.toml", "--workspace"])?;
    deny.args(["check", "bans", "licenses", "sources"]);
    run::run(with_cargo(&mut deny))
}

fn unused_dependencies() -> Result<()> {
    run::run(with_cargo(&mut tools::SHEAR.command(&[])?))
}

fn spelling() -> Result<()> {
    run::run(&mut tools::TYPOS.command(&["--config", ".config/typos.toml"])?)
}

fn migrations() -> Result<()> {
    let dir = run::root().join("crates/store/migrations");
    let mut files = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("failed to read {}", dir.display()))? {
        let path = entry.context("failed to read a directory entry")?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let mut squawk = tools::SQUAWK.command(&["--config", ".config/squawk.toml"])?;
    run::run(squawk.args(files))
}

/// Tools that call cargo take the one that runs us.
fn with_cargo(command: &mut Command) -> &mut Command {
    if let Some(cargo) = std::env::var_os("CARGO") {
        command.env("CARGO", cargo);
    }
    command
}
