//! Why a partition stops for good, until somebody looks.

use writ_domain::{Offset, Partition};
use writ_log::Bounds;

/// Deciding on would be wrong. The partition stops; the process and the other partitions go on.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The record was written by a newer release.
    #[error("the record at offset {offset} has envelope version {version}, newer than this build")]
    Newer {
        /// Where.
        offset: Offset,
        /// Its version.
        version: u64,
    },
    /// The log's clock, or ours, is wrong by minutes.
    #[error("the record at offset {offset} lies {ahead_s} s in the future of this process's clock")]
    ClockAhead {
        /// Where.
        offset: Offset,
        /// By how much.
        ahead_s: i64,
    },
    /// The log is not the one that was decided so far.
    #[error("the record before offset {next_offset} is not the one that was decided")]
    AnchorMismatch {
        /// Where the cursor stands.
        next_offset: Offset,
    },
    /// The log lost records that were decided, or does not begin at its beginning.
    #[error("the log holds {bounds}, the cursor of partition {partition} stands at {next_offset}")]
    OutOfBounds {
        /// Which.
        partition: Partition,
        /// Where the cursor stands.
        next_offset: Offset,
        /// What the log holds.
        bounds: Bounds,
    },
    /// The stored state contradicts what was decided on.
    #[error("the store contradicts what was decided on after seq {seq}")]
    Corrupt {
        /// The last seq before the batch.
        seq: u64,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A decision asks again for what was loaded: a bug in what it says it touches.
    #[error("the record at offset {offset} asks again for {key}")]
    AsksAgain {
        /// Where.
        offset: Offset,
        /// For what.
        key: String,
    },
    /// A position would exceed the range of its number.
    #[error("partition {partition} has no positions left")]
    Exhausted {
        /// Which.
        partition: Partition,
    },
    /// The log itself is broken.
    #[error("the log is broken")]
    Log {
        /// How.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
