//! Why a log was not restored.

use writ_domain::{Offset, Partition, Position};
use writ_log::{AppendError, ReadError, TailError};
use writ_store::ledger;
use writ_store::log::RetireError;

use crate::Halt;

/// The log was not restored. The ledger stands as before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A projector has a partition and keeps it.
    #[error("partition {partition} is owned by a projector that runs: stop it first")]
    Owned {
        /// Which.
        partition: Partition,
    },
    /// The ledger's connection failed, or another owner took a lease.
    #[error("the leases of the ledger were not kept")]
    Lease(#[source] ledger::Error),
    /// The entries could not be read.
    #[error("the ledger could not be read")]
    Store(#[source] writ_store::Error),
    /// The log has another number of partitions, which is fixed at genesis.
    #[error("the log has {log} partitions, which is not what the ledger has")]
    OtherPartitions {
        /// How many the log has.
        log: u16,
    },
    /// An entry is not what its hashes say.
    #[error("entry {position} is damaged ({problem}): run `writ verify`")]
    Entry {
        /// Which.
        position: Position,
        /// What differs.
        problem: &'static str,
    },
    /// The target could not be read.
    #[error("the log cannot be read")]
    Read(#[source] TailError),
    /// The target did not take a record.
    #[error("the log does not take the record of entry {position}")]
    Append {
        /// The first one that was not taken.
        position: Position,
        /// Why.
        source: AppendError,
    },
    /// The target holds something that no entry tells of.
    #[error(
        "the log holds another record at offset {offset} of partition {partition}: stop what \
         appends, empty the log, and run this again"
    )]
    Foreign {
        /// In which partition.
        partition: Partition,
        /// Where.
        offset: Offset,
    },
    /// Somebody else appends to the target.
    #[error(
        "a record landed at offset {found} of partition {partition} and not at {expected}: stop \
         what else appends, empty the log, and run this again"
    )]
    Intruder {
        /// In which partition.
        partition: Partition,
        /// Where it should have landed.
        expected: Offset,
        /// Where it did.
        found: Offset,
    },
    /// The log to copy is not the one that was decided.
    #[error("the old log is not the one that was decided: `writ topics restore` does without it")]
    OldLog(#[source] Halt),
    /// A record of the log to copy is not the one in its entry.
    #[error("the old log has another record than entry {position}: run `writ verify`")]
    OldRecord {
        /// Which.
        position: Position,
    },
    /// The log to copy, or to put aside, holds what was not decided.
    #[error(
        "partition {partition} of the old log holds {records} records that are not decided: stop \
         what appends and let the projector decide them"
    )]
    Undecided {
        /// Which.
        partition: Partition,
        /// How many.
        records: u64,
    },
    /// The older generation in the target was not put aside.
    #[error("the older log in the database was not put aside")]
    Retire(#[source] RetireError),
}

impl From<TailError> for Error {
    fn from(source: TailError) -> Self {
        Self::Read(source)
    }
}

impl From<ReadError> for Error {
    fn from(source: ReadError) -> Self {
        Self::Read(source.into())
    }
}
