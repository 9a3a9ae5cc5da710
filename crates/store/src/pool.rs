//! Connections, and the version of the schema.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio_postgres::NoTls;

use crate::Error;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// How the store connects.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections for readers, at most.
    pub pool_size: usize,
    /// How long a reader waits for one.
    pub wait: core::time::Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pool_size: 16,
            wait: core::time::Duration::from_secs(5),
        }
    }
}

/// A pool of connections for readers, cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    config: tokio_postgres::Config,
}

/// Readers' plans. SUBTLE: a plan made on empty tables and kept would scan them whole as they
/// grow; with these it goes by an index whatever the statistics say. Nor is what a look-up found kept
/// for the next: look-ups go by keys that rarely come twice, and an entry is large.
const PLANNER: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
                       -c enable_hashjoin=off -c enable_mergejoin=off -c enable_memoize=off \
                       -c jit=off";

impl Store {
    /// A store at `config`. Nothing is connected yet.
    pub fn new(config: tokio_postgres::Config, options: &Options) -> Result<Self, Error> {
        let mut readers = config.clone();
        let given = config.get_options().unwrap_or_default();
        readers.options(format!("{given} {PLANNER}").trim());
        let manager = Manager::from_config(
            readers,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let wait = Some(options.wait);
        let pool = Pool::builder(manager)
            .max_size(options.pool_size)
            .timeouts(Timeouts {
                wait,
                create: wait,
                recycle: wait,
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|source| Error::Unavailable {
                source: Box::new(source),
            })?;
        Ok(Self { pool, config })
    }

    /// A connection. Statements are prepared once per connection (`prepare_cached`).
    pub async fn client(&self) -> Result<deadpool_postgres::Client, Error> {
        self.pool.get().await.map_err(|source| Error::Unavailable {
            source: Box::new(source),
        })
    }

    /// Where the store is.
    #[must_use]
    pub fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    /// Brings the schema up to this build's; does nothing where it is already.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut client = self.client().await?;
        migrations::migrations::runner()
            .run_async(&mut **client)
            .await
            .map_err(|source| Error::Migrate {
                source: Box::new(source),
            })?;
        Ok(())
    }

    /// Refuses a schema that this build does not know, and a ledger that is not whole.
    pub async fn check_schema(&self) -> Result<(), Error> {
        self.check_version().await?;
        self.check_whole().await
    }

    /// Refuses a schema that this build does not know.
    pub(crate) async fn check_version(&self) -> Result<(), Error> {
        let mut client = self.client().await?;
        let runner = migrations::migrations::runner();
        let known = runner
            .get_migrations()
            .iter()
            .map(refinery::Migration::version)
            .max();
        let applied = runner
            .get_last_applied_migration_async(&mut **client)
            .await
            .map_err(|source| Error::Migrate {
                source: Box::new(source),
            })?
            .map(|migration| migration.version());
        if applied == known {
            return Ok(());
        }
        let problem =
            format!("it has version {applied:?}, the build has {known:?}: run `writ migrate`");
        Err(Error::Schema { problem })
    }
}
