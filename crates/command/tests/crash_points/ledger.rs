//! A ledger on a database of its own, and what outlives its processes.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use tokio_postgres::{Config, NoTls};
use writ_domain::{BucketMap, Offset, Partition, Seq};
use writ_envelope::event::Told;
use writ_log::Log;
use writ_log::memory::{self, MemoryLog};
use writ_log_postgres::{Options, PostgresLog};
use writ_store::Store;
use writ_store::log::BOUNDS;

use crate::book::Book;
use crate::changes::Changes;

/// By which name a process connects for all that has none of its own.
pub(crate) const LIFE: &str = "life";

pub(crate) fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    DateTime::from_timestamp(since.as_secs().try_into().unwrap(), since.subsec_nanos()).unwrap()
}

/// A database with a ledger that has begun, from which others are copied.
pub(crate) struct Template {
    cluster: Config,
    name: String,
    partitions: u16,
}

impl Template {
    pub(crate) async fn make(partitions: u16) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the test stack says where Postgres is"
        )]
        let url =
            std::env::var("WRIT_TEST_DATABASE_URL").expect("`cargo xtask test` starts Postgres");
        let cluster: Config = url.parse().unwrap();
        let (process, stamp) = (std::process::id(), now().timestamp_micros());
        let name = format!("crash_{process}_{stamp}");
        execute(&cluster, &format!("CREATE DATABASE {name}")).await;
        let mut config = cluster.clone();
        config.dbname(&name);
        let store = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        store.migrate().await.unwrap();
        store.begin_ledger(partitions).await.unwrap();
        PostgresLog::create(config, &Options::new(partitions))
            .await
            .unwrap();
        Self {
            cluster,
            name,
            partitions,
        }
    }

    /// A ledger of which nothing is decided.
    pub(crate) async fn ledger(&self) -> Ledger {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{number}", self.name);
        let copy = format!("CREATE DATABASE {name} TEMPLATE {}", self.name);
        execute(&self.cluster, &copy).await;
        let mut config = self.cluster.clone();
        config.dbname(&name);
        let options = writ_store::Options {
            pool_size: 2,
            ..writ_store::Options::default()
        };
        let topic = memory::Options {
            partitions: self.partitions,
            ..memory::Options::default()
        };
        Ledger {
            store: Store::new(config.clone(), &options).unwrap(),
            config,
            changes: Changes(MemoryLog::new(topic, now)),
            book: Book::default(),
            told: Arc::default(),
            map: BucketMap::try_new(self.partitions).unwrap(),
            name,
        }
    }

    /// Takes a ledger away that is needed no more.
    pub(crate) async fn drop_ledger(&self, ledger: Ledger) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", ledger.name);
        execute(&self.cluster, &drop).await;
    }

    /// Takes the template away.
    pub(crate) async fn end(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        execute(&self.cluster, &drop).await;
    }
}

/// A ledger, the topic of its changes, and its clients' book.
pub(crate) struct Ledger {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) changes: Changes,
    pub(crate) book: Book,
    /// The last entry that any process knew to be committed, by partition.
    pub(crate) told: Arc<Mutex<BTreeMap<Partition, Seq>>>,
    /// Which partition has which tenant.
    pub(crate) map: BucketMap,
    pub(crate) name: String,
}

impl Ledger {
    pub(crate) fn partitions(&self) -> impl Iterator<Item = Partition> + use<> {
        (0..self.changes.partitions()).map(Partition)
    }

    /// Where the log ends.
    pub(crate) async fn high(&self, partition: Partition) -> Offset {
        let client = self.store.client().await.unwrap();
        let number = i32::from(partition.0);
        let row = client.query_one(BOUNDS, &[&number]).await.unwrap();
        Offset(u64::try_from(row.get::<_, i64>("high")).unwrap())
    }

    /// Waits until everything that is in the log now is told on the topic of changes.
    pub(crate) async fn all_told(&self) {
        for partition in self.partitions() {
            let high = self.high(partition).await;
            let mut tail = self.changes.tail(partition, Offset(0)).await.unwrap();
            let mut last = 0;
            while last < high.0 {
                for message in tail.next(1_000).await.unwrap() {
                    last = Told::of(&message.record.headers).unwrap().position.seq.0;
                }
            }
        }
    }

    /// Writes down that every partition is halted, as an owner does that finds no log; the log is
    /// there again when somebody looks.
    pub(crate) async fn halt(&self) {
        execute(
            &self.config,
            "UPDATE ledger_cursor SET halted = 'there was no log'",
        )
        .await;
    }

    /// Takes the range away that was made ahead, as if entries had come close to its beginning. What
    /// a process that is dead had sent must not make it again.
    pub(crate) async fn end_range(&self) {
        self.none_connected(LIFE).await;
        execute(&self.config, "DROP TABLE IF EXISTS ledger_entry_1").await;
    }

    /// Whether the topic has messages of which nobody kept that they are told.
    pub(crate) async fn has_untold(&self) -> bool {
        for partition in self.partitions() {
            let high = self.changes.bounds(partition).await.unwrap().high;
            let kept = self.store.relay_cursor(partition).await.unwrap();
            let told = kept.and_then(|kept| kept.offset.next());
            if high > told.unwrap_or(Offset(0)) {
                return true;
            }
        }
        false
    }

    /// Waits until nobody of this name is connected any more, and so carries nothing out.
    async fn none_connected(&self, name: &str) {
        let client = self.store.client().await.unwrap();
        let connected = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1";
        while client
            .query_one(connected, &[&name])
            .await
            .unwrap()
            .get::<_, i64>(0)
            > 0
        {
            // Postgres sees the end of a connection when it next reads from it.
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until no owner is connected any more; whether something is committed then that no
    /// process was told of.
    pub(crate) async fn has_unknown(&self) -> bool {
        self.none_connected("writ-projector").await;
        let client = self.store.client().await.unwrap();
        let cursors = "SELECT partition, seq FROM ledger_cursor";
        let rows = client.query(cursors, &[]).await.unwrap();
        let told = self.told.lock().unwrap();
        rows.iter().any(|row| {
            let partition: i32 = row.get("partition");
            let partition = Partition(partition.try_into().unwrap());
            let last_told = told.get(&partition).map_or(0, |seq| seq.0);
            row.get::<_, i64>("seq") > i64::try_from(last_told).unwrap()
        })
    }
}

async fn execute(config: &Config, statement: &str) {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}
