//! The command line: one file per subcommand, and what a process tells by its exit code.
//!
//! 0: done. 1: it failed. 2: it was asked wrongly (arguments or settings). Results are on standard
//! output, for a person or with `--json` for a program; all else is on standard error.

mod asking;
mod check;
mod check_config;
mod client;
mod explain;
mod grants;
mod history;
mod log;
mod migrate;
mod openapi;
mod progress;
mod rebuild;
mod replay;
mod serve;
mod show;
mod token;
mod topics;
mod up;
mod verify;

use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;

use crate::config::{self, Environment, Flags, Invalid, Settings};
use crate::data_dir::DataDir;
use crate::database::{self, Database};
use crate::supervisor::Supervisor;
use crate::{output, telemetry};

const FAILED: u8 = 1;
const MISUSED: u8 = 2;
/// How long threads that cannot be interrupted may hold up the exit.
const THREADS_PATIENCE: Duration = Duration::from_secs(1);

const SETTINGS_HELP: &str = "Every setting NAME is a flag --name, an environment variable \
    WRIT_NAME and a key `name` of the file that --config or WRIT_CONFIG names. A flag wins over the \
    environment, that over the file. `writ check-config` shows what holds.";

/// An event-sourced authorization ledger: who may do what, since when, and why.
#[derive(Debug, Parser)]
#[command(name = "writ", version, after_help = SETTINGS_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run everything in one process, with a private Postgres unless a database is named.
    Up(Box<up::Args>),
    /// Run some roles against a named database, beside others.
    Serve(Box<serve::Args>),
    /// Bring the schema of the database up to this version.
    Migrate(migrate::Args),
    /// Print a token of this installation.
    Token(token::Args),
    /// Manage clients of this installation.
    #[command(subcommand)]
    Client(client::Command),
    /// Say what somebody may do, or who may do something.
    Grants(Box<grants::Args>),
    /// Say whether somebody may do something.
    Check(Box<check::Args>),
    /// Say why somebody may do something, or who took it away.
    Explain(Box<explain::Args>),
    /// Show what happened to somebody or something, or what somebody did.
    History(Box<history::Args>),
    /// Tell every entry again, or fold them into an empty database.
    Replay(Box<replay::Args>),
    /// Fold every entry again and compare the digests.
    Verify(Box<verify::Args>),
    /// Fold the log again into a database that lost everything, or only the views.
    Rebuild(Box<rebuild::Args>),
    /// Make the Kafka topics, or write the log again after Kafka was lost.
    #[command(subcommand)]
    Topics(Box<topics::Command>),
    /// Move the ledger from one log to another.
    #[command(subcommand)]
    Log(Box<log::Command>),
    /// Print the OpenAPI document of the routes, which `/openapi.json` serves.
    Openapi,
    /// Show every setting with its source, or what is wrong with them.
    CheckConfig(Box<check_config::Args>),
}

/// Where an installation is, for commands that need no other setting.
#[derive(Debug, Clone, Default, clap::Args)]
struct Place {
    /// Read settings from this TOML file. `WRIT_CONFIG` names one too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the installation is kept.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The database, if it is not the installation's own.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// Runs what the arguments ask for.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(MISUSED);
            return match error.print() {
                // Help that nobody reads is no failure, and there is nobody to report it to.
                Ok(()) | Err(_) => ExitCode::from(code),
            };
        }
    };
    let outcome = match cli.command {
        Command::Up(args) => up::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Client(command) => client::run(&command),
        Command::Grants(args) => grants::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::History(args) => history::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Rebuild(args) => rebuild::run(&args),
        Command::Topics(command) => topics::run(&command),
        Command::Log(command) => log::run(&command),
        Command::Openapi => openapi::run(),
        Command::CheckConfig(args) => check_config::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("writ: {error:#}"));
            ExitCode::from(if error.is::<Invalid>() {
                MISUSED
            } else {
                FAILED
            })
        }
    }
}

impl Place {
    fn settings(&self) -> anyhow::Result<Settings> {
        let Self {
            config,
            data_dir,
            database_url,
        } = self.clone();
        settings(&Flags {
            config,
            data_dir,
            database_url,
            ..Flags::default()
        })
    }

    /// The data directory of an installation that was started before.
    fn data_dir(&self) -> anyhow::Result<DataDir> {
        Ok(DataDir::open(self.settings()?.data_dir()?)?)
    }
}

fn settings(flags: &Flags) -> anyhow::Result<Settings> {
    Ok(config::load(flags, &Environment::of_process())?.settings)
}

/// Runs `work` on the installation's database, then leaves that as it was.
fn on_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    in_runtime(settings, async {
        let supervisor = Supervisor::default();
        supervisor.heed_signals()?;
        let borrowed = database::borrow(settings, supervisor.ending()).await?;
        let outcome = supervisor
            .ending()
            .run_until_cancelled(work(&borrowed.database))
            .await;
        borrowed.give_back().await;
        outcome.context("interrupted")?
    })
}

/// Runs `work` on a runtime of its own, with logs.
fn in_runtime<T>(
    settings: &Settings,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    telemetry::log(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to build the runtime")?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(THREADS_PATIENCE);
    outcome
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_setting_is_spelled_with_hyphens_as_a_flag() {
        let cli = Cli::try_parse_from(["writ", "up", "--json", "--data-dir", "/d"]).unwrap();
        let Command::Up(args) = cli.command else {
            panic!("not `up`")
        };
        assert_eq!(args.flags().data_dir.as_deref(), Some("/d"));
    }

    #[test]
    fn a_client_is_made_by_two_words() {
        let line = [
            "writ",
            "client",
            "create",
            "--data-dir",
            "/d",
            "--scope",
            "read:roles",
        ];
        assert!(matches!(
            Cli::try_parse_from(line).unwrap().command,
            Command::Client(_)
        ));
    }
}
