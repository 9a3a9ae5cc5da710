//! What can go wrong with a log, by what the caller can do about it.

use std::sync::Arc;

use writ_domain::{Offset, Partition};

use crate::Bounds;

/// Why. Shared, because one lost connection answers many callers.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// An append that was not acknowledged: the three kinds of "no".
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// Nothing was appended and nothing will be; the caller may try again.
    #[error("nothing was appended")]
    NotAppended {
        /// Why.
        source: Cause,
    },
    /// Any of the records may have been appended, or will be: all, some or none.
    ///
    /// Only reading the log can tell. Those that were are in their order. The caller MUST NOT
    /// append them again under another command id: they might have effect twice.
    #[error("it is not known whether anything was appended")]
    MaybeAppended {
        /// Why.
        source: Cause,
    },
    /// A record, or all of them together, is over a limit. Nothing was appended.
    #[error("over the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit that was passed.
        limit_bytes: usize,
    },
    /// More records than one append may have. Nothing was appended.
    #[error("over the limit of {limit_records} records in one append")]
    TooMany {
        /// The limit that was passed.
        limit_records: usize,
    },
    /// The log has no such partition. Nothing was appended.
    #[error("the log has {partitions} partitions and none is numbered {partition}")]
    NoSuchPartition {
        /// What was asked for.
        partition: Partition,
        /// How many there are.
        partitions: u16,
    },
}

/// A look at the log that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The log could not be asked. Another try may succeed.
    #[error("the log cannot be read now")]
    Unavailable {
        /// Why.
        source: Cause,
    },
    /// The log is not there, as whoever keeps it says. One that is there later may be another one.
    #[error("the log is not there")]
    Missing {
        /// Who says so.
        source: Cause,
    },
    /// What the log holds is not what any appender can have written.
    #[error("the log is broken at offset {offset} of partition {partition}: {problem}")]
    Corrupt {
        /// Where.
        partition: Partition,
        /// Where in it.
        offset: Offset,
        /// What is wrong there.
        problem: String,
    },
    /// The log has no such partition.
    #[error("the log has {partitions} partitions and none is numbered {partition}")]
    NoSuchPartition {
        /// What was asked for.
        partition: Partition,
        /// How many there are.
        partitions: u16,
    },
}

/// A tail that cannot go on. It MUST be dropped.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TailError {
    /// The log does not hold what comes next: it was truncated, or is another log.
    #[error("offset {from} is outside the log, which holds {bounds}")]
    OutOfRange {
        /// The first offset that was not yet read.
        from: Offset,
        /// What the log holds.
        bounds: Bounds,
    },
    /// The log could not be asked. Another tail may succeed.
    #[error("the log cannot be read now")]
    Unavailable {
        /// Why.
        source: Cause,
    },
    /// The log is not there, as whoever keeps it says. One that is there later may be another one.
    #[error("the log is not there")]
    Missing {
        /// Who says so.
        source: Cause,
    },
    /// What the log holds is not what any appender can have written.
    #[error("the log is broken at offset {offset} of partition {partition}: {problem}")]
    Corrupt {
        /// Where.
        partition: Partition,
        /// Where in it.
        offset: Offset,
        /// What is wrong there.
        problem: String,
    },
    /// The log has no such partition.
    #[error("the log has {partitions} partitions and none is numbered {partition}")]
    NoSuchPartition {
        /// What was asked for.
        partition: Partition,
        /// How many there are.
        partitions: u16,
    },
}

impl From<ReadError> for TailError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable { source } => Self::Unavailable { source },
            ReadError::Missing { source } => Self::Missing { source },
            ReadError::Corrupt {
                partition,
                offset,
                problem,
            } => Self::Corrupt {
                partition,
                offset,
                problem,
            },
            ReadError::NoSuchPartition {
                partition,
                partitions,
            } => Self::NoSuchPartition {
                partition,
                partitions,
            },
        }
    }
}
