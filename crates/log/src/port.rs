//! The two traits that a log implements.

use core::fmt;

use async_trait::async_trait;
use writ_domain::{Offset, Partition};

use crate::{AppendError, Appended, Logged, ReadError, Record, TailError};

/// An ordered, append-only store of records, in partitions.
///
/// ```text
///   A: append([a1, a2])          ┌────┬────┬────┬────┬────┐
///   B: append([b1])         ───► │ a1 │ b1 │ a2 │ a3 │ …    one of the orders that may be
///   A: append([a3])              └────┴────┴────┴────┴────┘
///                           offset  0    1    2    3    4     never a2 before a1, nor a3 before a2
/// ```
///
/// A log MUST keep these promises, which [`conformance`](crate::conformance) checks:
///
/// - Offsets of a partition are dense from 0. A hole would be a record that nobody decides.
/// - The records of one append keep their order. Another appender's may lie between them.
/// - A record is readable only when every record before it is. A reader that saw 5 before 4
///   would pass over 4 for ever.
/// - An acknowledged append is durable, and visible to every read that is sent afterwards.
/// - Bytes and time come back as they were, on every read. The projector's anchor compares them.
/// - Times have microseconds at the finest.
///
/// A log MUST NOT append again by itself what it cannot prove to be absent: that is
/// [`AppendError::MaybeAppended`], and the command's id settles it.
///
/// Deliberately not promised: that the records of one append lie side by side, or that they are
/// appended all or none. Kafka cannot do that without transactions. The memory log and that of
/// Postgres do (`conformance::batches_lie_side_by_side`); nobody may rest on it.
#[async_trait]
pub trait Log: Send + Sync + fmt::Debug {
    /// How many partitions there are, numbered from 0; fixed at genesis.
    fn partitions(&self) -> u16;

    /// Appends `records` in their order; `Ok` means that all of them are in the log, and where.
    ///
    /// An append that is sent after another one was acknowledged comes after it. To drop the
    /// future is to learn nothing: any of the records may have been appended.
    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError>;

    /// Follows a partition. `from` is the first offset to be returned; it may be `high`.
    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError>;

    /// What the partition holds now.
    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError>;

    /// The record at one offset; `None` where there is none.
    async fn read(&self, partition: Partition, offset: Offset)
    -> Result<Option<Logged>, ReadError>;
}

/// A reader that follows one partition.
///
/// ```text
///   tail(from = 2)     0   1 │ 2   3   4 │ 5            next(3) returns 2, 3, 4
///                            └─ returned ┘ └─ waits     next(3) returns 5 as soon as it is there
/// ```
///
/// A tail returns each record exactly once, in order, without a hole. It MUST NOT reconnect in
/// silence: after an error it stays broken. Whoever opens another compares the record before the
/// first one not yet folded with the one that it remembers, because a log that was away for a
/// moment may come back as another log.
#[async_trait]
pub trait Tail: Send {
    /// Waits until there is a record, then returns what is there: at least one, at most `limit`.
    ///
    /// A `limit` of 0 is taken as 1. Fewer than `limit` may be returned although more are there,
    /// to bound the bytes. Cancel-safe: a future that is dropped has returned nothing, and the
    /// next call returns the same records.
    async fn next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError>;

    /// Returns what is there, without waiting for more: nothing, or as [`next`](Self::next).
    ///
    /// It sees every append that was acknowledged before the call.
    async fn try_next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError>;
}

/// What a partition holds: `low` is the first offset, `high` the one that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The first offset that can be read; `high` where nothing can. 0 unless something was lost.
    pub low: Offset,
    /// The offset that the next record gets.
    pub high: Offset,
}

impl Bounds {
    /// Whether a tail can begin at `offset`.
    #[must_use]
    pub fn can_follow(&self, offset: Offset) -> bool {
        (self.low..=self.high).contains(&offset)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.low, self.high)
    }
}
