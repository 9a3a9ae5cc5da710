//! A ledger on a database of its own, the log that it is decided from, and its owners.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use writ_domain::{BucketMap, Clock, Partition, Seq, Submission};
use writ_envelope::Hash;
use writ_log::memory::{self, MemoryLog};
use writ_log::{Log, Record};
use writ_store::entries::{self, Entry, Raw};
use writ_store::{Options as StoreOptions, Store};

use crate::share::Share;
use crate::{OnDecided, Options, Owner, PartitionStatus, Statuses, verify};

/// Of a ledger with one.
pub(super) const PARTITION: Partition = Partition(0);

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

/// An empty log.
pub(super) fn memory(partitions: u16) -> MemoryLog {
    let options = memory::Options {
        partitions,
        ..memory::Options::default()
    };
    MemoryLog::new(options, now)
}

/// Owners, or something else that runs until it is dropped or stopped.
pub(super) struct Running {
    pub(super) stop: CancellationToken,
    tasks: Vec<AbortOnDropHandle<()>>,
}

impl Running {
    #[expect(clippy::disallowed_methods, reason = "the test's own tasks")]
    pub(super) fn start(
        stop: CancellationToken,
        futures: impl IntoIterator<Item = impl Future<Output = ()> + Send + 'static>,
    ) -> Self {
        let spawn = |future| AbortOnDropHandle::new(tokio::spawn(future));
        let tasks = futures.into_iter().map(spawn).collect();
        Self { stop, tasks }
    }

    /// Stops, and waits for the end.
    pub(super) async fn end(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

pub(super) struct Stack {
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Store,
    pub(super) config: tokio_postgres::Config,
    pub(super) statuses: Statuses,
    /// Is notified when entries were decided.
    pub(super) wake: Arc<Notify>,
    pub(super) decided: watch::Sender<BTreeMap<Partition, Seq>>,
    pub(super) entries: Arc<Mutex<Vec<Entry>>>,
}

impl Stack {
    /// A ledger with one partition, on a memory log.
    pub(super) async fn start() -> Self {
        Self::on(Arc::new(memory(1))).await
    }

    /// A ledger of its own on this log.
    pub(super) async fn on(log: Arc<dyn Log>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        #[expect(
            clippy::disallowed_methods,
            reason = "the stack's address comes by environment"
        )]
        let url = std::env::var("WRIT_TEST_DATABASE_URL")
            .expect("WRIT_TEST_DATABASE_URL names a Postgres: run the tests by `cargo xtask test`");
        let name = format!(
            "projector_{}_{}_{}",
            std::process::id(),
            now().timestamp_micros(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        execute(&url.parse().unwrap(), &format!("CREATE DATABASE {name}")).await;
        let mut config: tokio_postgres::Config = url.parse().unwrap();
        config.dbname(&name);
        let store = Store::new(config.clone(), &StoreOptions::default()).unwrap();
        store.migrate().await.unwrap();
        store.begin_ledger(log.partitions()).await.unwrap();
        Self {
            log,
            store,
            config,
            statuses: Statuses::default(),
            wake: Arc::default(),
            decided: watch::Sender::default(),
            entries: Arc::default(),
        }
    }

    pub(super) fn map(&self) -> BucketMap {
        BucketMap::try_new(self.log.partitions()).unwrap()
    }

    pub(super) fn partitions(&self) -> impl Iterator<Item = Partition> + use<> {
        (0..self.log.partitions()).map(Partition)
    }

    /// Owns every partition.
    pub(super) fn own(&self, options: &Options) -> Running {
        let stop = CancellationToken::new();
        let share = Share::new(self.log.partitions());
        let owners = self.partitions().map(|partition| {
            let owner = Owner::new(
                partition,
                (Arc::clone(&self.log), self.config.clone()),
                Arc::new(SystemTimeClock),
                self.statuses.clone(),
                self.on_decided(),
                (share.clone(), options.clone()),
            );
            owner.run(stop.clone())
        });
        Running::start(stop.clone(), owners)
    }

    fn on_decided(&self) -> OnDecided {
        let decided = self.decided.clone();
        let entries = Arc::clone(&self.entries);
        let wake = Arc::clone(&self.wake);
        Arc::new(move |batch: Vec<Entry>| {
            let last = batch.last().unwrap().position;
            entries.lock().unwrap().extend(batch);
            decided.send_modify(|seqs| {
                let seq = seqs.entry(last.partition).or_insert(Seq::ZERO);
                *seq = last.seq.max(*seq);
            });
            wake.notify_one();
        })
    }

    /// Appends each submission to the partition of its tenant.
    pub(super) async fn append(&self, submissions: &[Submission]) {
        let map = self.map();
        for partition in self.partitions() {
            let records: Vec<Record> = submissions
                .iter()
                .filter(|submission| map.partition_of(&submission.stamp.tenant) == partition)
                .map(record)
                .collect();
            self.log.append(partition, records).await.unwrap();
        }
    }

    /// Waits until this is decided.
    pub(super) async fn decided_at(&self, partition: Partition, seq: u64) {
        let mut decided = self.decided.subscribe();
        decided
            .wait_for(|seqs| seq == 0 || seqs.get(&partition).is_some_and(|at| at.0 >= seq))
            .await
            .unwrap();
    }

    /// The same in the only partition.
    pub(super) async fn decided(&self, seq: u64) {
        self.decided_at(PARTITION, seq).await;
    }

    /// Waits until all that the log holds is decided.
    pub(super) async fn decide_all(&self) {
        for partition in self.partitions() {
            let high = self.log.bounds(partition).await.unwrap().high;
            self.decided_at(partition, high.0).await;
        }
    }

    /// Verifies every partition with the log as it is now.
    pub(super) async fn verify_all(&self) -> Vec<verify::Report> {
        let mut reports = Vec::new();
        for partition in self.partitions() {
            let report =
                verify::partition(&self.store, Some(&*self.log), &self.map(), partition).await;
            reports.push(report.unwrap());
        }
        reports
    }

    pub(super) async fn verify(&self) -> verify::Report {
        self.verify_all().await.swap_remove(0)
    }

    /// Every entry of a partition.
    pub(super) async fn raw(&self, partition: Partition) -> Vec<Raw> {
        let mut found: Vec<Raw> = Vec::new();
        loop {
            let next = Seq(u64::try_from(found.len()).unwrap() + 1);
            let page = entries::scan(&self.store, partition, next, 1_000)
                .await
                .unwrap();
            if page.is_empty() {
                return found;
            }
            found.extend(page);
        }
    }

    /// The hash of each entry of a partition.
    pub(super) async fn chain(&self, partition: Partition) -> Vec<Hash> {
        let raw = self.raw(partition).await;
        raw.into_iter().map(|entry| entry.chain).collect()
    }

    /// Waits until the status of a partition is as asked for.
    pub(super) async fn status(
        &self,
        partition: Partition,
        is: impl Fn(&PartitionStatus) -> bool,
    ) -> PartitionStatus {
        loop {
            if let Some(status) = self.statuses.all().get(&partition)
                && is(status)
            {
                return status.clone();
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a partition is halted, and says why.
    pub(super) async fn halted(&self, partition: Partition) -> String {
        let status = self.status(partition, |status| status.halted.is_some());
        status.await.halted.unwrap()
    }
}

pub(super) async fn execute(config: &tokio_postgres::Config, statement: &str) {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

pub(super) fn record(submission: &Submission) -> Record {
    Record {
        key: writ_envelope::encode_key(&submission.stamp.tenant),
        value: writ_envelope::encode(submission),
        headers: Vec::new(),
    }
}
