//! A Writ under load, on a database of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use writ_tests::{Database, Exit, Launch, Server};

use crate::options::{Log, Options};
use crate::usage::{Cores, Processes, parent_of};
use crate::wire::Target;

#[derive(Debug)]
pub(crate) struct Stack {
    server: Server,
    database: Database,
    pub(crate) processes: Processes,
}

impl Stack {
    pub(crate) async fn start(log: Log, options: &Options) -> Self {
        let database = Database::fresh().await;
        let launch = Launch::on(database.clone()).setting("WRIT_LOG", "error");
        let launch = match log {
            Log::Postgres => launch,
            Log::Kafka => on_kafka(launch, options),
        };
        let server = launch.start().await;
        let processes = Processes {
            server: server.id(),
            postmaster: postmaster(&database).await,
            kafka: options.kafka_pid.filter(|_| log == Log::Kafka),
        };
        Self {
            server,
            database,
            processes,
        }
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            address: self.server.address().to_owned(),
            token: self.server.ready().token.clone(),
        }
    }

    /// A session in its database.
    pub(crate) async fn connect(&self) -> tokio_postgres::Client {
        self.database.connect().await
    }

    /// How much the database takes on disk.
    pub(crate) async fn database_bytes(&self) -> i64 {
        let size = "SELECT pg_database_size(current_database())";
        let client = self.connect().await;
        let row = client.query_one(size, &[]).await.expect("a size");
        row.get(0)
    }

    /// Lets the statistics be what a database that has been there for a while has.
    pub(crate) async fn analyze(&self) {
        let client = self.connect().await;
        client
            .batch_execute("VACUUM (ANALYZE)")
            .await
            .expect("statistics");
    }

    /// What is used in a span in which nobody asks for anything.
    pub(crate) async fn idle(&self, span: Duration) -> Cores {
        let (before, start) = (self.processes.read(), Instant::now());
        tokio::time::sleep(span).await;
        let after = self.processes.read();
        before.cores_until(&after, start.elapsed())
    }

    /// Runs a subcommand with the settings of the server.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Exit {
        self.server.try_run(arguments).await
    }

    /// Another database for whatever is started from now on.
    pub(crate) fn stand_on(&mut self, database: &Database) {
        self.server.set("DATABASE_URL", Some(database.url()));
    }

    /// Ends the server, if it has not ended yet.
    pub(crate) async fn end(&mut self) {
        if self.server.is_running() {
            let exit = self.server.sigterm().await;
            assert!(exit.status.success(), "writ ended with {}", exit.status);
        }
    }
}

fn on_kafka(launch: Launch, options: &Options) -> Launch {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let brokers = options.kafka.as_deref().expect("--kafka names the brokers");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let prefix = format!("bench-{}-{count}.", now.as_nanos());
    launch
        .setting("WRIT_KAFKA", brokers)
        .setting("WRIT_KAFKA_TOPIC_PREFIX", &prefix)
}

/// The process whose children the backends are, if it runs on this machine.
async fn postmaster(database: &Database) -> Option<u32> {
    let client = database.connect().await;
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
    let backend: i32 = row.expect("a process id").get(0);
    parent_of(u32::try_from(backend).ok()?)
}
