//! How far each partition is known to reach, for the tails of this process.

use tokio::sync::watch;
use writ_domain::{Offset, Partition};

/// The highest head that was heard of, by partition. A hint: the tables are the truth.
#[derive(Debug)]
pub(crate) struct Heads(Vec<watch::Sender<Offset>>);

impl Heads {
    pub(crate) fn new(partitions: u16) -> Self {
        Self(
            (0..partitions)
                .map(|_partition| watch::Sender::new(Offset(0)))
                .collect(),
        )
    }

    /// Wakes the tails of a partition, unless they were told as much before.
    pub(crate) fn raise(&self, partition: Partition, head: Offset) {
        if let Some(known) = self.0.get(usize::from(partition.0)) {
            known.send_if_modified(|known| {
                let higher = head > *known;
                if higher {
                    *known = head;
                }
                higher
            });
        }
    }

    pub(crate) fn follow(&self, partition: Partition) -> Option<watch::Receiver<Offset>> {
        self.0
            .get(usize::from(partition.0))
            .map(watch::Sender::subscribe)
    }
}
