//! A running `writ up`.

mod fleet;
mod launch;
mod ready;
mod subcommand;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use serde::Deserialize;

pub use self::fleet::Fleet;
pub use self::launch::Launch;
pub use self::ready::Ready;
pub use self::subcommand::Subcommand;
use crate::client::Client;
use crate::process::{self, Exit, Process};
use crate::world::World;

/// How long a process may take to end after it was told to.
const ENDING: Duration = Duration::from_secs(30);

/// A Writ under test. Dropped, it is killed, with the Postgres that it started.
#[derive(Debug)]
pub struct Server {
    // Fields are dropped in this order: first the process, last its directory.
    process: Option<Process>,
    launch: Launch,
    ready: Ready,
    started_in: Duration,
}

/// What `writ client create --json` prints.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientCredentials {
    pub client_id: String,
    pub client_secret: String,
}

/// A token to be minted; by default one with every scope, for the server's own audience.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest<'a> {
    pub scope: Option<&'a str>,
    pub audience: Option<&'a str>,
    /// Seconds from now; negative for a token that has expired.
    pub expires_in: Option<i64>,
}

impl Server {
    /// Starts on a fresh database of the test cluster, and waits until it is ready.
    pub async fn start() -> Self {
        Launch::on_fresh_database().await.start().await
    }

    /// Starts on a Postgres that it has to find, make and run itself.
    pub async fn embedded() -> Self {
        Launch::embedded(World::plain()).start().await
    }

    /// The ready line of the latest start.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// From the latest start of the process to its ready line.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// A client with the token of the ready line.
    pub fn client(&self) -> Client {
        self.anonymous().with_token(&self.ready.token)
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.ready.url)
    }

    /// The topic in which changes are told; none if the log is not in Kafka.
    pub fn changes_topic(&self) -> Option<String> {
        let prefix = self.launch.set_to("WRIT_KAFKA_TOPIC_PREFIX")?;
        Some(format!("{prefix}changes"))
    }

    /// The id of the process that was started last.
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// `host:port`, for raw connections.
    pub fn address(&self) -> &str {
        self.ready.address()
    }

    /// The data directory, as it is seen from here.
    pub fn data_dir(&self) -> PathBuf {
        self.launch.world.seen_from_outside(&self.ready.data_dir)
    }

    /// Whether the process that was started last is still running.
    pub fn is_running(&mut self) -> bool {
        self.process
            .as_mut()
            .is_some_and(|process| !process.has_ended())
    }

    /// Ends the process as a crash would.
    pub async fn kill9(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        process.signal(Signal::KILL);
        drop(process.wait(ENDING).await);
    }

    /// Ends the Postgres that the server started, as a crash would.
    pub fn kill9_postgres(&self) {
        assert_eq!(
            process::kill_postgres_below(&self.data_dir()),
            1,
            "one Postgres was running"
        );
    }

    /// The program of the Postgres that the server started. Needs `/proc`.
    pub fn postgres_program(&self) -> PathBuf {
        let pids = process::postgres_below(&self.data_dir());
        assert_eq!(pids.len(), 1, "one Postgres is running");
        let link = format!("/proc/{}/exe", pids[0].as_raw_nonzero());
        std::fs::read_link(&link).unwrap_or_else(|error| panic!("{link}: {error}"))
    }

    /// Asks the process to end, and waits until it has.
    pub async fn sigterm(&mut self) -> Exit {
        let mut process = self.process.take().expect("the server runs");
        process.signal(Signal::TERM);
        process.wait(ENDING).await
    }

    /// Starts again on the same data directory, database and address.
    ///
    /// A process that still runs is killed first.
    pub async fn restart(&mut self) {
        if self.process.is_some() {
            self.kill9().await;
        }
        self.ready.address().clone_into(&mut self.launch.listen);
        let (process, ready, started_in) = self.launch.run().await;
        self.process = Some(process);
        self.ready = ready;
        self.started_in = started_in;
    }

    /// Mints a token with `writ token`.
    pub async fn token(&self, request: TokenRequest<'_>) -> String {
        let mut arguments = vec!["token".to_owned()];
        if let Some(scope) = request.scope {
            arguments.push(format!("--scope={scope}"));
        }
        if let Some(audience) = request.audience {
            arguments.push(format!("--audience={audience}"));
        }
        if let Some(seconds) = request.expires_in {
            arguments.push(format!("--expires-in={seconds}"));
        }
        self.run(&arguments).await.trim().to_owned()
    }

    /// A client whose token has just these scopes.
    pub async fn client_with(&self, scope: &str) -> Client {
        let request = TokenRequest {
            scope: Some(scope),
            ..TokenRequest::default()
        };
        self.anonymous().with_token(&self.token(request).await)
    }

    /// Registers a client with `writ client create`.
    pub async fn create_client(&self, scope: &str) -> ClientCredentials {
        let scope = format!("--scope={scope}");
        let printed = self.run(&["client", "create", &scope, "--json"]).await;
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error} in {printed}"))
    }

    /// Runs a subcommand on the same data directory and database, and returns what it printed.
    pub async fn run(&self, arguments: &[impl AsRef<str>]) -> String {
        let exit = self.try_run(arguments).await;
        assert!(exit.status.success(), "{}\n{}", exit.status, exit.stdout);
        exit.stdout
    }

    /// Runs a subcommand that may fail.
    pub async fn try_run(&self, arguments: &[impl AsRef<str>]) -> Exit {
        self.begin(arguments).end().await
    }

    /// Starts a subcommand on the same data directory and database.
    pub fn begin(&self, arguments: &[impl AsRef<str>]) -> Subcommand {
        let mut all: Vec<OsString> = arguments.iter().map(|one| one.as_ref().into()).collect();
        all.push("--data-dir".into());
        all.push(self.ready.data_dir.clone().into());
        Subcommand::start(&mut self.launch.command(&all), &self.command_log())
    }

    /// What subcommands wrote to standard error, all of them so far.
    pub fn complaints(&self) -> String {
        let log = self.command_log();
        std::fs::read_to_string(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display()))
    }

    fn command_log(&self) -> PathBuf {
        self.launch.world.path().join("command.log")
    }

    /// Changes a variable of the environment for whatever is started from now on; takes it away if
    /// there is no value.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.launch.set(name, value);
    }

    /// Starts again as [`Server::restart`] does, and expects that it gives up; how, and what it
    /// said.
    pub async fn fail_to_restart(&mut self) -> (Exit, String) {
        if self.process.is_some() {
            self.kill9().await;
        }
        self.ready.address().clone_into(&mut self.launch.listen);
        self.launch.fail().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process first, which kills it, so that it does not act on the loss of its Postgres.
        drop(self.process.take());
        process::kill_postgres_below(&self.data_dir());
    }
}
