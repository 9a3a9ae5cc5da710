//! How a server is started.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use tokio::process::Command;

use super::{Ready, Server};
use crate::database::Database;
use crate::process::{Exit, Process};
use crate::world::World;
use crate::{environment, kafka};

/// Longer than any start should take: fetching a Postgres is within it.
const READY: Duration = Duration::from_secs(150);

/// What is given to `writ up`.
#[derive(Debug)]
pub struct Launch {
    pub(super) world: World,
    pub(super) listen: String,
    database: Option<Database>,
    names_data_dir: bool,
    settings: Vec<(String, String)>,
    arguments: Vec<OsString>,
}

impl Launch {
    /// On a fresh copy of the template, in the test cluster; with its log there too, or in Kafka if
    /// `WRIT_TEST_LOG` says so.
    pub async fn on_fresh_database() -> Self {
        let launch = Self::on(Database::fresh().await);
        if environment::on_kafka() {
            launch.on_kafka(&environment::kafka(), &kafka::prefix())
        } else {
            launch
        }
    }

    /// With its log in topics of these brokers.
    #[must_use]
    pub fn on_kafka(self, brokers: &str, prefix: &str) -> Self {
        self.setting("WRIT_KAFKA", brokers)
            .setting("WRIT_KAFKA_TOPIC_PREFIX", prefix)
    }

    /// On a database that others may use too, with a data directory of its own.
    pub fn on(database: Database) -> Self {
        Self {
            database: Some(database),
            ..Self::embedded(World::plain())
        }
    }

    /// Without a database: it has to run a Postgres of its own.
    pub fn embedded(world: World) -> Self {
        Self {
            world,
            listen: "127.0.0.1:0".to_owned(),
            database: None,
            names_data_dir: true,
            settings: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// Says nothing about directories.
    #[must_use]
    pub fn in_default_directories(mut self) -> Self {
        self.names_data_dir = false;
        self
    }

    /// Adds a variable to the environment.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an argument to `up`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The database that the server is given, if any.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    pub async fn start(self) -> Server {
        let (process, ready, started_in) = self.run().await;
        Server {
            process: Some(process),
            launch: self,
            ready,
            started_in,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        self.settings.retain(|(other, _)| other != name);
        let given = value.map(|value| (name.to_owned(), value.to_owned()));
        self.settings.extend(given);
    }

    /// What a variable was set to.
    pub(super) fn set_to(&self, name: &str) -> Option<&str> {
        let setting = self.settings.iter().find(|(other, _)| other == name);
        setting.map(|(_, value)| value.as_str())
    }

    /// Starts a process that is expected to give up; how it ended, and what it said.
    pub async fn fail(&self) -> (Exit, String) {
        let mut process = self.begin();
        let exit = process.wait(READY).await;
        let errors = process.errors();
        (exit, errors)
    }

    /// Starts the process and waits for its ready line.
    pub(super) async fn run(&self) -> (Process, Ready, Duration) {
        let start = Instant::now();
        let mut process = self.begin();
        let line = process.line(READY).await;
        let started_in = start.elapsed();
        (process, Ready::parse(&line), started_in)
    }

    fn begin(&self) -> Process {
        let mut arguments: Vec<OsString> = ["up", "--json", "--listen", &self.listen]
            .map(OsString::from)
            .into();
        if self.names_data_dir {
            arguments.push("--data-dir".into());
            arguments.push(self.world.path().join("data").into());
        }
        arguments.extend(self.arguments.iter().cloned());
        let errors = self.world.path().join("up.log");
        Process::start(&mut self.command(&arguments), &errors)
    }

    /// A call of `writ` with the database and the settings of this launch.
    pub(super) fn command(&self, arguments: &[OsString]) -> Command {
        let mut command = self.world.command(arguments);
        if let Some(database) = &self.database {
            command.env("DATABASE_URL", database.url());
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}
