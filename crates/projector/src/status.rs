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

    pub(crate) fn update(&self, partition: Partition, change: impl FnOnce(&mut PartitionStatus)) {
        let mut statuses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(statuses.entry(partition).or_insert(PartitionStatus {
            owned: false,
            next_offset: Offset(0),
            seq: Seq::ZERO,
            halted: None,
        }));
    }
}
