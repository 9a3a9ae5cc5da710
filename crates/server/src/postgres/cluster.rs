//! A cluster from nothing, from a clean stop, from a crash, or from a `writ` that was killed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::pid_file::{self, Occupant, PidFile, anybody_in, occupant};
use super::server::Server;
use super::start::Start;
use super::{Account, Error, binaries, initialise};
use crate::config::PostgresChoice;

/// The owner of the cluster.
pub(super) const USER: &str = "writ";
const DATABASE: &str = "writ";
const DATA_DIRECTORY: &str = include_str!("sql/data_directory.sql");
const CREATE_DATABASE: &str = include_str!("sql/create_database.sql");
const LOOK_EVERY: Duration = Duration::from_millis(50);
const GHOSTS_PATIENCE: Duration = Duration::from_secs(30);
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// What a cluster needs to be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// The data directory, canonical; the cluster is below it.
    pub(crate) data_dir: &'a Path,
    pub(crate) password: &'a SecretString,
    pub(crate) choice: &'a PostgresChoice,
    pub(crate) cache: Option<&'a Path>,
    pub(crate) account: &'a Account,
    /// How long a start may take, recovery included.
    pub(crate) patience: Duration,
}

/// A cluster that takes connections.
#[derive(Debug)]
pub(crate) struct Cluster {
    reached: Reached,
    server: Server,
}

/// How a cluster is reached.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    /// By its Unix socket where it has one.
    pub(crate) config: Config,
    /// By TCP, for other programs.
    pub(crate) url: SecretString,
}

impl Cluster {
    pub(crate) fn reached(&self) -> &Reached {
        &self.reached
    }

    #[cfg(test)]
    pub(super) fn pid(&self) -> Option<i32> {
        self.server.pid()
    }

    /// Waits until the server is gone by itself, and says how.
    pub(crate) async fn ended(&mut self) -> String {
        self.server.ended().await
    }

    /// Ends the server.
    pub(crate) async fn stop(self, patience: Duration) {
        self.server.stop(patience).await;
    }
}

impl Options<'_> {
    /// The cluster's canonical directory; what its processes work in, even behind a link.
    fn cluster(&self) -> PathBuf {
        let place = self.data_dir.join("postgres");
        std::fs::canonicalize(&place).unwrap_or(place)
    }

    fn reached(&self, port: u16, socket_dir: Option<&Path>) -> Reached {
        let mut config = Config::new();
        match socket_dir {
            Some(directory) => config.host_path(directory),
            None => config.host("127.0.0.1"),
        };
        let password = self.password.expose_secret();
        config
            .port(port)
            .user(USER)
            .password(password)
            .dbname(DATABASE);
        config
            .application_name("writ")
            .connect_timeout(CONNECT_PATIENCE);
        let url = format!("postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}");
        Reached {
            config,
            url: SecretString::from(url),
        }
    }
}

/// Opens the cluster, making and starting it as far as that is still to be done.
///
/// The caller MUST hold the lock of the data directory.
pub(crate) async fn open(options: Options<'_>, stop: &CancellationToken) -> Result<Cluster, Error> {
    let cluster = options.cluster();
    options.account.check_entry(options.data_dir).await?;
    initialise::tidy(&cluster).await?;
    let made = initialise::release(&cluster)?;
    if made.is_some()
        && let Some(found) = adopt(options, &cluster, stop).await?
    {
        return Ok(found);
    }
    let Options {
        account, patience, ..
    } = options;
    let choice = binaries::choose(options.choice, made, account, options.cache);
    let binaries = stop
        .run_until_cancelled(choice)
        .await
        .ok_or(Error::Stopped)??;
    if made.is_none() {
        let making = initialise::initialise(&cluster, &binaries, account, options.password);
        stop.run_until_cancelled(making)
            .await
            .ok_or(Error::Stopped)??;
    }
    let socket_dir = options.data_dir.join("run");
    prepare_socket_dir(&socket_dir, account)?;
    let log = options.data_dir.join("postgres.log");
    let start = Start {
        cluster: &cluster,
        socket_dir: &socket_dir,
        log: &log,
        binaries: &binaries,
        account,
        patience,
    };
    let server = start.run(stop).await?;
    let file = PidFile::read(&cluster)?;
    match connect(options, &cluster, file).await {
        Ok(reached) => Ok(Cluster { reached, server }),
        Err(error) => {
            server.stop(CONNECT_PATIENCE).await;
            Err(error)
        }
    }
}

/// Reaches a cluster that another process runs.
pub(crate) async fn attach(data_dir: &Path, password: &SecretString) -> Result<Reached, Error> {
    let options = Options {
        data_dir,
        password,
        choice: &PostgresChoice::Auto,
        cache: None,
        account: &Account::Own,
        patience: CONNECT_PATIENCE,
    };
    let cluster = options.cluster();
    match occupant(&cluster)? {
        Occupant::Postgres(file) if file.ready => connect(options, &cluster, Some(file)).await,
        Occupant::Postgres(_) | Occupant::Nobody | Occupant::Stranger(_) => {
            Err(Error::NotRunning { directory: cluster })
        }
    }
}

/// Takes over a server that a killed `writ` left, if there is one.
async fn adopt(
    options: Options<'_>,
    cluster: &Path,
    stop: &CancellationToken,
) -> Result<Option<Cluster>, Error> {
    let began = Instant::now();
    loop {
        match occupant(cluster)? {
            Occupant::Nobody => return Ok(None),
            Occupant::Stranger(pid) => {
                let file = pid_file::path(cluster);
                if !anybody_in(cluster) {
                    warn!(
                        pid,
                        "the cluster's lock file names a process that does not run it"
                    );
                    std::fs::remove_file(&file).map_err(Error::file("remove", &file))?;
                    return Ok(None);
                }
                // Those that a killed server leaves behind notice soon.
                if Instant::now() >= began + GHOSTS_PATIENCE {
                    return Err(Error::Haunted { file, pid });
                }
            }
            Occupant::Postgres(file) if file.ready => {
                let pid = file.pid;
                match connect(options, cluster, Some(file)).await {
                    Ok(reached) => {
                        info!(pid, "took over the postgres that was left running");
                        let server = Server::Found {
                            pid,
                            cluster: cluster.to_owned(),
                        };
                        return Ok(Some(Cluster { reached, server }));
                    }
                    Err(Error::Connect { source })
                        if Instant::now() < began + patience_with(&source, options.patience) => {}
                    Err(error) => return Err(error),
                }
            }
            // It starts, or it stops: either passes.
            Occupant::Postgres(_) if Instant::now() < began + options.patience => {}
            Occupant::Postgres(_) => {
                let log = options.data_dir.join("postgres.log");
                return Err(Error::NotReady {
                    seconds: options.patience.as_secs(),
                    log,
                });
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Err(Error::Stopped),
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

/// Connects, makes sure that this cluster answers, and makes the database if it is not there.
async fn connect(
    options: Options<'_>,
    cluster: &Path,
    file: Option<PidFile>,
) -> Result<Reached, Error> {
    let file = file.ok_or_else(|| Error::NotRunning {
        directory: cluster.to_owned(),
    })?;
    let port = file.port.ok_or_else(|| Error::NotRunning {
        directory: cluster.to_owned(),
    })?;
    let reached = options.reached(port, file.socket_dir.as_deref());
    let found = match directory_served(&reached.config).await {
        Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => {
            // Made at the first start, or at the one after a kill just then.
            let mut config = reached.config.clone();
            config.dbname("postgres");
            let ran = ask(&config, async |client| {
                client.batch_execute(CREATE_DATABASE).await
            })
            .await;
            ran.map_err(|source| Error::MakeDatabase {
                name: DATABASE,
                source,
            })?;
            directory_served(&reached.config).await
        }
        outcome => outcome,
    };
    let found = found.map_err(|source| Error::Connect { source })?;
    if std::fs::canonicalize(&found).is_ok_and(|found| found == cluster) {
        return Ok(reached);
    }
    let address = format!("127.0.0.1:{port}");
    Err(Error::OtherCluster {
        address,
        found,
        wanted: cluster.to_owned(),
    })
}

/// How long an answer to a new connection may stay this one, before it is the last word.
fn patience_with(error: &tokio_postgres::Error, recovery: Duration) -> Duration {
    match error.code() {
        Some(&SqlState::CANNOT_CONNECT_NOW) => recovery,
        // No answer at all: it was killed just now, and is about to go.
        None | Some(&(SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN)) => GHOSTS_PATIENCE,
        Some(_) => Duration::ZERO,
    }
}

async fn directory_served(config: &Config) -> Result<String, tokio_postgres::Error> {
    ask(config, async |client| {
        client.query_one(DATA_DIRECTORY, &[]).await?.try_get(0)
    })
    .await
}

/// One conversation over a connection of its own.
pub(super) async fn ask<T>(
    config: &Config,
    question: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
) -> Result<T, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let conversation = async move {
        let answer = question(&client).await;
        drop(client);
        answer
    };
    // The connection ends when the client is dropped; what breaks it, breaks the question too.
    let (answer, _ended) = tokio::join!(conversation, connection);
    answer
}

/// Makes the directory of the Unix socket, without sockets of servers that are gone.
///
/// SUBTLE: nobody runs the cluster, and nothing else may have a socket there. Postgres would ask
/// whether the process in the old socket's lock file lives, and that number may be another's now.
fn prepare_socket_dir(directory: &Path, account: &Account) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::File {
                doing: "make",
                path: directory.to_owned(),
                source,
            });
        }
        Ok(()) | Err(_) => {}
    }
    for entry in std::fs::read_dir(directory).map_err(Error::file("look into", directory))? {
        let entry = entry.map_err(Error::file("look into", directory))?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b".s.PGSQL.")
        {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        }
    }
    account.own(directory)
}
