//! The connections of a run: one that controls it, others that work for it.
//!
//! **Correctness.** The controlling connection holds the lock by which there is one run at a time.
//! If it is lost the next run may begin, while others of the old one are still alive. The next run
//! therefore ends them all before it does anything; and one that was opened is not used before the
//! control was heard of again, so that none can come later.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::Error;

/// A connection that ends with its handle.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    driver: tokio::task::JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Nothing is acknowledged before the end, which is committed for good.
const SETTINGS: &str = "
    SET synchronous_commit = off;
    SET statement_timeout = 0;
    SET lock_timeout = '10s';
    SET jit = off;
    SET maintenance_work_mem = '256MB';
    SET max_parallel_maintenance_workers = 0;
";

/// Where unqualified names are looked for: in `$1`, then in `$2`.
const SEARCH: &str = include_str!("sql/search.sql");
const LIVE_SCHEMA: &str = include_str!("sql/live_schema.sql");

const LOCK: &str = include_str!("sql/lock.sql");
const END_ORPHANS: &str = include_str!("sql/end_orphans.sql");
/// How long the lock is waited for: until Postgres has noticed that an earlier run is gone.
const LOCK_WAIT: &str = "SET lock_timeout = '1s'";

impl Connection {
    /// Takes control: what runs is refused, and what is left of an earlier run is ended.
    pub(super) async fn control(config: &Config) -> Result<Self, super::Error> {
        let control = Self::open(config, "writ-rebuild").await?;
        control.run("store.rebuild.lock_wait", LOCK_WAIT).await?;
        match control.client.query_one(LOCK, &[]).await {
            Ok(_) => {}
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                return Err(super::Error::Busy);
            }
            Err(error) => return Err(Error::statement("store.rebuild.lock")(error).into()),
        }
        control.run("store.rebuild.settings", SETTINGS).await?;
        let failed = Error::statement("store.rebuild.end_orphans");
        let row = control.client.query_one(END_ORPHANS, &[]).await;
        let alive: i64 = row.and_then(|row| row.try_get("alive")).map_err(failed)?;
        if alive > 0 {
            return Err(super::Error::Busy);
        }
        Ok(control)
    }

    /// A connection that works under this control. `search` says which schemas names are looked
    /// for in.
    pub(super) async fn worker(
        &self,
        config: &Config,
        search: Option<(&str, &str)>,
    ) -> Result<Self, Error> {
        let worker = Self::open(config, "writ-rebuild-work").await?;
        // SUBTLE: after the other was opened. Who takes control from now on finds it and ends it.
        self.run("store.rebuild.control", "SELECT 1").await?;
        if let Some((first, second)) = search {
            worker.search(first, second).await?;
        }
        Ok(worker)
    }

    /// Looks for names in one schema, then in another.
    pub(super) async fn search(&self, first: &str, second: &str) -> Result<(), Error> {
        self.client
            .query_one(SEARCH, &[&first, &second])
            .await
            .map(drop)
            .map_err(Error::statement("store.rebuild.search"))
    }

    async fn open(config: &Config, name: &str) -> Result<Self, Error> {
        let mut config = config.clone();
        config.application_name(name);
        let (client, connection) =
            config
                .connect(NoTls)
                .await
                .map_err(|source| Error::Unavailable {
                    source: Box::new(source),
                })?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the connection owns and aborts its driver"
        )]
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection of the rebuild ended");
            }
        });
        let opened = Self { client, driver };
        opened.run("store.rebuild.settings", SETTINGS).await?;
        Ok(opened)
    }

    /// The schema in which the live tables stand.
    pub(super) async fn live_schema(&self) -> Result<String, Error> {
        let failed = Error::statement("store.rebuild.live_schema");
        let row = self
            .client
            .query_one(LIVE_SCHEMA, &[])
            .await
            .map_err(failed)?;
        row.try_get("name").map_err(failed)
    }

    /// Runs statements that take no parameters and answer nothing.
    pub(super) async fn run(&self, name: &'static str, sql: &str) -> Result<(), Error> {
        self.client
            .batch_execute(sql)
            .await
            .map_err(Error::statement(name))
    }
}
