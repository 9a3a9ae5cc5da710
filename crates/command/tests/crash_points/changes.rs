//! The topic of changes: a log in memory that outlives every process.

use async_trait::async_trait;
use tokio::task::yield_now;
use writ_domain::{Offset, Partition};
use writ_log::memory::MemoryLog;
use writ_log::{AppendError, Appended, Bounds, Log, Logged, ReadError, Record, Tail, TailError};

/// A log whose appends are there before they are answered, as those of any log that is elsewhere.
///
/// The log in memory answers in the same breath, and nobody could be cut off between the two.
#[derive(Debug, Clone)]
pub(crate) struct Changes(pub(crate) MemoryLog);

#[async_trait]
impl Log for Changes {
    fn partitions(&self) -> u16 {
        self.0.partitions()
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        let answer = self.0.append(partition, records).await;
        // The topic has them; the answer is on its way.
        yield_now().await;
        answer
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        self.0.tail(partition, from).await
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.0.bounds(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        self.0.read(partition, offset).await
    }
}
