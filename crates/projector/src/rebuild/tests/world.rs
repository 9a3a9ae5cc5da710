//! A ledger that was folded live, and another that is to be rebuilt from its log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_postgres::{Config, NoTls};
use tokio_util::sync::CancellationToken;
use writ_domain::{BucketMap, Clock, Partition, Placement, Seq};
use writ_envelope::event::Headers;
use writ_log::memory::{self, MemoryLog};
use writ_log::{Log, Record};
use writ_store::entries::Entry;
use writ_store::{Options as StoreOptions, Store};

use super::dice::Dice;
use crate::share::Share;
use crate::{OnDecided, Options, Owner, Statuses, sweep, verify};

pub(super) const PARTITIONS: u16 = 2;

#[derive(Debug)]
struct SystemTimeClock;

impl Clock for SystemTimeClock {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

pub(super) fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    DateTime::from_timestamp(since.as_secs().try_into().unwrap(), since.subsec_nanos()).unwrap()
}

pub(super) fn new_log() -> Arc<MemoryLog> {
    let options = memory::Options {
        partitions: PARTITIONS,
        ..memory::Options::default()
    };
    Arc::new(MemoryLog::new(options, now))
}

pub(super) fn map() -> BucketMap {
    BucketMap::try_new(PARTITIONS).unwrap()
}

pub(super) fn partitions() -> impl Iterator<Item = Partition> {
    (0..PARTITIONS).map(Partition)
}

/// A store on a new, migrated database.
pub(super) async fn empty() -> Store {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "the stack's address comes by environment"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL")
        .expect("WRIT_TEST_DATABASE_URL names a Postgres: run the tests by `cargo xtask test`");
    let name = format!(
        "refold_{}_{}_{}",
        std::process::id(),
        now().timestamp_micros(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let mut config: Config = url.parse().unwrap();
    execute(&config, &format!("CREATE DATABASE {name}")).await;
    config.dbname(&name);
    let store = Store::new(config, &StoreOptions::default()).unwrap();
    store.migrate().await.unwrap();
    store
}

pub(super) async fn execute(config: &Config, statement: &str) {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

/// The first column of what a query finds.
pub(super) async fn texts(store: &Store, sql: &str) -> Vec<String> {
    let client = store.client().await.unwrap();
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A log, a store, and owners that fold the one into the other.
pub(super) struct Ledger {
    pub(super) log: Arc<MemoryLog>,
    pub(super) store: Store,
    decided: watch::Sender<BTreeMap<Partition, Seq>>,
    pub(super) entries: Arc<Mutex<Vec<Entry>>>,
    stop: CancellationToken,
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Ledger {
    /// A ledger on `store` whose owners fold `log` in batches of at most `batch_records_max`.
    pub(super) async fn own(log: &Arc<MemoryLog>, store: Store, batch_records_max: usize) -> Self {
        store.begin_ledger(PARTITIONS).await.unwrap();
        let ledger = Self {
            log: Arc::clone(log),
            store,
            decided: watch::Sender::default(),
            entries: Arc::default(),
            stop: CancellationToken::new(),
        };
        for partition in partitions() {
            ledger.own_one(partition, batch_records_max);
        }
        ledger
    }

    fn own_one(&self, partition: Partition, batch_records_max: usize) {
        let decided = self.decided.clone();
        let entries = Arc::clone(&self.entries);
        let on_decided: OnDecided = Arc::new(move |batch| {
            let last = batch.last().unwrap().position.seq;
            entries.lock().unwrap().extend(batch);
            decided.send_modify(|seqs| {
                seqs.insert(partition, last);
            });
        });
        let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(&self.log);
        let options = Options {
            batch_records_max,
            known_max: 2_000,
            ..Options::new("one".to_owned())
        };
        let owner = Owner::new(
            partition,
            (log, self.store.config().clone()),
            Arc::new(SystemTimeClock),
            Statuses::default(),
            on_decided,
            (Share::new(PARTITIONS), options),
        );
        #[expect(clippy::disallowed_methods, reason = "the test's own task")]
        tokio::spawn(owner.run(self.stop.clone()));
    }

    /// Appends random records.
    pub(super) async fn append(&self, dice: &mut Dice, count: usize) {
        let mut lots: BTreeMap<Partition, Vec<Record>> = BTreeMap::new();
        for _ in 0..count {
            let (tenant, record) = dice.record(now());
            let lot = lots.entry(map().partition_of(&tenant)).or_default();
            lot.push(record);
        }
        for (partition, records) in lots {
            for lot in records.chunks(1_000) {
                self.log.append(partition, lot.to_vec()).await.unwrap();
            }
        }
    }

    /// Waits until all that is in the log is decided.
    pub(super) async fn decide_all(&self) {
        for partition in partitions() {
            let high = self.log.bounds(partition).await.unwrap().high.0;
            let mut decided = self.decided.subscribe();
            decided
                .wait_for(|seqs| high == 0 || seqs.get(&partition).is_some_and(|seq| seq.0 >= high))
                .await
                .unwrap();
        }
    }

    /// What a relay would have told of the entries, in their order.
    pub(super) fn told(&self) -> Vec<(Partition, Record)> {
        let mut entries = self.entries.lock().unwrap().clone();
        entries.sort_by_key(|entry| entry.position);
        entries.iter().map(told).collect()
    }
}

/// The message of an entry on `writ.changes`.
pub(super) fn told(entry: &Entry) -> (Partition, Record) {
    let placement = Placement {
        position: entry.position,
        tenant_seq: entry.tenant_seq,
        time: entry.time,
    };
    let record = Record {
        key: entry.tenant.as_str().as_bytes().to_vec(),
        value: b"{}".to_vec(),
        headers: Headers::new(&entry.tenant, &placement, &entry.chain).to_list(),
    };
    (entry.position.partition, record)
}

/// A log with these messages.
pub(super) async fn changes(
    messages: impl IntoIterator<Item = (Partition, Record)>,
) -> Arc<dyn Log> {
    let log = new_log();
    for (partition, record) in messages {
        log.append(partition, vec![record]).await.unwrap();
    }
    log
}

/// Every row of every table of a ledger, but what is not folded.
pub(super) async fn rows(store: &Store) -> BTreeMap<String, Vec<String>> {
    const NOT_FOLDED: [&str; 9] = [
        "admin_login",
        "ledger_cursor",
        "ledger_rebuild",
        "log_genesis",
        "log_head",
        "log_record",
        "projector_member",
        "refinery_schema_history",
        "relay_cursor",
    ];
    let tables = "SELECT table_name::text FROM information_schema.tables AS t
        WHERE table_schema = 'public' AND NOT EXISTS (
            SELECT 1 FROM pg_inherits WHERE inhrelid = t.table_name::regclass)";
    let mut rows = BTreeMap::new();
    for table in texts(store, tables).await {
        if NOT_FOLDED.contains(&table.as_str()) {
            continue;
        }
        let all = format!("SELECT t::text FROM {table} AS t ORDER BY 1");
        rows.insert(table, texts(store, &all).await);
    }
    let cursor = "SELECT row(partition, next_offset, seq, chain, log_time, anchor, restoring,
            rules_version)::text
        FROM ledger_cursor ORDER BY partition";
    rows.insert("ledger_cursor".to_owned(), texts(store, cursor).await);
    rows
}

/// Asserts that two ledgers hold the same rows, table by table.
pub(super) async fn assert_same(one: &Store, other: &Store) {
    let (one, other) = (rows(one).await, rows(other).await);
    let names = |rows: &BTreeMap<String, _>| rows.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&one), names(&other));
    assert!(one.len() > 20, "{:?}", names(&one));
    for (table, rows) in &one {
        let differing: Vec<_> = rows
            .iter()
            .zip(&other[table])
            .filter(|(a, b)| a != b)
            .collect();
        assert_eq!(differing.first(), None, "{table}");
        assert_eq!(rows.len(), other[table].len(), "{table}");
    }
}

/// Asserts that no table is empty but `empty`: that there was something to compare.
pub(super) async fn assert_filled(store: &Store, empty: &[&str]) {
    let rows = rows(store).await;
    let found = rows.iter().filter(|(_, rows)| rows.is_empty());
    assert_eq!(found.map(|(table, _)| table).collect::<Vec<_>>(), empty);
}

/// Deletes what is dead.
pub(super) async fn sweep_all(store: &Store) {
    let all: Vec<Partition> = partitions().collect();
    let stop = CancellationToken::new();
    sweep::all(store, &all, &stop).await.unwrap();
}

/// Asserts that the store is what the log folds to.
pub(super) async fn assert_verified(store: &Store, log: &dyn Log) {
    for partition in partitions() {
        let report = verify::partition(store, Some(log), &map(), partition)
            .await
            .unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
        let high = log.bounds(partition).await.unwrap().high.0;
        assert_eq!((report.entries, report.folded), (high, report.views));
    }
}
