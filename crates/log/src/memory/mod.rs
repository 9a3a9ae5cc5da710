//! The reference: a log in memory, with a clock that is given and faults to order.
//!
//! For tests and for the simulator. It forgets everything with its last handle.
//!
//! **Shape.** Handles share partitions; a partition is a vector behind a mutex that is never
//! held across an await, and a channel that says "look again".
//!
//! **Correctness.** An append happens under the mutex, whole: its records lie side by side, all of
//! them or none, which is more than a log must promise. A tail looks under the same mutex
//! after it subscribed, so no wake-up falls between looking and waiting.

mod fault;
mod tail;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use tokio::sync::watch;
use writ_domain::{Offset, Partition};

use self::tail::MemoryTail;
use crate::{
    AppendError, Appended, Bounds, Log, Logged, ReadError, Record, Tail, TailError, check_batch,
};

pub use self::fault::{Fault, OrderedFault};

/// Faults that may wait in one partition at a time.
const FAULTS_MAX: usize = 1024;

/// How a memory log is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many partitions.
    pub partitions: u16,
    /// The most bytes that a partition holds; beyond it nothing is appended.
    pub partition_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            partitions: 2,
            partition_bytes_max: 256 * 1024 * 1024,
        }
    }
}

type Clock = dyn Fn() -> DateTime<Utc> + Send + Sync;

/// A handle on a log in memory. Clones are handles on the same log.
#[derive(Clone)]
pub struct MemoryLog {
    partitions: Arc<[MemoryPartition]>,
    partition_bytes_max: usize,
    clock: Arc<Clock>,
}

struct MemoryPartition {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    logged: Vec<Logged>,
    bytes: usize,
    faults: VecDeque<Fault>,
    /// How often the tails were broken; a tail works while it is what it was at its opening.
    breaks: u64,
}

impl MemoryLog {
    /// An empty log that stamps the times of `clock`.
    pub fn new(
        options: Options,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let partition = |_number| MemoryPartition {
            state: Mutex::new(State::default()),
            changed: watch::Sender::new(()),
        };
        Self {
            partitions: (0..options.partitions).map(partition).collect(),
            partition_bytes_max: options.partition_bytes_max,
            clock: Arc::new(clock),
        }
    }

    /// Orders a fault for the next append to `partition` that has none yet.
    ///
    /// Returns whether it was taken: not for a partition that does not exist, nor beyond 1,024.
    #[must_use]
    pub fn order(&self, partition: Partition, fault: Fault) -> bool {
        let Some(partition) = self.partition(partition) else {
            return false;
        };
        let mut state = partition.lock();
        let taken = state.faults.len() < FAULTS_MAX;
        if taken {
            state.faults.push_back(fault);
        }
        taken
    }

    /// Breaks the tails that are open on `partition`: their next answer is `Unavailable`.
    pub fn break_tails(&self, partition: Partition) {
        if let Some(partition) = self.partition(partition) {
            let mut state = partition.lock();
            state.breaks = state.breaks.saturating_add(1);
            drop(state);
            partition.changed.send_replace(());
        }
    }

    /// Loses every record from `high` on, as a log restored from an old copy does.
    pub fn truncate(&self, partition: Partition, high: Offset) {
        if let Some(partition) = self.partition(partition) {
            let mut state = partition.lock();
            state.logged.retain(|logged| logged.offset < high);
            state.bytes = state.logged.iter().map(|logged| logged.record.size()).sum();
            drop(state);
            partition.changed.send_replace(());
        }
    }

    fn partition(&self, partition: Partition) -> Option<&MemoryPartition> {
        self.partitions.get(usize::from(partition.0))
    }

    fn readable(&self, partition: Partition) -> Result<&MemoryPartition, ReadError> {
        let partitions = self.partitions();
        self.partition(partition).ok_or(ReadError::NoSuchPartition {
            partition,
            partitions,
        })
    }
}

#[async_trait]
impl Log for MemoryLog {
    fn partitions(&self) -> u16 {
        u16::try_from(self.partitions.len()).unwrap_or(u16::MAX)
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        let partitions = self.partitions();
        let found = self
            .partition(partition)
            .ok_or(AppendError::NoSuchPartition {
                partition,
                partitions,
            })?;
        let bytes = check_batch(&records)?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let answer = found
            .lock()
            .append(records, bytes, self.partition_bytes_max, &*self.clock);
        found.changed.send_replace(());
        answer
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        let found = self.readable(partition)?;
        let (bounds, breaks) = {
            let state = found.lock();
            (state.bounds(), state.breaks)
        };
        if !bounds.can_follow(from) {
            return Err(TailError::OutOfRange { from, bounds });
        }
        let changed = found.changed.subscribe();
        let log = self.clone();
        Ok(Box::new(MemoryTail {
            log,
            partition,
            from,
            breaks,
            changed,
            broken: None,
        }))
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        Ok(self.readable(partition)?.lock().bounds())
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        let state = self.readable(partition)?.lock();
        Ok(state.from(offset).first().cloned())
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let high: Vec<u64> = self.partitions.iter().map(|p| p.lock().high().0).collect();
        f.debug_struct("MemoryLog")
            .field("high", &high)
            .finish_non_exhaustive()
    }
}

impl MemoryPartition {
    /// A panic elsewhere leaves the state whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn high(&self) -> Offset {
        Offset(u64::try_from(self.logged.len()).unwrap_or(u64::MAX))
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            low: Offset(0),
            high: self.high(),
        }
    }

    /// The records from `offset` on.
    fn from(&self, offset: Offset) -> &[Logged] {
        usize::try_from(offset.0)
            .ok()
            .and_then(|from| self.logged.get(from..))
            .unwrap_or_default()
    }

    fn append(
        &mut self,
        records: Vec<Record>,
        bytes: usize,
        bytes_max: usize,
        clock: &Clock,
    ) -> Result<Vec<Appended>, AppendError> {
        let fault = self.faults.pop_front();
        let total = self.bytes.saturating_add(bytes);
        if total > bytes_max {
            return Err(OrderedFault::not_appended("the memory log is full"));
        }
        let skew = match fault {
            Some(Fault::NotAppended) => {
                return Err(OrderedFault::not_appended("a fault was ordered"));
            }
            Some(Fault::LostBeforeAppend) => return Err(OrderedFault::maybe_appended()),
            Some(Fault::ClockOff(skew)) => skew,
            Some(Fault::LostAfterAppend) | None => TimeDelta::zero(),
        };
        let now = clock();
        let time = now.checked_add_signed(skew).unwrap_or(now).trunc_subsecs(6);
        let mut appended = Vec::with_capacity(records.len());
        for record in records {
            let offset = self.high();
            self.logged.push(Logged {
                offset,
                time,
                record,
            });
            appended.push(Appended { offset, time });
        }
        self.bytes = total;
        match fault {
            Some(Fault::LostAfterAppend) => Err(OrderedFault::maybe_appended()),
            Some(Fault::NotAppended | Fault::LostBeforeAppend | Fault::ClockOff(_)) | None => {
                Ok(appended)
            }
        }
    }
}
