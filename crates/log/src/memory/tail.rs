//! Following a partition of the memory log.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use writ_domain::{Offset, Partition};

use super::{MemoryLog, OrderedFault};
use crate::{BATCH_BYTES_MAX, Logged, Tail, TailError};

pub(super) struct MemoryTail {
    pub(super) log: MemoryLog,
    pub(super) partition: Partition,
    /// The first offset that was not yet returned.
    pub(super) from: Offset,
    /// What the partition's count of breaks was at the opening.
    pub(super) breaks: u64,
    pub(super) changed: watch::Receiver<()>,
    /// Why it is broken; it stays so.
    pub(super) broken: Option<TailError>,
}

impl MemoryTail {
    fn look(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let found = self.take(limit);
        if let Err(error) = &found {
            self.broken = Some(error.clone());
        }
        found
    }

    fn take(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        let state = self.log.readable(self.partition)?.lock();
        if state.breaks != self.breaks {
            let source = Arc::new(OrderedFault::new("the tails were broken"));
            return Err(TailError::Unavailable { source });
        }
        let bounds = state.bounds();
        if !bounds.can_follow(self.from) {
            return Err(TailError::OutOfRange {
                from: self.from,
                bounds,
            });
        }
        let mut bytes: usize = 0;
        let mut taken = Vec::new();
        for logged in state.from(self.from).iter().take(limit.max(1)) {
            bytes = bytes.saturating_add(logged.record.size());
            if bytes > BATCH_BYTES_MAX && !taken.is_empty() {
                break;
            }
            taken.push(logged.clone());
        }
        if let Some(next) = taken.last().and_then(|logged| logged.offset.next()) {
            self.from = next;
        }
        Ok(taken)
    }
}

#[async_trait]
impl Tail for MemoryTail {
    async fn next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        loop {
            // SUBTLE: mark as seen first, look second. The other way round, an append between
            // the two would be marked as seen and waited for.
            self.changed.mark_unchanged();
            let taken = self.look(limit)?;
            if !taken.is_empty() {
                return Ok(taken);
            }
            if self.changed.changed().await.is_err() {
                let source = Arc::new(OrderedFault::new("the memory log is gone"));
                return Err(TailError::Unavailable { source });
            }
        }
    }

    async fn try_next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        self.look(limit)
    }
}
