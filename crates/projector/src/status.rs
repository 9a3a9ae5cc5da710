//! What an owner tells of itself: for readiness and for people.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use writ_domain::{Offset, Partition, Seq};

/// How a partition stands in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionStatus {
    /// Whether this process owns it.
    pub owned: bool,
    /// The first offset that is not decided.
    pub next_offset: Offset,
    /// The last seq decided.
    pub seq: Seq,
    /// Why it stopped, if it did.
    pub halted: Option<String>,
    /// How far its changes are told; `None` if this process does not tell them.
    pub relayed: Option<Relayed>,
}

/// How far the changes of a partition are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relayed {
    /// The last entry that is told.
    pub seq: Seq,
    /// Why telling stopped, until it goes on.
    pub problem: Option<String>,
}

impl PartitionStatus {
    /// How many entries are decided here and not yet told.
    #[must_use]
    pub fn relay_lag(&self) -> Option<u64> {
        let relayed = self.relayed.as_ref()?;
        Some(self.seq.0.saturating_sub(relayed.seq.0))
    }
}

/// The statuses of the partitions of this process, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Statuses(Arc<Mutex<BTreeMap<Partition, PartitionStatus>>>);

impl Statuses {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> BTreeMap<Partition, PartitionStatus> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn halted(&self, partition: Partition) -> Option<String> {
        self.of(partition, |status| status.halted.clone()).flatten()
    }

    pub(crate) fn is_owned(&self, partition: Partition) -> bool {
        self.of(partition, |status| status.owned).unwrap_or(false)
    }

    fn of<T>(&self, partition: Partition, ask: impl FnOnce(&PartitionStatus) -> T) -> Option<T> {
        let statuses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statuses.get(&partition).map(ask)
    }

    pub(crate) fn update(&self, partition: Partition, change: impl FnOnce(&mut PartitionStatus)) {
        let mut statuses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(statuses.entry(partition).or_insert(PartitionStatus {
            owned: false,
            next_offset: Offset(0),
            seq: Seq::ZERO,
            halted: None,
            relayed: None,
        }));
    }
}
