//! Logs that do what real ones do at the worst moment.

use core::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use writ_domain::{Offset, Partition};
use writ_log::memory::MemoryLog;
use writ_log::{AppendError, Appended, Bounds, Log, Logged, ReadError, Record, Tail, TailError};

/// A log that is exchanged for another while it is in use, as a topic is that is made anew.
#[derive(Debug)]
pub(super) struct Exchanged {
    log: Mutex<MemoryLog>,
    away: Mutex<Option<ReadError>>,
    asked: AtomicU64,
}

impl Exchanged {
    pub(super) fn new(log: MemoryLog) -> Self {
        Self {
            log: Mutex::new(log),
            away: Mutex::default(),
            asked: AtomicU64::default(),
        }
    }

    pub(super) fn now(&self) -> MemoryLog {
        self.log.lock().unwrap().clone()
    }

    /// Puts another log in its place; tails of the old one end.
    pub(super) fn exchange(&self, log: MemoryLog) {
        let old = core::mem::replace(&mut *self.log.lock().unwrap(), log);
        for partition in (0..old.partitions()).map(Partition) {
            old.break_tails(partition);
        }
    }

    /// From now on it cannot be read, with this error; or it can again.
    pub(super) fn away(&self, error: Option<ReadError>) {
        *self.away.lock().unwrap() = error;
        self.exchange(self.now());
    }

    /// How often somebody has asked while it was away.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    fn here(&self) -> Result<MemoryLog, ReadError> {
        let Some(error) = self.away.lock().unwrap().clone() else {
            return Ok(self.now());
        };
        self.asked.fetch_add(1, Ordering::SeqCst);
        Err(error)
    }
}

#[async_trait]
impl Log for Exchanged {
    fn partitions(&self) -> u16 {
        self.now().partitions()
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        self.now().append(partition, records).await
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        self.here()?.tail(partition, from).await
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.here()?.bounds(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        self.here()?.read(partition, offset).await
    }
}

/// What happens before or after an append, given its number from 0.
pub(super) type Hook = Box<dyn Fn(u64) -> BoxFuture<'static, ()> + Send + Sync>;

/// A log whose appends are interfered with.
pub(super) struct Hooked {
    pub(super) log: MemoryLog,
    pub(super) before: Hook,
    pub(super) after: Hook,
    count: AtomicU64,
}

impl fmt::Debug for Hooked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.log.fmt(f)
    }
}

/// Nothing happens.
pub(super) fn nothing() -> Hook {
    Box::new(|_| Box::pin(async {}))
}

impl Hooked {
    pub(super) fn new(log: MemoryLog, before: Hook, after: Hook) -> Self {
        let count = AtomicU64::new(0);
        Self {
            log,
            before,
            after,
            count,
        }
    }

    pub(super) fn appends(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Log for Hooked {
    fn partitions(&self) -> u16 {
        self.log.partitions()
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        (self.before)(number).await;
        let appended = self.log.append(partition, records).await;
        (self.after)(number).await;
        appended
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        self.log.tail(partition, from).await
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.log.bounds(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        self.log.read(partition, offset).await
    }
}

/// Everything that a partition holds.
pub(super) async fn all(log: &dyn Log, partition: Partition) -> Vec<Logged> {
    let high = log.bounds(partition).await.unwrap().high;
    let mut tail = log.tail(partition, Offset(0)).await.unwrap();
    let mut found: Vec<Logged> = Vec::new();
    while found.len() < usize::try_from(high.0).unwrap() {
        found.extend(tail.next(1_000).await.unwrap());
    }
    found
}

/// The same without times.
pub(super) async fn records(log: &dyn Log, partition: Partition) -> Vec<Record> {
    let all = all(log, partition).await;
    all.into_iter().map(|logged| logged.record).collect()
}
