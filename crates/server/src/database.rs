//! The Postgres of this process: the operator's own, or the private cluster.

use std::time::Duration;

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::config::Settings;
use crate::credentials::{Credentials, Drawer};
use crate::data_dir::{self, DataDir, Lock};
use crate::postgres::{Account, Cluster, Error, Options, Reached, attach, open};

/// How long Postgres may take to end in order before it is ended like in a crash.
pub(crate) const STOP_PATIENCE: Duration = Duration::from_secs(15);
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);
const TRY_EVERY: Duration = Duration::from_millis(250);

/// How the database is reached.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// For ourselves, by the shortest way.
    pub(crate) config: Config,
    /// For other programs.
    pub(crate) url: SecretString,
}

/// The operator's own, once it takes connections.
pub(crate) async fn external(
    url: &SecretString,
    stop: &CancellationToken,
) -> anyhow::Result<Database> {
    named("database_url", url, stop).await
}

/// The one of a connection string that the operator gave as `name`, once it takes connections.
pub(crate) async fn named(
    name: &str,
    url: &SecretString,
    stop: &CancellationToken,
) -> anyhow::Result<Database> {
    let mut config: Config = url
        .expose_secret()
        .parse()
        .with_context(|| format!("`{name}` is not a connection string"))?;
    anyhow::ensure!(!config.get_hosts().is_empty(), "`{name}` names no host");
    if config.get_application_name().is_none() {
        config.application_name("writ");
    }
    let deadline = Instant::now() + CONNECT_PATIENCE;
    loop {
        let error = match config.connect(NoTls).await {
            // Closed at once: it was to see that there is somebody.
            Ok(_reached) => {
                return Ok(Database {
                    config,
                    url: url.clone(),
                });
            }
            Err(error) => error,
        };
        // It may be starting beside us. What it says itself does not pass by waiting.
        let starting = error.code() == Some(&SqlState::CANNOT_CONNECT_NOW);
        if (error.code().is_some() && !starting) || Instant::now() >= deadline {
            return Err(error)
                .with_context(|| format!("failed to connect to the database of `{name}`"));
        }
        warn!(%error, "the database does not take connections yet");
        if stop.run_until_cancelled(sleep(TRY_EVERY)).await.is_none() {
            return Err(Error::Stopped.into());
        }
    }
}

/// The private cluster. The caller holds the lock of the data directory and keeps the cluster.
pub(crate) async fn private(
    settings: &Settings,
    data_dir: &DataDir,
    credentials: &Credentials,
    account: &Account,
    stop: &CancellationToken,
) -> Result<(Database, Cluster), Error> {
    let options = Options {
        data_dir: data_dir.path(),
        password: credentials.database_password.hidden(),
        choice: &settings.postgres_bin,
        cache: settings.cache_dir.as_deref(),
        account,
        patience: settings.postgres_start_timeout_ms.0,
    };
    let cluster = open(options, stop).await?;
    Ok((Database::from(cluster.reached().clone()), cluster))
}

/// A database for the time of one command.
#[derive(Debug)]
pub(crate) struct Borrowed {
    pub(crate) database: Database,
    /// A cluster that was started for the command, and ends with it.
    started: Option<(Cluster, Lock)>,
}

/// Reaches the database of an installation, whether or not that is running: through the server
/// that `writ up` has, or through one for as long as this takes.
pub(crate) async fn borrow(
    settings: &Settings,
    stop: &CancellationToken,
) -> anyhow::Result<Borrowed> {
    if let Some(url) = &settings.database_url {
        return Ok(Borrowed {
            database: external(url, stop).await?,
            started: None,
        });
    }
    let data_dir = DataDir::open(settings.data_dir()?)?;
    let credentials = Drawer::of(&data_dir).read()?;
    match data_dir.lock() {
        Ok(lock) => {
            let account = Account::choose().await?;
            let (database, cluster) =
                private(settings, &data_dir, &credentials, &account, stop).await?;
            Ok(Borrowed {
                database,
                started: Some((cluster, lock)),
            })
        }
        Err(data_dir::Error::Taken { .. }) => {
            let password = credentials.database_password.hidden();
            let reached = attach(data_dir.path(), password).await?;
            Ok(Borrowed {
                database: reached.into(),
                started: None,
            })
        }
        Err(error) => Err(error.into()),
    }
}

impl Borrowed {
    /// Leaves things as they were found.
    pub(crate) async fn give_back(self) {
        if let Some((cluster, lock)) = self.started {
            cluster.stop(STOP_PATIENCE).await;
            drop(lock);
        }
    }
}

impl From<Reached> for Database {
    fn from(reached: Reached) -> Self {
        Self {
            config: reached.config,
            url: reached.url,
        }
    }
}
